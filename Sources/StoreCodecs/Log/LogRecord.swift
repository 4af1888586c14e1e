/// What a log record's payload is.
public enum LogRecordType: UInt8, Sendable, Hashable {
    /// A document's bytes as they are.
    case content = 1
    /// A document's bytes packed with gzip.
    case packedContent = 2
    /// The transaction's lines; the last record of each transaction.
    case commit = 3
    /// The same of a transaction that was acknowledged once the log had it: its documents follow
    /// later, together with those of the transactions after it.
    case commitAhead = 4

    /// Whether it ends a transaction.
    public var isCommit: Bool { self == .commit || self == .commitAhead }
}

/// What is wrong with a log record, or with the transaction around it.
public enum LogDefect: Error, Sendable, Hashable {
    /// The bytes end before the record does, or before its transaction is committed.
    case truncated
    /// No record begins here.
    case marker
    /// A bit of the header has changed.
    case headerChecksum
    /// The record was written into another segment.
    case foreignSalt
    /// The record does not follow the one before it.
    case brokenChain
    /// The checksum of the header is right, but its fields are none that this version writes.
    case invalidHeader
    /// The checksum of the header is right, but the type is none that this version knows.
    case unknownType(UInt8)
    /// A bit of the payload has changed.
    case payloadChecksum
    /// A bit of the padding behind the payload has changed.
    case padding
    /// The transaction is not the one after the last.
    case transactionNumber(UInt64)
    /// The commit record counts other content records than there are.
    case contentCount
}

/// A log record's header.
public struct LogRecordHeader: Sendable, Hashable {
    /// In bytes.
    public static let byteCount = LogFormat.Record.length

    public let type: LogRecordType
    /// In bytes.
    public let payloadLength: UInt64
    public let transaction: UInt64
    /// The checksum of the header before this one.
    public let previousChecksum: UInt32
    /// The CRC-32 that the payload must have.
    public let payloadChecksum: UInt32
    /// The checksum of this header, which the next one repeats.
    public let checksum: UInt32

    /// How many zero bytes follow the payload.
    public var paddingLength: Int { Self.paddingLength(payloadLength: payloadLength) }

    /// How many zero bytes follow a payload of this length.
    public static func paddingLength(payloadLength: UInt64) -> Int {
        let alignment = UInt64(LogFormat.alignment)
        return Int((alignment - payloadLength % alignment) % alignment)
    }

    /// What a record with such a payload takes in the segment, in bytes: header, payload, padding.
    public static func recordLength(payloadLength: UInt64) -> UInt64 {
        UInt64(byteCount) + payloadLength + UInt64(paddingLength(payloadLength: payloadLength))
    }

    /// Reads and checks the header at the beginning of `bytes`, which may hold more than it.
    /// `chain` is the checksum of the header before it, nil where that is not known: then a record
    /// of history can be read without those before it.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, salt: UInt64, chain: UInt32?
    ) throws(LogDefect) -> LogRecordHeader {
        typealias Layout = LogFormat.Record
        guard bytes.count >= Layout.length else { throw .truncated }
        guard bytes.littleEndian(at: Layout.marker, as: UInt32.self) == Layout.markerValue else {
            throw .marker
        }
        let checksum = bytes.littleEndian(at: Layout.checksum, as: UInt32.self)
        guard CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[..<Layout.checksum])) == checksum
        else { throw .headerChecksum }
        guard bytes.littleEndian(at: Layout.salt, as: UInt64.self) == salt else {
            throw .foreignSalt
        }
        let previousChecksum = bytes.littleEndian(at: Layout.previousChecksum, as: UInt32.self)
        if let chain, chain != previousChecksum { throw .brokenChain }

        let length = bytes.littleEndian(at: Layout.payloadLength, as: UInt64.self)
        let complement = bytes.littleEndian(at: Layout.complement, as: UInt64.self)
        let reserved = bytes[Layout.reserved..<Layout.reserved + Layout.reservedLength]
        guard complement == ~length,
            reserved.allSatisfy({ $0 == 0 }),
            bytes.littleEndian(at: Layout.secondReserved, as: UInt32.self) == 0
        else { throw .invalidHeader }
        guard let type = LogRecordType(rawValue: bytes[Layout.type]) else {
            throw .unknownType(bytes[Layout.type])
        }
        return LogRecordHeader(
            type: type, payloadLength: length,
            transaction: bytes.littleEndian(at: Layout.transaction, as: UInt64.self),
            previousChecksum: previousChecksum,
            payloadChecksum: bytes.littleEndian(at: Layout.payloadChecksum, as: UInt32.self),
            checksum: checksum)
    }

    /// Reads and checks the header at the beginning of `bytes`, which may hold more than it.
    /// `chain` is the checksum of the header before it, nil where that is not known: then a record
    /// of history can be read without those before it.
    public static func decode(
        _ bytes: [UInt8], salt: UInt64, chain: UInt32?
    ) throws(LogDefect) -> LogRecordHeader {
        try bytes.withUnsafeBufferPointer { buffer throws(LogDefect) in
            try decode(UnsafeRawBufferPointer(buffer), salt: salt, chain: chain)
        }
    }
}

/// A checked record, as ranges of the bytes that it was read from.
public struct LogRecord: Sendable, Hashable {
    public let header: LogRecordHeader
    /// The place of the record's header in the bytes given.
    public let start: Int
    /// The payload's place in the bytes given.
    public let payload: Range<Int>
    /// The first byte behind the record and its padding.
    public let end: Int

    /// Reads and checks the record at `start`: header, payload and padding. `chain` is the checksum
    /// of the header before it, nil where that is not known.
    public static func read(
        _ bytes: UnsafeRawBufferPointer, at start: Int, salt: UInt64, chain: UInt32?
    ) throws(LogDefect) -> LogRecord {
        guard start >= 0, start <= bytes.count else { throw .truncated }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        let header = try LogRecordHeader.decode(rest, salt: salt, chain: chain)
        // The length is compared with the bytes that are there before anything is done with it.
        let available = UInt64(rest.count - LogRecordHeader.byteCount)
        guard header.payloadLength <= available,
            UInt64(header.paddingLength) <= available - header.payloadLength
        else { throw .truncated }
        let payloadStart = start + LogRecordHeader.byteCount
        let payload = payloadStart..<payloadStart + Int(header.payloadLength)
        let end = payload.upperBound + header.paddingLength
        guard CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[payload])) == header.payloadChecksum
        else { throw .payloadChecksum }
        let padding = UnsafeRawBufferPointer(rebasing: bytes[payload.upperBound..<end])
        guard padding.isAllZero else { throw .padding }
        return LogRecord(header: header, start: start, payload: payload, end: end)
    }

    /// Reads and checks the record at `start`: header, payload and padding. `chain` is the checksum
    /// of the header before it, nil where that is not known.
    public static func read(
        _ bytes: [UInt8], at start: Int, salt: UInt64, chain: UInt32?
    ) throws(LogDefect) -> LogRecord {
        try bytes.withUnsafeBufferPointer { buffer throws(LogDefect) in
            try read(UnsafeRawBufferPointer(buffer), at: start, salt: salt, chain: chain)
        }
    }
}
