internal import CanIFlyStore
internal import StoreFiles

extension CommandContext {
    /// Writes a file that the user named, outside any document: atomically and durably where it is a
    /// regular file or new, straight through where it is a device or a pipe (`/dev/stdout`).
    func writeFile(_ path: String, _ bytes: [UInt8], mode: FileMode) throws(StoreError) {
        let (folder, name) = split(path)
        guard !name.isEmpty, name != ".", name != ".." else {
            throw cannotCreate(path, .isDirectory)
        }
        do throws(Errno) {
            let directory = try Directory(at: folder, system)
            let expected = try expectedFile(name, in: directory)
            switch expected {
            case .regular(let document):
                do throws(PublishError) {
                    try system.replaceDurably(
                        name, in: directory.descriptor, contents: bytes,
                        attributes: FileAttributes(mode: mode), expecting: document)
                } catch {
                    throw cause(of: error)
                }
            case .stream:
                let stream = try StreamDescriptor.openForWriting(path)
                let outcome: Result<Void, Errno> = bytes.withUnsafeBytes { raw in
                    do throws(Errno) { return .success(try stream.writeAll(raw)) } catch {
                        return .failure(error)
                    }
                }
                try stream.close()
                try outcome.get()
            }
            try directory.close()
        } catch {
            throw cannotCreate(path, error)
        }
    }

    private enum ExpectedFile {
        case regular(ExpectedDocument)
        case stream
    }

    private func expectedFile(
        _ name: String, in directory: borrowing Directory
    ) throws(Errno) -> ExpectedFile {
        do throws(Errno) {
            let status = try system.status(of: name, in: directory.descriptor)
            switch status.kind {
            case .regular: return .regular(.present(status))
            case .directory: throw .isDirectory
            default: return .stream
            }
        } catch .noEntry {
            return .regular(.absent)
        }
    }

    private func cause(of error: PublishError) -> Errno {
        switch error {
        case .conflict: .busy
        case .system(_, let cause): cause
        }
    }

    private func cannotCreate(_ path: String, _ error: Errno) -> StoreError {
        switch error {
        case .noSpace, .quotaExceeded, .inputOutput:
            StoreError(
                .inputOutput, code: "write-failed", "\(path) cannot be written: \(error)",
                cause: error)
        default:
            StoreError(
                .cannotCreate, code: "cannot-create", "\(path) cannot be written: \(error)",
                cause: error)
        }
    }

    /// The folder and the name in it.
    private func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.utf8.index(after: slash)...]))
    }
}
