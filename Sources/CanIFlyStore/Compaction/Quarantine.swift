internal import StoreFiles

/// The folder in the control directory where things go that may be of no use any more, for a while,
/// rather than being removed at once.
///
/// A thing's name there begins with when it came, so that its own modification time is left alone:
/// `20261101T120000Z-1-config.json.tmp`. A slash in its former name is a `%2F`.
struct Quarantine: ~Copyable {
    private let system: any SystemCalls
    private let control: Descriptor
    /// Nil as long as it is not needed and not there.
    private var folder: OwnedDescriptor?

    init(system: any SystemCalls, control: Descriptor) throws(StoreError) {
        self.system = system
        self.control = control
        do throws(Errno) {
            folder = try system.openOwned(
                ControlNames.quarantine, in: control, [.read, .directory])
        } catch .noEntry {
            folder = nil
        } catch {
            throw StoreError(error, cannot: "open the quarantine")
        }
    }

    /// Moves a file of the store here. It is never without a name: a power cut may leave it with both.
    mutating func take(
        _ file: StorePath, of root: Descriptor, at now: Timestamp
    ) throws(StoreError) {
        let folder = try openOrMake()
        do throws(Errno) {
            let parent = try system.openOwned(
                file.parent?.text ?? ".", in: root, [.read, .directory])
            let name = try freeName(for: file, at: now, in: folder)
            let opened = try system.openOwned(
                file.name, in: parent.descriptor, [.read, .nonBlocking])
            guard try system.status(of: opened.descriptor).kind == .regular else { return }
            do throws(Errno) {
                try system.link(file.name, in: parent.descriptor, to: name, in: folder)
                try system.synchronize(folder)
                try system.unlink(file.name, in: parent.descriptor)
            } catch  where error == .notSupported || error == .notPermitted {
                try system.rename(
                    file.name, in: parent.descriptor, to: name, in: folder, .noReplace)
                try system.synchronize(folder)
            }
            try system.setMode(of: opened.descriptor, to: .privateFile)
            try system.synchronize(parent.descriptor)
        } catch {
            throw StoreError(error, cannot: "move to the quarantine", document: file)
        }
    }

    /// What lies here, with when it came; nil for what came otherwise.
    func contents() throws(StoreError) -> [(name: String, bytes: Int64, came: Timestamp?)] {
        guard let folder = folderDescriptor else { return [] }
        do throws(Errno) {
            var contents: [(name: String, bytes: Int64, came: Timestamp?)] = []
            for entry in try system.entries(of: folder) {
                guard let name = String(validating: entry.name, as: UTF8.self) else { continue }
                let status = try system.status(of: name, in: folder)
                guard status.kind == .regular else { continue }
                contents.append((name, status.size, Self.arrival(of: name)))
            }
            return contents.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        } catch {
            throw StoreError(error, cannot: "look into the quarantine")
        }
    }

    /// Removes something for good.
    func remove(_ name: String) throws(StoreError) {
        guard let folder = folderDescriptor else { return }
        do throws(Errno) {
            try system.unlink(name, in: folder)
        } catch {
            throw StoreError(error, cannot: "empty the quarantine")
        }
    }

    // MARK: The folder

    private var folderDescriptor: Descriptor? {
        switch folder {
        case .some(let folder): folder.descriptor
        case .none: nil
        }
    }

    private mutating func openOrMake() throws(StoreError) -> Descriptor {
        if let folder = folderDescriptor { return folder }
        do throws(Errno) {
            do throws(Errno) {
                try system.makeDirectory(
                    ControlNames.quarantine, in: control, mode: .privateDirectory)
            } catch .exists {}
            try system.synchronize(control)
            let opened = try system.openOwned(
                ControlNames.quarantine, in: control, [.read, .directory])
            let descriptor = opened.descriptor
            folder = consume opened
            return descriptor
        } catch {
            throw StoreError(error, cannot: "make the quarantine")
        }
    }

    // MARK: Names

    private func freeName(
        for file: StorePath, at now: Timestamp, in folder: Descriptor
    ) throws(Errno) -> String {
        var shown = ""
        for scalar in file.text.unicodeScalars {
            if scalar == "/" { shown += "%2F" } else { shown.unicodeScalars.append(scalar) }
        }
        // The end tells most; a component has room for 255 bytes.
        while shown.utf8.count > 180 { shown.removeFirst() }
        var number = 1
        while true {
            let name = "\(Self.compact(now))-\(number)-\(shown)"
            do throws(Errno) {
                _ = try system.status(of: name, in: folder)
                number += 1
            } catch .noEntry {
                return name
            }
        }
    }

    /// `20261101T120000Z`.
    private static func compact(_ time: Timestamp) -> String {
        let text = Timestamp(seconds: time.seconds).rfc3339
        return String(text.unicodeScalars.filter { $0 != "-" && $0 != ":" })
    }

    private static func arrival(of name: String) -> Timestamp? {
        let bytes = Array(name.utf8.prefix(16))
        guard bytes.count == 16 else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        func part(_ from: Int, _ count: Int) -> Substring {
            let start = text.index(text.startIndex, offsetBy: from)
            return text[start..<text.index(start, offsetBy: count)]
        }
        guard text.unicodeScalars.count == 16 else { return nil }
        return Timestamp(
            rfc3339: "\(part(0, 4))-\(part(4, 2))-\(part(6, 2))T\(part(9, 2)):\(part(11, 2)):"
                + "\(part(13, 2))Z")
    }
}
