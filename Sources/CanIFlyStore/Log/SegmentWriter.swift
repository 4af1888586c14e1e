package import StoreCodecs
internal import StoreFiles

/// Appends records to one segment of the log, gathering small ones into large writes.
///
/// Nothing is durable before `synchronization` is done. After any error the writer is finished: what it
/// wrote lies behind the trusted end, and the log goes on in a new segment.
package struct SegmentWriter: ~Copyable {
    private let system: any SystemCalls
    private let file: OwnedDescriptor
    private let segment: UInt64
    private var encoder: LogRecordEncoder
    /// Where the gathered bytes will go.
    private var flushedEnd: UInt64
    private var gathered: [UInt8] = []
    private var contentCount: UInt64 = 0
    /// How far the file is filled with zeros, or 0.
    private var reservedEnd: UInt64 = 0

    private static let gatherLimit = 1 << 20

    /// Continues at `position` of the segment that `file` is.
    init(
        system: any SystemCalls, file: consuming OwnedDescriptor, position: LogPosition,
        salt: UInt64
    ) {
        self.system = system
        self.file = file
        self.segment = position.segment
        self.start = position
        self.encoder = LogRecordEncoder(salt: salt, chain: position.chain)
        self.flushedEnd = position.offset
    }

    private var end: UInt64 { flushedEnd + UInt64(gathered.count) }

    /// Where the segment's records begin or were continued.
    package let start: LogPosition
    package var position: LogPosition {
        LogPosition(segment: segment, offset: end, chain: encoder.chain)
    }

    /// Adds a content of the transaction; says where it will be found.
    mutating func keep(
        _ content: [UInt8], transaction: UInt64
    ) throws(Errno) -> ContentLocation {
        let location = ContentLocation(segment: segment, offset: end)
        try append(.content, content, transaction: transaction)
        contentCount += 1
        return location
    }

    /// Adds a content that is packed already.
    mutating func keepPacked(
        _ packed: [UInt8], transaction: UInt64
    ) throws(Errno) -> ContentLocation {
        let location = ContentLocation(segment: segment, offset: end)
        try append(.packedContent, packed, transaction: transaction)
        contentCount += 1
        return location
    }

    /// Adds a content that lies in a file, piece by piece.
    /// - Throws: `inputOutput` where the file has not the bytes that it should have.
    mutating func keep(
        _ source: borrowing LoggedContent, transaction: UInt64
    ) throws(Errno) -> ContentLocation {
        let location = ContentLocation(segment: segment, offset: end)
        encoder.appendHeader(
            type: source.isPacked ? .packedContent : .content, transaction: transaction,
            payloadLength: source.length, payloadChecksum: source.checksum, to: &gathered)
        try flush()
        var checksum = CRC32()
        var done: UInt64 = 0
        while done < source.length {
            let piece = try system.readRange(
                source.file.descriptor, at: source.start + Int64(done),
                count: Int(min(source.length - done, UInt64(Self.gatherLimit))))
            guard !piece.isEmpty else { throw .inputOutput }
            checksum.update(piece)
            try system.writeAll(file.descriptor, piece, at: Int64(flushedEnd))
            if source.length > UInt64(Self.gatherLimit) {
                system.beginWritingOut(
                    file.descriptor, from: Int64(flushedEnd), count: Int64(piece.count))
            }
            flushedEnd += UInt64(piece.count)
            done += UInt64(piece.count)
        }
        guard checksum.value == source.checksum else { throw .inputOutput }
        gathered.append(
            contentsOf: repeatElement(
                0, count: LogRecordHeader.paddingLength(payloadLength: source.length)))
        contentCount += 1
        return location
    }

    /// Adds the commit record, which makes the contents before it a transaction.
    /// - Parameter isAhead: its documents follow later, whatever happens to this process.
    /// - Returns: where the log ends with it.
    @discardableResult
    mutating func commit(
        _ record: TransactionRecord, isAhead: Bool = false
    ) throws(Errno) -> LogPosition {
        let payload = CommitPayload(contentCount: contentCount, transaction: record)
            .encode(paddedFrom: end + UInt64(LogRecordHeader.byteCount))
        try append(isAhead ? .commitAhead : .commit, payload, transaction: record.number)
        contentCount = 0
        try flush()
        return position
    }

    /// What has to be synced, `fdatasync(2)`, for every committed transaction to be durable.
    var synchronization: Synchronization {
        precondition(gathered.isEmpty, "records not written yet cannot be synced")
        return .data(file.descriptor)
    }

    /// `fsync(2)`, for a file that is new.
    func synchronizeWhole() throws(Errno) {
        precondition(gathered.isEmpty, "records not written yet cannot be synced")
        try system.synchronize(file.descriptor)
    }

    /// Fills the file with zeros for some way behind the log's end, unless half of it is still there.
    /// Nothing depends on them: a reader takes them for a torn tail.
    mutating func reserve(_ byteCount: Int) throws(Errno) {
        precondition(gathered.isEmpty, "records not written yet would be written over")
        guard reservedEnd < flushedEnd + UInt64(byteCount / 2) else { return }
        let start = max(reservedEnd, flushedEnd)
        let zeros = [UInt8](repeating: 0, count: byteCount)
        try system.writeAll(file.descriptor, zeros, at: Int64(start))
        reservedEnd = start + UInt64(byteCount)
    }

    /// Cuts off what is left of the zeros.
    mutating func giveBackReserve() throws(Errno) {
        guard reservedEnd > flushedEnd else { return }
        reservedEnd = 0
        try system.truncate(file.descriptor, to: Int64(flushedEnd))
    }

    consuming func close() throws(Errno) {
        try file.close()
    }

    private mutating func append(
        _ type: LogRecordType, _ payload: [UInt8], transaction: UInt64
    ) throws(Errno) {
        guard payload.count >= Self.gatherLimit else {
            encoder.appendRecord(
                type: type, transaction: transaction, payload: payload, to: &gathered)
            if gathered.count >= Self.gatherLimit { try flush() }
            return
        }
        // A large payload is written from where it lies.
        encoder.appendHeader(
            type: type, transaction: transaction, payloadLength: UInt64(payload.count),
            payloadChecksum: CRC32.of(payload), to: &gathered)
        try flush()
        try system.writeAll(file.descriptor, payload, at: Int64(flushedEnd))
        flushedEnd += UInt64(payload.count)
        let padding = LogRecordHeader.paddingLength(payloadLength: UInt64(payload.count))
        gathered.append(contentsOf: repeatElement(0, count: padding))
    }

    private mutating func flush() throws(Errno) {
        guard !gathered.isEmpty else { return }
        try system.writeAll(file.descriptor, gathered, at: Int64(flushedEnd))
        flushedEnd += UInt64(gathered.count)
        gathered.removeAll(keepingCapacity: true)
    }
}
