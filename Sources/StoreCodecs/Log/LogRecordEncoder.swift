/// Makes the headers of log records, each chained to the one before it.
///
/// Payloads are not copied: the caller writes header, payload and padding one after the other. A
/// transaction that is given up leaves the chain where it was if the caller keeps a copy of the
/// encoder from before it.
public struct LogRecordEncoder: Sendable {
    /// The segment's salt.
    public let salt: UInt64
    /// The checksum of the last header: what the next one repeats.
    public private(set) var chain: UInt32

    /// Continues behind the record whose header has the checksum `chain`.
    public init(salt: UInt64, chain: UInt32) {
        self.salt = salt
        self.chain = chain
    }

    /// Continues at the beginning of a segment.
    public init(segment: LogSegmentHeader) {
        self.init(salt: segment.salt, chain: segment.start.chain)
    }

    /// Appends a record's header of `LogRecordHeader.byteCount` bytes. The payload of
    /// `payloadLength` bytes and then `LogRecordHeader.paddingLength` zero bytes must follow it.
    public mutating func appendHeader(
        type: LogRecordType, transaction: UInt64, payloadLength: UInt64, payloadChecksum: UInt32,
        to bytes: inout [UInt8]
    ) {
        let start = bytes.count
        bytes.appendLittleEndian(LogFormat.Record.markerValue)
        bytes += [type.rawValue, 0, 0, 0]
        bytes.appendLittleEndian(payloadLength)
        bytes.appendLittleEndian(~payloadLength)
        bytes.appendLittleEndian(transaction)
        bytes.appendLittleEndian(salt)
        bytes.appendLittleEndian(chain)
        bytes.appendLittleEndian(payloadChecksum)
        bytes.appendLittleEndian(UInt32(0))
        assert(bytes.count - start == LogFormat.Record.checksum)
        chain = bytes.withUnsafeBytes {
            CRC32.of(UnsafeRawBufferPointer(rebasing: $0[start...]))
        }
        bytes.appendLittleEndian(chain)
    }

    /// Appends a whole record: header, a copy of the payload, padding.
    public mutating func appendRecord(
        type: LogRecordType, transaction: UInt64, payload: UnsafeRawBufferPointer,
        to bytes: inout [UInt8]
    ) {
        appendHeader(
            type: type, transaction: transaction, payloadLength: UInt64(payload.count),
            payloadChecksum: CRC32.of(payload), to: &bytes)
        bytes.append(contentsOf: payload)
        let padding = LogRecordHeader.paddingLength(payloadLength: UInt64(payload.count))
        bytes.append(contentsOf: repeatElement(0, count: padding))
    }

    /// Appends a whole record: header, a copy of the payload, padding.
    public mutating func appendRecord(
        type: LogRecordType, transaction: UInt64, payload: [UInt8], to bytes: inout [UInt8]
    ) {
        payload.withUnsafeBytes {
            appendRecord(type: type, transaction: transaction, payload: $0, to: &bytes)
        }
    }
}
