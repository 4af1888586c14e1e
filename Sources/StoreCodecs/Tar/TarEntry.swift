/// What an entry of a tar archive is.
public enum TarEntryKind: Sendable, Hashable {
    case file
    /// Another name for an earlier entry.
    case hardLink
    case symbolicLink
    case characterDevice
    case blockDevice
    case directory
    case fifo
    /// A type that is neither POSIX's nor read here, by its letter.
    case other(UInt8)

    init(type: UInt8) {
        self =
            switch type {
            // Contiguous files (7) are files; NUL is Seventh Edition's way of saying so.
            case UInt8(ascii: "0"), UInt8(ascii: "7"), 0: .file
            case UInt8(ascii: "1"): .hardLink
            case UInt8(ascii: "2"): .symbolicLink
            case UInt8(ascii: "3"): .characterDevice
            case UInt8(ascii: "4"): .blockDevice
            case UInt8(ascii: "5"): .directory
            case UInt8(ascii: "6"): .fifo
            default: .other(type)
            }
    }

    var type: UInt8 {
        switch self {
        case .file: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symbolicLink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .directory: UInt8(ascii: "5")
        case .fifo: UInt8(ascii: "6")
        case .other(let type): type
        }
    }

    /// Whether content follows the header.
    var hasContent: Bool {
        switch self {
        case .file, .other: true
        case .hardLink, .symbolicLink, .characterDevice, .blockDevice, .directory, .fifo: false
        }
    }
}

/// An entry of a tar archive. Names are bytes; whether a name is safe to use is for the caller to
/// judge.
public struct TarEntry: Sendable, Hashable {
    public var name: [UInt8]
    public var kind: TarEntryKind
    /// Of the content that follows, in bytes.
    public var size: UInt64
    /// The twelve permission bits.
    public var mode: UInt16
    public var modified: RecordedTime
    public var user: UInt64
    public var group: UInt64
    /// Empty where the archive does not tell.
    public var userName: [UInt8]
    /// Empty where the archive does not tell.
    public var groupName: [UInt8]
    /// What a hard or symbolic link points to.
    public var linkTarget: [UInt8]

    public init(
        name: [UInt8], kind: TarEntryKind = .file, size: UInt64 = 0, mode: UInt16,
        modified: RecordedTime, user: UInt64 = 0, group: UInt64 = 0, userName: [UInt8] = [],
        groupName: [UInt8] = [], linkTarget: [UInt8] = []
    ) {
        self.name = name
        self.kind = kind
        self.size = size
        self.mode = mode
        self.modified = modified
        self.user = user
        self.group = group
        self.userName = userName
        self.groupName = groupName
        self.linkTarget = linkTarget
    }
}

/// What is wrong with a tar archive.
public enum TarError: Error, Sendable, Hashable {
    /// It ends within an entry, or without the two empty blocks.
    case truncated
    /// A header's checksum is wrong, or there is no header.
    case checksum
    /// A header's checksum is right, but a field is malformed.
    case invalidHeader
    /// A description of an entry is malformed, too long, or describes nothing.
    case invalidExtension
    /// A sparse file, whose content is not what its size says.
    case sparse
    /// Behind an entry's content there are other bytes than zeros.
    case padding
    /// Behind the end there are other bytes than zeros.
    case trailingGarbage
}
