package import StoreFiles

/// One file of a tree, as a judge compares it.
package struct TreeEntry: Sendable, Hashable, CustomStringConvertible {
    /// Relative to the root of the tree, as bytes.
    package var path: [UInt8]
    package var kind: FileKind
    package var mode: FileMode
    /// Contents, or the target of a link; empty for a directory.
    package var bytes: [UInt8]

    package init(path: String, kind: FileKind = .regular, mode: FileMode, bytes: [UInt8]) {
        self.path = Array(path.utf8)
        self.kind = kind
        self.mode = mode
        self.bytes = bytes
    }

    package var description: String {
        let text = String(decoding: bytes.prefix(60), as: UTF8.self)
        return
            "\(String(decoding: path, as: UTF8.self)) \(kind) \(mode.octal) \(text.debugDescription)"
    }
}

/// Arranging a disk before a test and looking at it afterwards. None of it is a system call: it
/// neither moves the clock nor asks for permission, and what it places is durable at once.
extension SimulatedDisk {
    /// Makes a directory and those above it, durably. Does nothing for those that exist.
    package func placeDirectory(at path: String, mode: FileMode = FileMode(0o755)) {
        change { state in
            var directory = InodeSlot.root
            for component in Self.components(path) {
                var next = state[directory].directory.lookUp(component)
                if next.isNone {
                    next = state.place(.directory, mode, [], named: component, in: directory)
                }
                directory = next
            }
        }
    }

    /// Makes or replaces a file, durably, as a new inode.
    package func place(
        _ bytes: [UInt8], at path: String, mode: FileMode = FileMode(0o644)
    ) {
        place(.regular, mode, bytes, at: path)
    }

    /// Makes a symbolic link, durably.
    package func placeSymbolicLink(to target: String, at path: String) {
        place(.symbolicLink, FileMode(0o777), Array(target.utf8), at: path)
    }

    /// Makes a FIFO, durably.
    package func placeFIFO(at path: String) {
        place(.fifo, FileMode(0o644), [], at: path)
    }

    private func place(_ kind: FileKind, _ mode: FileMode, _ bytes: [UInt8], at path: String) {
        let components = Self.components(path)
        placeDirectory(at: components.dropLast().map(Self.text).joined(separator: "/"))
        change { state in
            var directory = InodeSlot.root
            for component in components.dropLast() {
                directory = state[directory].directory.lookUp(component)
            }
            _ = state.place(
                kind, mode, bytes, named: components[components.count - 1], in: directory)
        }
    }

    /// Puts other bytes into a durable file, as a disk does that rots: nothing else of it changes.
    package func rot(_ bytes: [UInt8], at offset: Int, of path: String) {
        change { state in
            guard let slot = try? state.follow(Array(path.utf8)),
                state[slot].pendingWrites.isEmpty, offset + bytes.count <= state[slot].durableSize
            else { preconditionFailure("\(path) has nothing durable there") }
            let range = offset..<(offset + bytes.count)
            state[slot].contents.replaceSubrange(range, with: bytes)
            state[slot].durableContents.replaceSubrange(range, with: bytes)
        }
    }

    /// Makes everything durable that is not, what failed syncs left behind included.
    package func settle() {
        change { $0.settle() }
    }

    /// The contents of a regular file, nil where there is none. Links are followed.
    package func contents(at path: String) -> [UInt8]? {
        look { state in
            guard let slot = try? state.follow(Array(path.utf8)), state[slot].kind == .regular
            else { return nil }
            return state[slot].contents
        }
    }

    package func status(at path: String) -> FileStatus? {
        look { state in
            guard let slot = try? state.follow(Array(path.utf8)) else { return nil }
            return state.status(of: slot)
        }
    }

    /// All files below a directory but the directory itself, sorted by path.
    package func tree(at path: String) -> [TreeEntry] {
        look { state in
            var found: [TreeEntry] = []
            if let slot = try? state.follow(Array(path.utf8)) { state.collect(slot, "", &found) }
            return found
        }
    }

    private static func components(_ path: String) -> [[UInt8]] {
        path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension DiskState {
    fileprivate mutating func place(
        _ kind: FileKind, _ mode: FileMode, _ bytes: [UInt8], named name: [UInt8],
        in directory: InodeSlot
    ) -> InodeSlot {
        let slot = allocate(
            kind,
            FileAttributes(
                mode: mode, user: configuration.effectiveUser,
                group: configuration.effectiveGroup))
        self[slot].contents = bytes
        self[slot].durableContents = bytes
        self[slot].durableSize = bytes.count
        sequence += 1
        setEntry(name, in: directory, to: slot)
        release(self[directory].directory.raise())
        return slot
    }

    fileprivate mutating func settle() {
        let spoils = configuration.failedSyncSpoilsInode
        configuration.failedSyncSpoilsInode = false
        for index in inodes.indices where inodes[index] != nil {
            inodes[index]!.value.adoptOrphans()
        }
        raiseEverything()
        configuration.failedSyncSpoilsInode = spoils
    }

    fileprivate func collect(_ directory: InodeSlot, _ prefix: String, _ found: inout [TreeEntry]) {
        for register in self[directory].directory.registers where !register.visible.isNone {
            let inode = self[register.visible]
            let path = prefix + String(decoding: register.name, as: UTF8.self)
            var entry = TreeEntry(
                path: path, kind: inode.kind, mode: inode.attributes.mode, bytes: inode.contents)
            entry.path = Array(prefix.utf8) + register.name
            found.append(entry)
            if inode.kind == .directory { collect(register.visible, path + "/", &found) }
        }
    }
}

extension Inode {
    fileprivate mutating func adoptOrphans() {
        for index in pendingWrites.indices { pendingWrites[index].isOrphaned = false }
        for index in pendingSizes.indices { pendingSizes[index].isOrphaned = false }
        for index in pendingAttributes.indices { pendingAttributes[index].isOrphaned = false }
        directory.setOrphaned(false)
    }
}
