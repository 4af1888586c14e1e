internal import StoreFiles

/// A backup's file by the path that the user gave: outside the store, links on the way followed.
struct BackupFile: ~Copyable {
    /// As it was given.
    let path: String
    let folder: OwnedDescriptor
    let name: String
    private let folderPath: String
    private let system: any SystemCalls

    /// - Throws: `cannotCreate` for a path that no file can have.
    init(_ path: String, system: any SystemCalls) throws(StoreError) {
        let bytes = Array(path.utf8)
        let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
        let nameBytes = bytes[(slash.map { $0 + 1 } ?? 0)...]
        var folderPath = slash.map { String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
        if folderPath.isEmpty { folderPath = "/" }
        guard !nameBytes.isEmpty, !nameBytes.elementsEqual(".".utf8),
            !nameBytes.elementsEqual("..".utf8)
        else {
            throw StoreError(
                .cannotCreate, code: "cannot-create",
                "\(escapedForTerminal(path.utf8)) names no file", hint: "name a file")
        }
        let opened: Descriptor
        do throws(Errno) {
            opened = try system.openDirectory(at: folderPath)
        } catch {
            throw StoreError(
                .cannotCreate, code: "cannot-create",
                "the folder of \(escapedForTerminal(path.utf8)) cannot be opened: "
                    + error.description,
                hint: error == .noEntry ? "make the folder first" : "choose another folder",
                cause: error)
        }
        self.path = path
        self.folderPath = folderPath
        self.system = system
        name = String(decoding: nameBytes, as: UTF8.self)
        folder = OwnedDescriptor(opened, system)
    }

    /// Whether the file lies, or would lie, in this directory or anywhere below it.
    func isBeneath(_ directory: Descriptor) throws(Errno) -> Bool {
        let wanted = try system.status(of: directory)
        var ancestor = try system.status(of: folder.descriptor)
        var path = folderPath
        while true {
            if ancestor.device == wanted.device, ancestor.inode == wanted.inode { return true }
            path += "/.."
            let status: FileStatus
            do throws(Errno) {
                let parent = try Directory(at: path, system)
                status = try system.status(of: parent.descriptor)
            } catch {
                // Not ours to look into, so not below a store of ours.
                return false
            }
            // The root is its own parent.
            if status.device == ancestor.device, status.inode == ancestor.inode { return false }
            ancestor = status
        }
    }

    func openForReading() throws(StoreError) -> OpenedFile {
        do throws(FileAccessError) {
            return try system.openRegularFile(name, in: folder.descriptor)
        } catch .system(.noEntry) {
            throw StoreError(
                .notFound, code: "file-not-found",
                "there is no file \(escapedForTerminal(path.utf8))", cause: .noEntry)
        } catch .notRegular {
            throw StoreError(
                .invalidData, code: "backup-corrupt",
                "\(escapedForTerminal(path.utf8)) is no regular file",
                hint: "name the backup itself, not a link to it")
        } catch {
            throw StoreError(error, document: StorePath(unchecked: name))
        }
    }

    /// What is to become the backup, where nobody but its owner can read it.
    /// - Throws: `cannotCreate` where the name is a folder's, a device's or a link's.
    func newStagedFile() throws(StoreError) -> StagedFile {
        do throws(Errno) {
            do throws(Errno) {
                let status = try system.status(of: name, in: folder.descriptor)
                guard status.kind == .regular else { throw .exists }
            } catch .noEntry {}
            return try StagedFile(for: name, in: folder.descriptor, system)
        } catch {
            throw cannotWrite(error)
        }
    }

    func cannotWrite(_ error: Errno) -> StoreError {
        switch error {
        case .noSpace, .quotaExceeded, .inputOutput:
            StoreError(
                .inputOutput, code: "write-failed",
                "\(escapedForTerminal(path.utf8)) cannot be written: \(error.description)",
                hint: "no backup was made", cause: error)
        default:
            StoreError(
                .cannotCreate, code: "cannot-create",
                "\(escapedForTerminal(path.utf8)) cannot be written: \(error.description)",
                hint: "no backup was made", cause: error)
        }
    }
}
