package import StoreCodecs
package import StoreFiles

/// Looking back.
extension StoreReading {
    /// The transactions, newest first.
    package func history(
        of document: StorePath?, limit: Int?
    ) throws(StoreError) -> [TransactionSummary] {
        var summaries: [TransactionSummary] = []
        var digests: [StorePath: Digest] = [:]
        try forEachTransaction { record, isPending in
            var changes: [DocumentChange] = []
            for change in record.changes {
                guard let path = try? change.path else { continue }
                let before: Digest? =
                    switch change.before {
                    case .absent: nil
                    case .asRecorded: digests[path]
                    case .present(let state): state.digest
                    }
                digests[path] = change.after?.digest
                guard before != change.after?.digest || change.before == .absent else { continue }
                if let document, document != path, document.packedForm != path { continue }
                changes.append(
                    DocumentChange(document: path, before: before, after: change.after?.digest))
            }
            if document == nil || !changes.isEmpty {
                summaries.append(
                    TransactionSummary(
                        number: record.number, time: Timestamp(record.time),
                        command: record.command, message: record.message, changes: changes,
                        isPending: isPending))
            }
            return true
        }
        summaries.reverse()
        if let limit { summaries.removeLast(max(0, summaries.count - limit)) }
        return summaries
    }

    /// What a document was as of a moment; nil where there was none.
    package func state(
        of document: StorePath, at moment: PointInTime
    ) throws(StoreError) -> DocumentState? {
        try requireKnown(moment)
        var state: DocumentState?
        try forEachTransaction { record, _ in
            guard moment.includes(record) else { return false }
            for change in record.changes
            where change.document.elementsEqual(document.text.utf8) {
                state = change.after
            }
            return true
        }
        return state
    }

    /// - Throws: `notFound` for a transaction that has not been.
    package func requireKnown(_ moment: PointInTime) throws(StoreError) {
        guard case .transaction(let number) = moment else { return }
        var last: UInt64 = 0
        switch catalog {
        case .some(let catalog): last = catalog.lastTransaction
        case .none: break
        }
        if let pending { last = pending.record.number }
        guard number >= 1, number <= last else {
            throw StoreError(
                .notFound, code: "no-such-transaction",
                last == 0
                    ? "there is no transaction \(number); nothing has been recorded yet"
                    : "there is no transaction \(number); the last one is \(last)",
                hint: "canifly-store log shows them")
        }
    }
}

extension PointInTime {
    /// Whether a transaction had been carried out by then.
    package func includes(_ record: TransactionRecord) -> Bool {
        switch self {
        case .transaction(let number): record.number <= number
        case .time(let time): Timestamp(record.time) <= time
        }
    }
}
