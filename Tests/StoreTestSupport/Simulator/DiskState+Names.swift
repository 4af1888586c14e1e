internal import StoreFiles

/// Making, moving and removing names.
extension DiskState {
    private func directory(
        _ descriptor: Descriptor, of process: Int32
    ) throws(Errno) -> InodeSlot {
        let slot = try file(descriptor, of: process).slot
        guard self[slot].kind == .directory else { throw .notDirectory }
        return slot
    }

    mutating func makeDirectory(
        _ name: String, in directory: Descriptor, mode: FileMode, for process: Int32
    ) throws(Errno) {
        let parent = try self.directory(directory, of: process)
        let name = try component(name, in: parent)
        try requireAbsent(name, in: parent)
        if isRemoved(parent) { throw .noEntry }
        try requireAccess(.write, to: parent)
        beginChange()
        setEntry(name, in: parent, to: allocate(.directory, newAttributes(mode)))
    }

    mutating func link(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor, for process: Int32
    ) throws(Errno) {
        let parent = try self.directory(directory, of: process)
        let name = try component(name, in: parent)
        let slot = Self.isDot(name) ? parent : try existing(name, in: parent)
        let newParent = try self.directory(newDirectory, of: process)
        let newName = try component(newName, in: newParent)
        try requireAbsent(newName, in: newParent)
        if isRemoved(newParent) { throw .noEntry }
        try requireAccess(.write, to: newParent)
        if self[slot].kind == .directory { throw .notPermitted }
        beginChange()
        setEntry(newName, in: newParent, to: slot)
        touchChangeTime(of: slot)
    }

    mutating func unlink(
        _ name: String, in directory: Descriptor, for process: Int32
    ) throws(Errno) {
        let parent = try self.directory(directory, of: process)
        let name = try component(name, in: parent)
        if Self.isDot(name) || Self.isDotDot(name) { throw .isDirectory }
        let slot = try existing(name, in: parent)
        try requireAccess(.write, to: parent)
        if self[slot].kind == .directory { throw .isDirectory }
        beginChange()
        setEntry(name, in: parent, to: .none)
        touchChangeTime(of: slot)
    }

    mutating func removeDirectory(
        _ name: String, in directory: Descriptor, for process: Int32
    ) throws(Errno) {
        let parent = try self.directory(directory, of: process)
        let name = try component(name, in: parent)
        if Self.isDot(name) { throw .invalid }
        if Self.isDotDot(name) { throw .notEmpty }
        let slot = try existing(name, in: parent)
        try requireAccess(.write, to: parent)
        guard self[slot].kind == .directory else { throw .notDirectory }
        guard self[slot].directory.isVisiblyEmpty else { throw .notEmpty }
        beginChange()
        setEntry(name, in: parent, to: .none)
    }

    mutating func rename(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor, _ how: RenameBehavior, for process: Int32
    ) throws(Errno) {
        let parent = try self.directory(directory, of: process)
        let newParent = try self.directory(newDirectory, of: process)
        let name = try component(name, in: parent)
        let newName = try component(newName, in: newParent)
        if Self.isDot(name) || Self.isDotDot(name) { throw .busy }
        if Self.isDot(newName) || Self.isDotDot(newName) {
            throw how == .noReplace ? .exists : .busy
        }
        let source = try existing(name, in: parent)
        let target = try lookUp(newName, in: newParent)
        if how == .noReplace && !target.isNone { throw .exists }
        if how == .exchange && target.isNone { throw .noEntry }
        try requireNoLoop(source, in: parent, target, in: newParent, how)
        if source == target { return }
        try requireAccess(.write, to: parent)
        if isRemoved(newParent) { throw .noEntry }
        try requireAccess(.write, to: newParent)
        if how != .exchange && !target.isNone { try requireReplaceable(target, by: source) }
        beginChange()
        setEntry(newName, in: newParent, to: source)
        setEntry(name, in: parent, to: how == .exchange ? target : .none)
        touchChangeTime(of: source)
        if !target.isNone { touchChangeTime(of: target) }
    }

    private func requireAbsent(_ name: [UInt8], in directory: InodeSlot) throws(Errno) {
        if Self.isDot(name) || Self.isDotDot(name) { throw .exists }
        if !(try lookUp(name, in: directory)).isNone { throw .exists }
    }

    private func requireReplaceable(_ target: InodeSlot, by source: InodeSlot) throws(Errno) {
        let isDirectory = self[target].kind == .directory
        if self[source].kind == .directory {
            guard isDirectory else { throw .notDirectory }
            guard self[target].directory.isVisiblyEmpty else { throw .notEmpty }
        } else if isDirectory {
            throw .isDirectory
        }
    }

    /// No directory may get below itself.
    private func requireNoLoop(
        _ source: InodeSlot, in parent: InodeSlot, _ target: InodeSlot, in newParent: InodeSlot,
        _ how: RenameBehavior
    ) throws(Errno) {
        if parent == newParent { return }
        if contains(source, newParent) { throw .invalid }
        if !target.isNone && contains(target, parent) {
            throw how == .exchange ? .invalid : .notEmpty
        }
    }

    /// Whether a directory is another one, or above it.
    private func contains(_ upper: InodeSlot, _ lower: InodeSlot) -> Bool {
        if upper == lower { return true }
        guard self[upper].kind == .directory else { return false }
        return self[upper].directory.registers.contains { register in
            !register.visible.isNone && contains(register.visible, lower)
        }
    }
}

// MARK: Status

extension DiskState {
    func status(of slot: InodeSlot) -> FileStatus {
        let inode = self[slot]
        let isDirectory = inode.kind == .directory
        let size = isDirectory ? 4_096 : inode.contents.count
        var linkCount = UInt64(links[Int(slot.index)])
        if isDirectory && linkCount > 0 {
            linkCount =
                2
                + UInt64(
                    inode.directory.registers.count {
                        !$0.visible.isNone && self[$0.visible].kind == .directory
                    })
        }
        return FileStatus(
            kind: inode.kind, mode: inode.attributes.mode, user: inode.attributes.user,
            group: inode.attributes.group, size: Int64(size), device: configuration.device,
            inode: number(of: slot), linkCount: linkCount, modified: inode.times.modified,
            changed: inode.times.changed, blocks: Int64((size + 4_095) / 4_096 * 8))
    }

    func status(
        of name: String, in directory: Descriptor, for process: Int32
    ) throws(Errno) -> FileStatus {
        let parent = try self.directory(directory, of: process)
        let name = try component(name, in: parent)
        return status(of: Self.isDot(name) ? parent : try existing(name, in: parent))
    }

    /// In an order that is fixed and means nothing, as with hashed directories.
    func entries(
        of directory: Descriptor, for process: Int32
    ) throws(Errno) -> [DirectoryEntry] {
        let slot = try self.directory(directory, of: process)
        if isRemoved(slot) { throw .noEntry }
        return self[slot].directory.registers.filter { !$0.visible.isNone }
            .map { register in
                let hash = register.name.withUnsafeBytes { Hash128(tag: 1, 0, bytes: $0) }
                let entry = DirectoryEntry(name: register.name, kind: self[register.visible].kind)
                return (hash.low, entry)
            }
            .sorted { $0.0 < $1.0 }
            .map(\.1)
    }
}
