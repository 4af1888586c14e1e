/// The payload of a log's commit record: how many content records the transaction has, and its
/// lines as the catalog will have them, but for what only the finished work tells.
public struct CommitPayload: Sendable, Hashable {
    public var contentCount: UInt64
    public var transaction: TransactionRecord

    public init(contentCount: UInt64, transaction: TransactionRecord) {
        self.contentCount = contentCount
        self.transaction = transaction
    }

    /// `offset` is where the payload will begin in the segment: it is padded up to the end of a
    /// sector.
    public func encode(paddedFrom offset: UInt64? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittleEndian(contentCount)
        CatalogLines.append(transaction, position: nil, paddedFrom: offset, to: &bytes)
        return bytes
    }

    /// Reads the payload of the commit record of this transaction: exactly one group of lines.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, transaction: UInt64
    ) throws(CatalogDefect) -> CommitPayload {
        let countLength = LogFormat.contentCountLength
        guard bytes.count >= countLength else { throw .truncated }
        let lines = UnsafeRawBufferPointer(rebasing: bytes[countLength...])
        var reader = CatalogReader(lines, from: 0, nextTransaction: transaction, lineNumber: 1)
        let group = reader.next()
        if let group, reader.offset == UInt64(lines.count), group.position == nil {
            return CommitPayload(
                contentCount: bytes.littleEndian(at: 0, as: UInt64.self),
                transaction: group.transaction)
        }
        switch reader.verdict {
        case .tornTail(_, let defect), .corrupt(_, _, let defect): throw defect
        case .clean: throw .truncated
        case nil: throw .unexpectedLine
        }
    }

    /// Reads the payload of the commit record of this transaction: exactly one group of lines.
    public static func decode(
        _ bytes: [UInt8], transaction: UInt64
    ) throws(CatalogDefect) -> CommitPayload {
        try bytes.withUnsafeBufferPointer { buffer throws(CatalogDefect) in
            try decode(UnsafeRawBufferPointer(buffer), transaction: transaction)
        }
    }
}
