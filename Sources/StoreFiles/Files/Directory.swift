/// An open directory. Paths are resolved beneath it and never through a link, so a store that is
/// moved or replaced meanwhile goes on meaning the same one.
public struct Directory: ~Copyable, Sendable {
    public let handle: OwnedDescriptor
    public var descriptor: Descriptor { handle.descriptor }
    public var system: any SystemCalls { handle.system }

    /// Opens the store itself, by any path; links on the way there are the user's own affair.
    public init(at path: String, _ system: any SystemCalls) throws(Errno) {
        handle = OwnedDescriptor(try system.openDirectory(at: path), system)
    }

    /// Opens a directory beneath another one. `.` is that directory itself.
    public init(
        _ path: String, beneath directory: Descriptor, _ system: any SystemCalls
    ) throws(Errno) {
        handle = try system.openOwned(path, in: directory, [.read, .directory])
    }

    /// Opens the directory that holds the document.
    public init(
        parentOf path: StorePath, beneath directory: Descriptor, _ system: any SystemCalls
    ) throws(Errno) {
        try self.init(path.parent?.text ?? ".", beneath: directory, system)
    }

    public func status() throws(Errno) -> FileStatus { try system.status(of: descriptor) }

    /// Makes the entries durable: created, renamed and removed names. Not the contents of files, and
    /// not this directory's own name in its parent (`fsync(2)`).
    public func synchronize() throws(Errno) { try system.synchronize(descriptor) }

    public consuming func close() throws(Errno) { try handle.close() }
}

extension SystemCalls {
    /// Makes the directories on the way to a document that do not exist yet, the topmost first, and
    /// returns those it made. None is durable until the directory that *holds* it is synced: for
    /// each of these paths its parent, or the store for a path without one.
    ///
    /// The mode is cut by the umask, as with `mkdir`. Where root works in another user's store, a
    /// new directory belongs to the owner of the one that holds it.
    public func makeDirectories(
        for document: StorePath, beneath store: Descriptor, mode: FileMode
    ) throws(Errno) -> [StorePath] {
        guard let parent = document.parent else { return [] }
        // Nearly always it exists, and one call says so.
        do throws(Errno) {
            try close(try open(parent.text, in: store, [.read, .directory], mode: mode))
            return []
        } catch .noEntry {
        }

        var made: [StorePath] = []
        var current = try openOwned(".", in: store, [.read, .directory])
        var path = ""
        for component in parent.components {
            path += path.isEmpty ? component : "/" + component
            do throws(Errno) {
                current = try openOwned(component, in: current.descriptor, [.read, .directory])
                continue
            } catch .noEntry {
            }
            var isOurs = true
            do throws(Errno) {
                try makeDirectory(component, in: current.descriptor, mode: mode)
            } catch .exists {
                // Somebody else was faster; if it is a directory, that is as good.
                isOurs = false
            }
            let next = try openOwned(component, in: current.descriptor, [.read, .directory])
            if isOurs {
                made.append(StorePath(unchecked: path))
                try giveToOwner(of: current.descriptor, next.descriptor)
            }
            current = next
        }
        return made
    }

    /// What root makes in another user's directory must not lock that user out of it later.
    func giveToOwner(of directory: Descriptor, _ descriptor: Descriptor) throws(Errno) {
        guard effectiveUser == 0 else { return }
        let owner = try status(of: directory)
        if owner.user != 0 {
            try setOwner(of: descriptor, user: owner.user, group: owner.group)
        }
    }
}
