internal import StoreFiles

/// How paths and names are resolved.
extension DiskState {
    static let maximumNameBytes = 255
    private static let maximumPathBytes = 4_095
    private static let maximumLinksFollowed = 40

    /// `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`: the directory of the last component
    /// and that component, nil where the path ends in a directory itself (`.`, `..`, `a/`).
    struct Resolved {
        var directory: InodeSlot
        var last: [UInt8]?
        /// The path ended in a slash: only a directory will do.
        var mustBeDirectory: Bool
    }

    func resolve(
        _ path: String, beneath start: InodeSlot, for process: Int32
    ) throws(Errno) -> Resolved {
        let bytes = Array(path.utf8)
        if bytes.isEmpty { throw .noEntry }
        if bytes.count > Self.maximumPathBytes { throw .nameTooLong }
        if bytes[0] == UInt8(ascii: "/") { throw .crossDevice }
        let components = bytes.split(separator: UInt8(ascii: "/")).map(Array.init)
        let mustBeDirectory = bytes.last == UInt8(ascii: "/")
        var stack = [start]
        for (index, component) in components.enumerated() {
            let directory = stack[stack.count - 1]
            guard self[directory].kind == .directory else { throw .notDirectory }
            try requireAccess(.search, to: directory)
            if component == [UInt8(ascii: ".")] { continue }
            if component == [UInt8(ascii: "."), UInt8(ascii: ".")] {
                if stack.count == 1 { throw .crossDevice }
                stack.removeLast()
                continue
            }
            if index == components.count - 1 {
                return Resolved(
                    directory: directory, last: component, mustBeDirectory: mustBeDirectory)
            }
            let next = try lookUp(component, in: directory)
            if next.isNone { throw .noEntry }
            switch self[next].kind {
            case .directory: stack.append(next)
            case .symbolicLink: throw .tooManyLinks
            default: throw .notDirectory
            }
        }
        return Resolved(directory: stack[stack.count - 1], last: nil, mustBeDirectory: true)
    }

    /// An absolute path, links followed.
    func follow(_ path: [UInt8]) throws(Errno) -> InodeSlot {
        var remaining = Array(path.split(separator: UInt8(ascii: "/")).map(Array.init).reversed())
        var stack: [InodeSlot] = [.root]
        var linksFollowed = 0
        while let component = remaining.popLast() {
            let directory = stack[stack.count - 1]
            guard self[directory].kind == .directory else { throw .notDirectory }
            try requireAccess(.search, to: directory)
            if component == [UInt8(ascii: ".")] { continue }
            if component == [UInt8(ascii: "."), UInt8(ascii: ".")] {
                if stack.count > 1 { stack.removeLast() }
                continue
            }
            let next = try lookUp(component, in: directory)
            if next.isNone { throw .noEntry }
            guard self[next].kind == .symbolicLink else {
                stack.append(next)
                continue
            }
            linksFollowed += 1
            if linksFollowed > Self.maximumLinksFollowed { throw .tooManyLinks }
            let target = self[next].contents
            if target.first == UInt8(ascii: "/") { stack = [.root] }
            remaining += target.split(separator: UInt8(ascii: "/")).map(Array.init).reversed()
        }
        return stack[stack.count - 1]
    }

    /// A single component for a call that takes a name. Checks that the directory can be searched.
    func component(_ name: String, in directory: InodeSlot) throws(Errno) -> [UInt8] {
        let bytes = Array(name.utf8)
        if bytes.isEmpty { throw .noEntry }
        if bytes.contains(UInt8(ascii: "/")) || bytes.contains(0) { throw .invalid }
        guard self[directory].kind == .directory else { throw .notDirectory }
        try requireAccess(.search, to: directory)
        return bytes
    }

    static func isDot(_ name: [UInt8]) -> Bool { name == [UInt8(ascii: ".")] }
    static func isDotDot(_ name: [UInt8]) -> Bool {
        name == [UInt8(ascii: "."), UInt8(ascii: ".")]
    }

    /// What a name names now. That a name is too long is found out only here, as in a kernel.
    func lookUp(_ name: [UInt8], in directory: InodeSlot) throws(Errno) -> InodeSlot {
        if name.count > Self.maximumNameBytes { throw .nameTooLong }
        return self[directory].directory.lookUp(name)
    }

    func existing(_ name: [UInt8], in directory: InodeSlot) throws(Errno) -> InodeSlot {
        let slot = try lookUp(name, in: directory)
        if slot.isNone { throw .noEntry }
        return slot
    }
}

// MARK: Permissions

enum Access: UInt16 {
    case search = 1
    case write = 2
    case read = 4
}

extension DiskState {
    /// The permission bits of the owner or of everybody else; the superuser may do anything.
    func requireAccess(_ access: Access, to slot: InodeSlot) throws(Errno) {
        let user = configuration.effectiveUser
        if user == 0 { return }
        let attributes = self[slot].attributes
        let shift: UInt16
        if attributes.user == user {
            shift = 6
        } else if attributes.group == configuration.effectiveGroup {
            shift = 3
        } else {
            shift = 0
        }
        if (attributes.mode.bits >> shift) & access.rawValue == 0 { throw .accessDenied }
    }

    func requireOwnership(of slot: InodeSlot) throws(Errno) {
        let user = configuration.effectiveUser
        if user != 0 && self[slot].attributes.user != user { throw .notPermitted }
    }

    /// A directory that may get, lose or change an entry. One that was removed gets no more.
    func requireChangeable(_ directory: InodeSlot) throws(Errno) {
        try requireAccess(.write, to: directory)
    }

    func isRemoved(_ slot: InodeSlot) -> Bool { links[Int(slot.index)] == 0 }
}
