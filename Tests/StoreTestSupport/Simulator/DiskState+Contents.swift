import StoreFiles

/// Opening, reading, writing and syncing files.
extension DiskState {
    func file(_ descriptor: Descriptor, of process: Int32) throws(Errno) -> OpenFile {
        guard descriptor >= 0, Int(descriptor) < openFiles.count,
            let file = openFiles[Int(descriptor)], file.process == process
        else { throw .badDescriptor }
        return file
    }

    mutating func openDirectory(
        at path: String, for process: Int32
    ) throws(Errno) -> Descriptor {
        let bytes = Array(path.utf8)
        if bytes.isEmpty { throw .noEntry }
        let slot = try follow(bytes)
        guard self[slot].kind == .directory else { throw .notDirectory }
        try requireAccess(.read, to: slot)
        return try addDescriptor(
            OpenFile(slot: slot, flags: [.read, .directory], process: process))
    }

    mutating func open(
        _ path: String, in directory: Descriptor, _ flags: OpenFlags, mode: FileMode,
        for process: Int32
    ) throws(Errno) -> Descriptor {
        let start = try file(directory, of: process).slot
        let resolved = try resolve(path, beneath: start, for: process)
        let mustBeNew = flags.isSuperset(of: [.create, .exclusive])
        guard let name = resolved.last else {
            if mustBeNew { throw .exists }
            return try openExisting(resolved.directory, flags, process)
        }
        if resolved.mustBeDirectory && flags.contains(.create) { throw .isDirectory }
        let slot = try lookUp(name, in: resolved.directory)
        if slot.isNone {
            guard flags.contains(.create) else { throw .noEntry }
            return try create(name, in: resolved.directory, flags, mode, process)
        }
        if mustBeNew { throw .exists }
        if self[slot].kind == .symbolicLink { throw .tooManyLinks }
        if resolved.mustBeDirectory && self[slot].kind != .directory { throw .notDirectory }
        return try openExisting(slot, flags, process)
    }

    private mutating func create(
        _ name: [UInt8], in directory: InodeSlot, _ flags: OpenFlags, _ mode: FileMode,
        _ process: Int32
    ) throws(Errno) -> Descriptor {
        if isRemoved(directory) { throw .noEntry }
        try requireChangeable(directory)
        try requireFreeDescriptor()
        beginChange()
        let slot = allocate(.regular, newAttributes(mode))
        setEntry(name, in: directory, to: slot)
        return try addDescriptor(OpenFile(slot: slot, flags: flags, process: process))
    }

    private mutating func openExisting(
        _ slot: InodeSlot, _ flags: OpenFlags, _ process: Int32
    ) throws(Errno) -> Descriptor {
        let kind = self[slot].kind
        let writes = flags.contains(.write)
        if kind == .directory && (writes || flags.contains(.create)) { throw .isDirectory }
        if kind != .directory && flags.contains(.directory) { throw .notDirectory }
        if !writes || flags.contains(.read) { try requireAccess(.read, to: slot) }
        if writes { try requireAccess(.write, to: slot) }
        if kind == .fifo && !flags.isSuperset(of: [.read, .write]) {
            let otherEnd: OpenFlags = writes ? .read : .write
            let isOtherEndOpen = openFiles.contains {
                $0?.slot == slot && $0?.flags.contains(otherEnd) == true
            }
            if !isOtherEndOpen && writes { throw .noSuchDevice }
        }
        return try addDescriptor(
            OpenFile(
                slot: slot, flags: writes ? flags : flags.union(.read), process: process))
    }

    func newAttributes(_ mode: FileMode) -> FileAttributes {
        FileAttributes(
            mode: FileMode(mode.bits & ~configuration.umask),
            user: configuration.effectiveUser, group: configuration.effectiveGroup)
    }

    private func requireFreeDescriptor() throws(Errno) {
        let used = openFiles.count { $0 != nil }
        if used + 3 >= configuration.maximumOpenFiles { throw .tooManyOpenFiles }
    }

    private mutating func addDescriptor(_ file: OpenFile) throws(Errno) -> Descriptor {
        try requireFreeDescriptor()
        // 0 to 2 are the standard streams.
        if let free = openFiles[3...].firstIndex(where: { $0 == nil }) {
            openFiles[free] = file
            return Descriptor(free)
        }
        openFiles.append(file)
        return Descriptor(openFiles.count - 1)
    }

    func read(
        _ descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64,
        for process: Int32
    ) throws(Errno) -> Int {
        if offset < 0 { throw .invalid }
        let file = try file(descriptor, of: process)
        let kind = self[file.slot].kind
        if kind == .fifo { throw .illegalSeek }
        if file.flags.contains(.write) && !file.flags.contains(.read) { throw .badDescriptor }
        if kind == .directory { throw .isDirectory }
        return self[file.slot].contents.withUnsafeBytes { contents in
            guard offset < contents.count else { return 0 }
            let start = Int(offset)
            let count = min(buffer.count, contents.count - start)
            buffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: contents[start..<start + count]))
            return count
        }
    }

    mutating func write(
        _ descriptor: Descriptor, from buffer: UnsafeRawBufferPointer, at offset: Int64,
        for process: Int32
    ) throws(Errno) -> Int {
        if offset < 0 { throw .invalid }
        let file = try file(descriptor, of: process)
        if self[file.slot].kind == .fifo { throw .illegalSeek }
        guard file.flags.contains(.write) else { throw .badDescriptor }
        if buffer.count == 0 { return 0 }
        guard let start = Int(exactly: offset),
            start <= configuration.maximumFileBytes - buffer.count
        else { throw .fileTooBig }
        beginChange()
        self[file.slot].write(buffer, at: start, sequence: sequence)
        touchContents(of: file.slot)
        return buffer.count
    }

    mutating func truncate(
        _ descriptor: Descriptor, to size: Int64, for process: Int32
    ) throws(Errno) {
        let file = try file(descriptor, of: process)
        guard file.flags.contains(.write), self[file.slot].kind == .regular, size >= 0 else {
            throw .invalid
        }
        guard let newSize = Int(exactly: size), newSize <= configuration.maximumFileBytes else {
            throw .fileTooBig
        }
        beginChange()
        self[file.slot].truncate(to: newSize, sequence: sequence)
        touchContents(of: file.slot)
    }

    private mutating func touchContents(of slot: InodeSlot) {
        let now = fileTime()
        self[slot].times = FileTimes(modified: now, changed: now)
    }
}

// MARK: Durability

/// The calls that make something durable.
package enum SynchronizationKind: Sendable, Hashable {
    /// `fsync(2)`.
    case all
    /// `fdatasync(2)`.
    case data
    /// `syncfs(2)`.
    case fileSystem
}

extension DiskState {
    mutating func synchronize(
        _ descriptor: Descriptor, _ kind: SynchronizationKind, for process: Int32
    ) throws(Errno) {
        let slot = try file(descriptor, of: process).slot
        if kind == .fileSystem {
            raiseEverything()
        } else {
            if self[slot].kind == .fifo { throw .invalid }
            raise(slot, kind)
        }
    }

    private mutating func raise(_ slot: InodeSlot, _ kind: SynchronizationKind) {
        let spoils = configuration.failedSyncSpoilsInode
        if self[slot].hasPendingVersions {
            if kind == .data {
                self[slot].raiseContents(spoils: spoils)
            } else {
                self[slot].raiseAll(spoils: spoils)
            }
        }
        if self[slot].kind == .directory && self[slot].directory.hasPendingVersions {
            release(self[slot].directory.raise())
        }
    }

    mutating func raiseEverything() {
        for index in inodes.indices where inodes[index] != nil {
            raise(InodeSlot(index: Int32(index)), .fileSystem)
        }
    }

    /// A sync that fails: what it should have made durable never will be by any later one.
    mutating func failSynchronization(
        _ descriptor: Descriptor, _ kind: SynchronizationKind, for process: Int32
    ) throws(Errno) {
        let slot = try file(descriptor, of: process).slot
        if kind == .fileSystem {
            for index in inodes.indices where inodes[index] != nil {
                orphan(InodeSlot(index: Int32(index)), kind)
            }
        } else {
            orphan(slot, kind)
        }
    }

    private mutating func orphan(_ slot: InodeSlot, _ kind: SynchronizationKind) {
        self[slot].orphanContents()
        if kind != .data { self[slot].orphanAttributes() }
        self[slot].directory.setOrphaned(true)
    }
}

extension Errno {
    /// `ESPIPE`.
    static let illegalSeek = Errno(code: 29)
    /// `EFBIG`.
    static let fileTooBig = Errno(code: 27)
}
