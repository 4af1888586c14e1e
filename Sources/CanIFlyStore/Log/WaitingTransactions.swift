package import StoreCodecs
package import StoreFiles

/// Transactions that are in the log and not yet carried out, oldest first. One, where a process died
/// while it carried it out; several, where it had put that off (``TransactionSeries``).
package struct WaitingTransactions: Sendable {
    package private(set) var transactions: [WaitingTransaction] = []
    /// The contents that they brought into the log, by digest.
    package private(set) var contents: [Digest: [UInt8]] = [:]

    package init() {}

    /// Reads transactions out of the log's rest; nil where there is none.
    /// - Throws: `invalidData` (`log-corrupt`) where its checksums are right and its lines are not.
    package init?(_ rest: LogFolder.Rest) throws(StoreError) {
        for transaction in rest.transactions {
            append(try WaitingTransaction(transaction, in: rest.bytes))
        }
        if transactions.isEmpty { return nil }
    }

    package mutating func append(_ transaction: WaitingTransaction) {
        transactions.append(transaction)
        contents.merge(transaction.contents) { known, _ in known }
    }

    package var records: [TransactionRecord] { transactions.map(\.record) }

    /// Every change in order; of one document there may be several.
    package var changes: [ChangeRecord] { transactions.flatMap(\.record.changes) }

    /// Whether somebody counts on them: they must not be dropped for what other programs wrote.
    package var areAcknowledged: Bool { transactions.contains { $0.isAhead } }

    /// As messages name them.
    package var name: String {
        guard let first = transactions.first, let last = transactions.last else { return "nothing" }
        return transactions.count == 1
            ? "transaction \(first.record.number)"
            : "transactions \(first.record.number) to \(last.record.number)"
    }

    /// What they do to one document together: what it was before the first that changes it, and is
    /// after the last. Nil where they do nothing.
    package func change(of document: StorePath) -> ChangeRecord? {
        changes.filter { $0.document.elementsEqual(document.text.utf8) }.combined.first
    }

    /// What they do to each document together.
    package var combinedChanges: [ChangeRecord] { changes.combined }
}

extension [ChangeRecord] {
    /// Of each document one change: from before its first to after its last.
    package var combined: [ChangeRecord] {
        var combined: [ChangeRecord] = []
        var places: [[UInt8]: Int] = [:]
        for change in self {
            if let place = places[change.document] {
                combined[place].after = change.after
            } else {
                places[change.document] = combined.count
                combined.append(change)
            }
        }
        return combined
    }
}

/// One of them.
package struct WaitingTransaction: Sendable {
    package var record: TransactionRecord
    /// Acknowledged when the log had it.
    package let isAhead: Bool
    /// The contents that it brought into the log, by digest.
    package private(set) var contents: [Digest: [UInt8]] = [:]
    /// The same as records of the log.
    package private(set) var kept: [KeptRecord] = []

    package struct KeptRecord: Sendable {
        package var location: ContentLocation
        package var isPacked: Bool
        package var payload: [UInt8]
    }

    /// One that this process has just put into the log.
    init(ahead record: TransactionRecord, kept: [(digest: Digest, record: KeptRecord)]) {
        self.record = record
        isAhead = true
        for content in kept {
            contents[content.digest] = content.record.payload
            self.kept.append(content.record)
        }
    }

    fileprivate init(_ transaction: LogTransaction, in bytes: [UInt8]) throws(StoreError) {
        do throws(CatalogDefect) {
            record = try CommitPayload.decode(
                Array(bytes[transaction.commit.payload]), transaction: transaction.number
            ).transaction
        } catch {
            throw .logCorrupt("the commit record of transaction \(transaction.number): \(error)")
        }
        isAhead = transaction.commit.header.type == .commitAhead
        let base = transaction.start
        for content in transaction.contents {
            let payload = Array(bytes[content.payload])
            contents[Digest.of(payload)] = payload
            kept.append(
                KeptRecord(
                    location: ContentLocation(
                        segment: transaction.end.segment, offset: base + UInt64(content.start)),
                    isPacked: content.header.type == .packedContent, payload: payload))
        }
        try unpackContents()
    }

    /// What documents are to be and only a packed record has.
    private mutating func unpackContents() throws(StoreError) {
        for change in record.changes {
            guard let after = change.after, contents[after.digest] == nil,
                let record = kept.first(where: { $0.location == after.location }),
                record.isPacked
            else { continue }
            contents[after.digest] = try PackedDocument.unpack(record.payload, of: try change.path)
        }
    }
}

extension LogTransaction {
    /// Where the bytes that were read begin in the segment.
    fileprivate var start: UInt64 { end.offset - UInt64(commit.end) }
}
