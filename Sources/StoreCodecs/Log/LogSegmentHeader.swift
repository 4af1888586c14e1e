/// Why bytes are not the header of a log segment.
public enum LogSegmentError: Error, Sendable, Hashable {
    /// Fewer bytes than a header has.
    case truncated
    /// Something else than a log, an unwritten header among it.
    case notALog
    /// Written by a newer program, in a format that this one does not know.
    case newerVersion(UInt32)
    /// A bit has changed.
    case checksum
    /// The checksum is right, but the fields are none that this version writes.
    case invalid
}

/// The first bytes of a log segment.
///
/// Whether the segment belongs to the store at hand, and bears the number in its name, is for the
/// caller to compare.
public struct LogSegmentHeader: Sendable, Hashable {
    /// In bytes.
    public static let byteCount = LogFormat.Segment.length

    public var store: StoreIdentifier
    /// The segment's own number.
    public var segment: UInt64
    /// Random; every record of the segment repeats it.
    public var salt: UInt64
    /// The number of the first transaction that the segment holds or will hold; not 0.
    public var firstTransaction: UInt64

    public init(store: StoreIdentifier, segment: UInt64, salt: UInt64, firstTransaction: UInt64) {
        self.store = store
        self.segment = segment
        self.salt = salt
        self.firstTransaction = firstTransaction
    }

    public func encode() -> [UInt8] {
        precondition(firstTransaction > 0)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(LogFormat.Segment.length)
        bytes += LogFormat.magic
        bytes.appendLittleEndian(LogFormat.version)
        bytes.appendLittleEndian(UInt32(LogFormat.Segment.length))
        bytes += store.bytes
        bytes.appendLittleEndian(segment)
        bytes.appendLittleEndian(salt)
        bytes.appendLittleEndian(firstTransaction)
        let reserved = LogFormat.Segment.checksum - bytes.count
        bytes.append(contentsOf: repeatElement(0, count: reserved))
        bytes.appendLittleEndian(CRC32.of(bytes))
        return bytes
    }

    /// Reads the header at the beginning of `bytes`, which may hold more than it.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(LogSegmentError) -> LogSegmentHeader {
        typealias Layout = LogFormat.Segment
        guard bytes.count >= Layout.length else { throw .truncated }
        guard bytes[..<Layout.version].elementsEqual(LogFormat.magic) else { throw .notALog }

        // Every version keeps magic, version, length, and a checksum at the end of that length, so
        // that a flipped bit in the version is not taken for a newer program's work.
        let version = bytes.littleEndian(at: Layout.version, as: UInt32.self)
        let length = Int(bytes.littleEndian(at: Layout.headerLength, as: UInt32.self))
        guard length >= Layout.length, length <= Layout.maximumLength else { throw .checksum }
        guard bytes.count >= length else { throw .truncated }
        let checksumOffset = length - 4
        let checksum = bytes.littleEndian(at: checksumOffset, as: UInt32.self)
        guard CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[..<checksumOffset])) == checksum
        else { throw .checksum }
        guard version <= LogFormat.version else { throw .newerVersion(version) }

        let storeBytes = UnsafeRawBufferPointer(rebasing: bytes[Layout.store..<Layout.number])
        guard version == LogFormat.version, length == Layout.length,
            bytes[Layout.reserved..<Layout.checksum].allSatisfy({ $0 == 0 }),
            let store = StoreIdentifier(bytes: storeBytes)
        else { throw .invalid }
        let firstTransaction = bytes.littleEndian(at: Layout.firstTransaction, as: UInt64.self)
        guard firstTransaction > 0 else { throw .invalid }
        return LogSegmentHeader(
            store: store,
            segment: bytes.littleEndian(at: Layout.number, as: UInt64.self),
            salt: bytes.littleEndian(at: Layout.salt, as: UInt64.self),
            firstTransaction: firstTransaction)
    }

    /// Reads the header at the beginning of `bytes`, which may hold more than it.
    public static func decode(_ bytes: [UInt8]) throws(LogSegmentError) -> LogSegmentHeader {
        try bytes.withUnsafeBufferPointer { buffer throws(LogSegmentError) in
            try decode(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Where the segment's first record begins.
    public var start: LogPosition {
        let checksum = CRC32.of(Array(encode()[..<LogFormat.Segment.checksum]))
        return LogPosition(
            segment: segment, offset: UInt64(LogFormat.Segment.length), chain: checksum)
    }
}
