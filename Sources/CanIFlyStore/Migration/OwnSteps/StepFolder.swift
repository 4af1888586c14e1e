internal import StoreFiles

/// Finds the step files of a store.
enum StepFolder {
    private static let largestFile = 16 << 20

    /// The steps in a folder, by number; none where there is no `.canifly-store/migrations`.
    /// - Parameter folder: nil for the store's own.
    /// - Throws: `notFound` for a folder that was named and is not there, `configuration` for files
    ///   that are no steps, two of one number, and a gap.
    static func read(
        _ folder: String?, system: any SystemCalls, root: Descriptor
    ) throws(StoreError) -> [OwnStepFile] {
        var files: [OwnStepFile] = []
        for (name, bytes) in try contents(of: folder, system: system, root: root) {
            files.append(try OwnStepFile(name: name, bytes: bytes))
        }
        files.sort { $0.number < $1.number }
        for (earlier, later) in zip(files, files.dropFirst()) {
            if earlier.number == later.number {
                throw StoreError(
                    .configuration, code: "step-twice",
                    "\(earlier.name) (sha256 \(earlier.digest.hexadecimal)) and \(later.name) "
                        + "(sha256 \(later.digest.hexadecimal)) both lead to layout "
                        + "\(later.number)",
                    hint: "give one of them another number")
            }
            if earlier.number + 1 != later.number {
                throw StoreError(
                    .configuration, code: "step-missing",
                    "there is no step between \(earlier.name) (sha256 "
                        + "\(earlier.digest.hexadecimal)) and \(later.name) (sha256 "
                        + "\(later.digest.hexadecimal))",
                    hint: "add \(OwnStepFile.prefix(earlier.number + 1))…json")
            }
        }
        return files
    }

    private static func contents(
        of folder: String?, system: any SystemCalls, root: Descriptor
    ) throws(StoreError) -> [(name: String, bytes: [UInt8])] {
        let shown = escapedForTerminal(
            (folder ?? "\(ControlNames.directory)/\(ControlNames.migrations)").utf8)
        let directory: OwnedDescriptor
        do throws(Errno) {
            if let folder {
                directory = OwnedDescriptor(try system.openDirectory(at: folder), system)
            } else {
                directory = try system.openOwned(
                    "\(ControlNames.directory)/\(ControlNames.migrations)", in: root,
                    [.read, .directory])
            }
        } catch {
            if folder == nil, error == .noEntry { return [] }
            throw StoreError(error, cannot: "open the steps' folder \(shown)")
        }
        var found: [(String, [UInt8])] = []
        let entries: [DirectoryEntry]
        do throws(Errno) {
            entries = try system.entries(of: directory.descriptor)
        } catch {
            throw StoreError(error, cannot: "list \(shown)")
        }
        for entry in entries where entry.name.suffix(5).elementsEqual(".json".utf8) {
            let name = String(decoding: entry.name, as: UTF8.self)
            do throws(FileAccessError) {
                found.append(
                    (
                        name,
                        try system.readWhole(
                            name, in: directory.descriptor, limitBytes: largestFile)
                    ))
            } catch {
                throw StoreError(
                    .configuration, code: "step-unreadable",
                    "\(escapedForTerminal(name.utf8)) in \(shown) cannot be read",
                    hint: "a step is a plain file of at most 16 MiB that you may read")
            }
        }
        return found
    }
}
