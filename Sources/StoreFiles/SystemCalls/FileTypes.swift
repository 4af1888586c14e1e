/// How a file is opened; the names of `open(2)`. Close-on-exec is always set, and no symbolic link
/// is ever followed.
public struct OpenFlags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let read = OpenFlags(rawValue: 1 << 0)
    public static let write = OpenFlags(rawValue: 1 << 1)
    /// `O_CREAT`.
    public static let create = OpenFlags(rawValue: 1 << 2)
    /// `O_EXCL`.
    public static let exclusive = OpenFlags(rawValue: 1 << 3)
    /// `O_DIRECTORY`.
    public static let directory = OpenFlags(rawValue: 1 << 4)
}

/// The twelve permission bits of `st_mode`.
public struct FileMode: Sendable, Hashable {
    public let bits: UInt16
    public init(_ bits: UInt16) { self.bits = bits & 0o7777 }

    public static let privateFile = FileMode(0o600)
    public static let privateDirectory = FileMode(0o700)

    /// Four octal digits, as in `0600`.
    public var octal: String {
        let digits = String(bits, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}

/// What kind of file an entry names.
public enum FileKind: Sendable, Hashable {
    case regular, directory, symbolicLink, fifo, socket, device, unknown
}

/// A moment: whole seconds since 1970 UTC and nanoseconds (0 up to 999,999,999).
public struct Timestamp: Sendable, Hashable, Comparable {
    public var seconds: Int64
    public var nanoseconds: Int32
    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// What `fstat(2)` tells.
public struct FileStatus: Sendable, Hashable {
    public var kind: FileKind
    public var mode: FileMode
    public var user: UInt32
    public var group: UInt32
    /// In bytes.
    public var size: Int64
    public var device: UInt64
    public var inode: UInt64
    public var linkCount: UInt64
    public var modified: Timestamp
    public var changed: Timestamp
    /// `st_blocks`, in units of 512 bytes: less than `size` needs, for a sparse file.
    public var blocks: Int64

    public init(
        kind: FileKind, mode: FileMode, user: UInt32, group: UInt32, size: Int64, device: UInt64,
        inode: UInt64, linkCount: UInt64, modified: Timestamp, changed: Timestamp, blocks: Int64
    ) {
        self.kind = kind
        self.mode = mode
        self.user = user
        self.group = group
        self.size = size
        self.device = device
        self.inode = inode
        self.linkCount = linkCount
        self.modified = modified
        self.changed = changed
        self.blocks = blocks
    }

    /// What must be equal for a file to count as untouched since it was recorded.
    public var signature: StatusSignature {
        StatusSignature(size: size, inode: inode, modified: modified, changed: changed)
    }
}

/// Size, inode, modification time and change time: as long as these are equal, nobody has written
/// the file through the file system.
public struct StatusSignature: Sendable, Hashable {
    public var size: Int64
    public var inode: UInt64
    public var modified: Timestamp
    public var changed: Timestamp
    public init(size: Int64, inode: UInt64, modified: Timestamp, changed: Timestamp) {
        self.size = size
        self.inode = inode
        self.modified = modified
        self.changed = changed
    }
}

/// A name in a directory, as bytes, since nothing makes names UTF-8.
public struct DirectoryEntry: Sendable, Hashable {
    public var name: [UInt8]
    /// `.unknown` where the file system does not tell (`DT_UNKNOWN`).
    public var kind: FileKind
    public init(name: [UInt8], kind: FileKind) {
        self.name = name
        self.kind = kind
    }
}
