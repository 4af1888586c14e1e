internal import StoreFiles

/// The documents of a store as a migration finds them. Each is read once.
final class StoreMigrationSource: MigrationSource {
    private let files: DocumentFiles
    /// As it was given.
    private let storePath: String
    let paths: [StorePath]
    private(set) var live: [StorePath: LiveDocument?] = [:]

    /// - Parameter documents: all of the store's documents.
    init(
        files: DocumentFiles, storePath: String, documents: [StorePath]
    ) throws(StoreError) {
        self.files = files
        self.storePath = storePath
        paths = documents + (try Self.keptFiles(files))
    }

    func read(_ path: StorePath) throws(StoreError) -> MigrationDocument? {
        guard let live = try readLive(path) else { return nil }
        return MigrationDocument(bytes: live.bytes, mode: live.status.mode)
    }

    func readLive(_ path: StorePath) throws(StoreError) -> LiveDocument? {
        if let known = live[path] { return known }
        let found = try files.read(path)
        live.updateValue(found, forKey: path)
        return found
    }

    private static func keptFiles(_ files: DocumentFiles) throws(StoreError) -> [StorePath] {
        do throws(Errno) {
            let folder = try files.system.openOwned(
                ControlNames.keptPath.text, in: files.root, [.read, .directory])
            let walked = try files.system.walk(
                folder.descriptor, WalkEverything(withStatus: false))
            for case .system(let cause) in walked.problems.map(\.reason) { throw cause }
            return walked.entries.compactMap { entry in
                guard case .safe(let path) = entry.path, entry.kind == .regular else { return nil }
                return StorePath(unchecked: "\(ControlNames.keptPath.text)/\(path.text)")
            }
        } catch .noEntry {
            return []
        } catch {
            throw StoreError(error, cannot: "list what is kept")
        }
    }

    // MARK: Beside the store

    /// A plan is a few hundred bytes; what is larger is none.
    private static let largestPlan = 1 << 20

    func plansBesideStore() throws(StoreError) -> [(name: String, bytes: [UInt8])] {
        let system = files.system
        do throws(Errno) {
            let folder = OwnedDescriptor(
                try system.openDirectory(at: Self.folderOfPlans(besideStore: storePath)), system)
            var plans: [(name: String, bytes: [UInt8])] = []
            for entry in try system.entries(of: folder.descriptor) {
                guard let name = String(validating: entry.name, as: UTF8.self),
                    name.utf8.reversed().starts(with: ".txt".utf8.reversed()),
                    (try? StorePath(name)) != nil
                else { continue }
                do throws(FileAccessError) {
                    plans.append(
                        (
                            name,
                            try system.readWhole(
                                name, in: folder.descriptor, limitBytes: Self.largestPlan)
                        ))
                } catch {
                    if case .system(let cause) = error, cause != .noEntry { throw cause }
                }
            }
            return plans.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        } catch .noEntry, .notDirectory {
            return []
        } catch {
            throw StoreError(error, cannot: "read the plans beside the store, in ../plans")
        }
    }
}

extension StoreMigrationSource {
    /// `plans` in the directory that the store's name stands in. Where the store is a link, that is
    /// where the link lies, as it was for the application.
    static func folderOfPlans(besideStore path: String) -> String {
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let name = bytes[start...]
        if name.isEmpty || name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) {
            return path + "/../plans"
        }
        return String(decoding: bytes[..<start], as: UTF8.self) + "plans"
    }
}

/// Documents with others in their place: nil for one that is to be absent.
struct OverlaidSource: MigrationSource {
    let base: any MigrationSource
    let overlay: [StorePath: MigrationDocument?]
    let paths: [StorePath]

    init(_ base: any MigrationSource, overlay: [StorePath: MigrationDocument?]) {
        self.base = base
        self.overlay = overlay
        var paths = Set(base.paths)
        for (path, document) in overlay {
            if document == nil { paths.remove(path) } else { paths.insert(path) }
        }
        self.paths = Array(paths)
    }

    func read(_ path: StorePath) throws(StoreError) -> MigrationDocument? {
        if let document = overlay[path] { return document }
        return try base.read(path)
    }

    func plansBesideStore() throws(StoreError) -> [(name: String, bytes: [UInt8])] {
        try base.plansBesideStore()
    }
}
