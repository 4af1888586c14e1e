/// The constants of gzip members (RFC 1952, section 2.3), for their writer and their reader.
enum GzipFormat {
    static let headerLength = 10
    static let trailerLength = 8

    static let magic: [UInt8] = [0x1F, 0x8B]
    static let deflate: UInt8 = 8

    /// The header that is written here: no name, no time, nothing about level or system, so that
    /// equal contents make equal bytes.
    static let header: [UInt8] = magic + [deflate, 0, 0, 0, 0, 0, 0, 0xFF]

    /// The bits of the fourth byte.
    enum Flag {
        static let headerChecksum: UInt8 = 1 << 1
        static let extra: UInt8 = 1 << 2
        static let name: UInt8 = 1 << 3
        static let comment: UInt8 = 1 << 4
        static let reserved: UInt8 = 0b1110_0000
    }

    /// zlib's `windowBits` for deflate data without a wrapping of its own, with a window of 32 KiB.
    static let rawWindowBits: Int32 = -15
    /// zlib's `memLevel`: its default.
    static let memoryLevel: Int32 = 8

    /// How much zlib takes at once, in bytes: its counts are 32-bit.
    static let maximumStep = 1 << 30

    static func trailer(checksum: UInt32, length: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittleEndian(checksum)
        bytes.appendLittleEndian(UInt32(truncatingIfNeeded: length))
        return bytes
    }
}

/// What is wrong with gzip data.
public enum GzipError: Error, Sendable, Hashable {
    /// It does not begin as gzip does.
    case notGzip
    /// It ends too early.
    case truncated
    /// The deflate data, or a member's header, is malformed.
    case corrupt
    /// A member's content has another CRC-32 than its trailer says.
    case badChecksum
    /// A member's content has another length than its trailer says.
    case badSize
    /// Behind the last member there is something that is none.
    case trailingGarbage
    /// The content is longer than so many bytes, which are the limit, be it the absolute one or the
    /// one in proportion to the packed bytes.
    case tooLarge(limit: UInt64)
}

/// How much content a reader gives before it takes the data for a bomb.
public struct GzipLimits: Sendable, Hashable {
    /// In bytes.
    public var maximumLength: UInt64
    /// How many bytes of content one packed byte may make. Deflate itself cannot exceed 1,032.
    public var maximumRatio: UInt64
    /// So many bytes of content are allowed whatever the ratio.
    public var lengthFreeOfRatio: UInt64

    public init(
        maximumLength: UInt64 = .max, maximumRatio: UInt64 = .max, lengthFreeOfRatio: UInt64 = 0
    ) {
        self.maximumLength = maximumLength
        self.maximumRatio = maximumRatio
        self.lengthFreeOfRatio = lengthFreeOfRatio
    }

    public static let unlimited = GzipLimits()

    /// What may have come out of so many packed bytes.
    package func limit(packedLength: UInt64) -> UInt64 {
        let (product, overflow) = packedLength.multipliedReportingOverflow(by: maximumRatio)
        return min(maximumLength, max(lengthFreeOfRatio, overflow ? .max : product))
    }
}
