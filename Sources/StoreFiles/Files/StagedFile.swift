/// What a new file has besides its contents.
public struct FileAttributes: Sendable, Hashable {
    public var mode: FileMode
    /// The owner to keep; nil for whoever runs the program.
    public var owner: Owner?
    /// Nil for the moment of writing.
    public var modified: Timestamp?

    public struct Owner: Sendable, Hashable {
        public var user: UInt32
        public var group: UInt32
        public init(user: UInt32, group: UInt32) {
            self.user = user
            self.group = group
        }
    }

    public init(mode: FileMode, owner: Owner? = nil, modified: Timestamp? = nil) {
        self.mode = mode
        self.owner = owner
        self.modified = modified
    }

    /// Mode and owner of the file that is replaced.
    public init(keeping status: FileStatus) {
        self.init(
            mode: status.mode, owner: Owner(user: status.user, group: status.group))
    }
}

/// A file that is whole, checked and closed, but does not have its name yet. A plain value, so that
/// a transaction can hold ten thousand of them; whoever has it publishes or discards it.
public struct StagedEntry: Sendable, Hashable {
    /// The open directory that holds the temporary name; it belongs to the caller.
    public let directory: Descriptor
    /// The open directory in which it is to get its name: mostly the same one.
    public let target: Descriptor
    public let temporaryName: String
    /// The name it is to get.
    public let name: String
    /// Device and inode tell the file when names have been swapped.
    public let status: FileStatus
}

/// A temporary file in the directory of the document it is to become: the only place from which a
/// rename is atomic. It is removed when its owner lets go of it without `prepared`.
///
/// **Atomicity**: nothing here touches the document. **Durability**: of the contents, when
/// `prepared` has synced them; of the name, never.
public struct StagedFile: ~Copyable {
    private let system: any SystemCalls
    private let directory: Descriptor
    private let name: String
    private let temporaryName: String
    private var descriptor: Descriptor
    private var length: Int64 = 0
    private var writtenOutLength: Int64 = 0
    private var isAbandoned = true

    /// As soon as so many bytes wait, they begin to go to the disk.
    private static let lengthToWriteOut: Int64 = 4 << 20

    /// Makes the temporary file. From its first moment nobody but the owner can read it, whatever
    /// the umask, because it may become a secret.
    public init(
        for name: String, in directory: Descriptor, _ system: any SystemCalls
    ) throws(Errno) {
        self.system = system
        self.directory = directory
        self.name = name
        // With 64 random bits a name that exists was planted, or chance is not chance; either way
        // a few more attempts are enough.
        var attempts = 0
        while true {
            let candidate = TemporaryName.make(system)
            do throws(Errno) {
                descriptor = try system.open(
                    candidate, in: directory, [.read, .write, .create, .exclusive],
                    mode: .privateFile)
                temporaryName = candidate
                return
            } catch .exists where attempts < 8 {
                attempts += 1
            }
        }
    }

    deinit {
        if descriptor >= 0 { try? system.close(descriptor) }
        if isAbandoned { try? system.unlink(temporaryName, in: directory) }
    }

    /// Appends.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        try system.writeAll(descriptor, bytes, at: length)
        count(bytes.count)
    }

    /// Appends.
    public mutating func write(_ bytes: [UInt8]) throws(Errno) {
        try system.writeAll(descriptor, bytes, at: length)
        count(bytes.count)
    }

    private mutating func count(_ bytes: Int) {
        length += Int64(bytes)
        guard length - writtenOutLength >= Self.lengthToWriteOut else { return }
        system.beginWritingOut(
            descriptor, from: writtenOutLength, count: length - writtenOutLength)
        writtenOutLength = length
    }

    /// Checks the length, sets the attributes, syncs, and closes.
    ///
    /// Consuming, so that after a failed sync there is nothing left that could be synced again: the
    /// kernel has then forgotten which pages were bad, and a second sync would lie. The temporary
    /// is gone, too.
    ///
    /// - Parameter replaced: the file whose extended attributes are copied.
    public consuming func prepared(
        _ attributes: FileAttributes, copyingAttributesOf replaced: Descriptor? = nil
    ) throws(Errno) -> StagedEntry {
        try setAttributes(attributes, copyingAttributesOf: replaced)
        try system.synchronize(descriptor)
        let entry = try entry()
        // A close that fails may be the first to tell that a write did (network file systems).
        let closing = descriptor
        descriptor = -1
        try system.close(closing)
        isAbandoned = false
        return entry
    }

    /// The same, but for the sync, which the caller does for many files together.
    public consuming func prepared(
        _ attributes: FileAttributes, copyingAttributesOf replaced: Descriptor? = nil,
        keptOpenIn unsynced: inout UnsyncedFiles
    ) throws(Errno) -> StagedEntry {
        try setAttributes(attributes, copyingAttributesOf: replaced)
        let entry = try entry()
        let open = OwnedDescriptor(descriptor, system)
        descriptor = -1
        try unsynced.add(open)
        isAbandoned = false
        return entry
    }

    private func setAttributes(
        _ attributes: FileAttributes, copyingAttributesOf replaced: Descriptor?
    ) throws(Errno) {
        let written = try system.status(of: descriptor)
        // A file system that lost a part of what it took would be found out here.
        if written.size != length { throw .inputOutput }
        let mode = try setOwner(attributes, of: written)
        if let replaced { try copyExtendedAttributes(from: replaced) }
        // After the owner, since chown clears bits, and no group that is to lose the file may read
        // it for a moment; after the access control lists, which set the group's bits.
        try system.setMode(of: descriptor, to: mode)
        if let modified = attributes.modified {
            try system.setModificationTime(of: descriptor, to: modified)
        }
    }

    private func entry() throws(Errno) -> StagedEntry {
        StagedEntry(
            directory: directory, target: directory, temporaryName: temporaryName, name: name,
            status: try system.status(of: descriptor))
    }

    /// Keeps the owner where that is permitted, and returns the mode: where the group cannot be
    /// kept, ours gets no more than everybody has.
    private func setOwner(
        _ attributes: FileAttributes, of written: FileStatus
    ) throws(Errno) -> FileMode {
        let mode = attributes.mode
        guard let owner = attributes.owner else { return mode }
        if owner.user == written.user && owner.group == written.group { return mode }
        do throws(Errno) {
            try system.setOwner(of: descriptor, user: owner.user, group: owner.group)
            return mode
        } catch .notPermitted {
        }
        if owner.group == written.group { return mode }
        let unchanged = UInt32.max
        do throws(Errno) {
            try system.setOwner(of: descriptor, user: unchanged, group: owner.group)
            return mode
        } catch .notPermitted {
            let forOthers = mode.bits & 0o007
            return FileMode(mode.bits & ~0o070 | mode.bits & (forOthers << 3))
        }
    }

    /// Users' own attributes and access control lists must come along; those that the system manages
    /// (`security.`, `trusted.`) do where it lets us.
    private func copyExtendedAttributes(from replaced: Descriptor) throws(Errno) {
        let names: [String]
        do throws(Errno) {
            names = try system.extendedAttributeNames(of: replaced)
        } catch .notSupported {
            return
        }
        for name in names {
            let isOptional = !name.hasPrefix("user.") && !name.hasPrefix("system.posix_acl_")
            do throws(Errno) {
                let value = try system.extendedAttribute(name, of: replaced)
                try system.setExtendedAttribute(name, of: descriptor, to: value)
            } catch .noData {
                // Removed since the names were listed.
            } catch  where isOptional {
                guard
                    [.notPermitted, .accessDenied, .notSupported, .invalid].contains(error)
                else { throw error }
            }
        }
    }
}
