package import StoreCodecs
package import StoreFiles

/// Looking back.
extension StoreReading {
    /// The transactions, newest first.
    /// - Parameters:
    ///   - document: only what was done to it, packed or not.
    ///   - limit: at most so many.
    package func history(
        of document: StorePath?, limit: Int?
    ) throws(StoreError) -> [TransactionSummary] {
        if document == nil, let limit { return try latest(limit) }
        let documents = document.map { Set([$0, $0.packedForm ?? $0]) }
        var digests: [StorePath: Digest] = [:]
        var summaries: [TransactionSummary] = []
        func add(_ record: TransactionRecord, _ isPending: Bool) -> Bool {
            let summary = TransactionSummary(
                record, isPending: isPending, of: documents, digests: &digests)
            if document == nil || !summary.changes.isEmpty { summaries.append(summary) }
            return true
        }
        if let documents {
            try forEachChange(of: documents, add)
        } else {
            try forEachTransaction(add)
        }
        summaries.reverse()
        if let limit { summaries.removeLast(max(0, summaries.count - limit)) }
        return summaries
    }

    /// The newest transactions alone: most of a long catalog is passed without being read.
    private func latest(_ limit: Int) throws(StoreError) -> [TransactionSummary] {
        let last = lastTransaction
        return try summaries(
            from: last > UInt64(limit) ? last - UInt64(limit) + 1 : 1, through: last)
    }

    /// Nil for a transaction that there is not.
    func summary(ofTransaction number: UInt64) throws(StoreError) -> TransactionSummary? {
        try summaries(from: number, through: number).first
    }

    /// Newest first.
    private func summaries(
        from first: UInt64, through last: UInt64
    ) throws(StoreError) -> [TransactionSummary] {
        guard first > 0 else { return [] }
        // What they changed, where only what was recorded before them tells the digest.
        var documents: Set<StorePath> = []
        try forEachTransaction(from: first) { record, _ in
            guard record.number <= last else { return false }
            for change in record.changes where change.before == .asRecorded {
                if let path = try? change.path { documents.insert(path) }
            }
            return true
        }
        var digests: [StorePath: Digest] = [:]
        if !documents.isEmpty {
            try forEachChange(of: documents, through: first - 1) { record, _ in
                for change in record.changes {
                    guard let path = try? change.path else { continue }
                    digests[path] = change.after?.digest
                }
                return true
            }
        }
        var summaries: [TransactionSummary] = []
        try forEachTransaction(from: first) { record, isPending in
            guard record.number <= last else { return false }
            summaries.append(
                TransactionSummary(record, isPending: isPending, of: nil, digests: &digests))
            return true
        }
        summaries.reverse()
        return summaries
    }

    /// What a document was as of a moment; nil where there was none.
    /// - Throws: `notFound` for a moment that history does not know.
    package func state(
        of document: StorePath, at moment: PointInTime
    ) throws(StoreError) -> DocumentState? {
        let moment = try resolve(moment)
        var state: DocumentState?
        try forEachChange(of: [document], through: moment.transaction) { record, _ in
            let side = moment.side(of: record)
            guard side != .after else { return false }
            for change in record.changes
            where change.document.elementsEqual(document.text.utf8) {
                switch (side, change.before) {
                case (.replaced, .present(let before)): state = before
                case (.replaced, .absent): state = nil
                case (.replaced, .asRecorded): break
                default: state = change.after
                }
            }
            return side != .replaced
        }
        return state
    }

    /// A state that history keeps the content of, if any with this content is kept: one recorded by
    /// its digest alone may have been kept when it was replaced.
    package func keptState(_ state: DocumentState) throws(StoreError) -> DocumentState {
        if state.location != nil || waiting?.contents[state.digest] != nil { return state }
        guard let location = try locations(of: [state.digest])[state.digest] else { return state }
        var kept = state
        kept.location = location
        return kept
    }

    /// The content that a document had in an earlier state.
    /// - Throws: `notFound` where it was recorded by its digest alone; the hint says what is kept.
    package func pastContent(
        of document: StorePath, _ state: DocumentState
    ) throws(StoreError) -> [UInt8] {
        do throws(StoreError) {
            return try keptContent(try keptState(state))
        } catch  where error.code == "content-not-kept" {
            var failure = error
            failure.hint = try remedyWhereNotKept(document)
            throw failure
        }
    }

    /// Where the log keeps contents, of those that it keeps.
    package func locations(
        of digests: Set<Digest>
    ) throws(StoreError) -> [Digest: ContentLocation] {
        let known = try lookUp { catalog throws(CatalogIndex.Unusable) in
            var locations: [Digest: ContentLocation] = [:]
            for digest in digests { locations[digest] = try catalog.indexedLocation(of: digest) }
            return (locations, catalog.uncovered)
        }
        var locations = known?.0 ?? [:]
        try forEachTransaction(start: known?.1) { record, _ in
            for change in record.changes {
                if case .present(let state) = change.before, digests.contains(state.digest) {
                    locations[state.digest] = state.location ?? locations[state.digest]
                }
                if let state = change.after, digests.contains(state.digest) {
                    locations[state.digest] = state.location ?? locations[state.digest]
                }
            }
            return true
        }
        return locations
    }

    /// A moment by the number of a transaction.
    /// - Throws: `notFound` for a transaction that has not been, or that history has forgotten, and
    ///   for a time before the first.
    package func resolve(_ moment: PointInTime) throws(StoreError) -> PointInTime {
        let last = lastTransaction
        let first = firstTransaction
        guard last >= first else {
            throw StoreError(
                .notFound, code: "no-such-transaction",
                "nothing has been recorded yet, so nothing earlier can be shown",
                hint: "canifly-store snapshot records what is there now")
        }
        switch moment {
        case .transaction(let number), .before(let number):
            guard number < first || number > last else { return moment }
            throw StoreError(
                .notFound, code: "no-such-transaction",
                number > 0 && number < first
                    ? "transaction \(number) is no longer in the history, which begins with \(first)"
                    : "there is no transaction \(number); the last one is \(last)",
                hint: "canifly-store log shows them")
        case .time(let time):
            return .transaction(try lastTransaction(by: time))
        }
    }

    /// Clocks are set back: of those that were made in the order of time, the last.
    private func lastTransaction(by time: Timestamp) throws(StoreError) -> UInt64 {
        var number: UInt64?
        var first: Timestamp?
        let known = try lookUp { catalog throws(CatalogIndex.Unusable) in
            let next = try catalog.indexedTransaction(after: RecordedTime(time))
            let first = try catalog.indexedTransaction(catalog.header.firstTransaction).record
            return (next: next, first: Timestamp(first.time), rest: catalog.uncovered)
        }
        if let known {
            first = known.first
            if let next = known.next {
                number = next > firstTransaction ? next - 1 : nil
            } else {
                number = known.rest.nextTransaction - 1
            }
        }
        if known?.next == nil {
            try forEachTransaction(changing: [], start: known?.rest) { record, _ in
                let made = Timestamp(record.time)
                if first == nil { first = made }
                guard made <= time else { return false }
                number = record.number
                return true
            }
        }
        if let number { return number }
        throw StoreError(
            .notFound, code: "no-such-transaction",
            "nothing had been recorded by \(time.rfc3339); the first transaction is of "
                + (first?.rfc3339 ?? "later"),
            hint: "canifly-store log shows them")
    }

    /// The number of the last transaction, the waiting ones included; 0 before the first.
    package var lastTransaction: UInt64 {
        if let last = waiting?.transactions.last { return last.record.number }
        return switch catalog {
        case .some(let catalog): catalog.lastTransaction
        case .none: 0
        }
    }

    /// The number of the first transaction that history still has, or will have.
    private var firstTransaction: UInt64 {
        switch catalog {
        case .some(let catalog): catalog.header.firstTransaction
        case .none: 1
        }
    }
}

extension PointInTime {
    /// Where a transaction lies as seen from a moment; that of `time` is not to be asked
    /// (`StoreReading.resolve`).
    package enum Side: Hashable {
        case before
        /// What it replaced is what is meant.
        case replaced
        case after
    }

    /// The last transaction that bears on it; that of `time` is not to be asked.
    var transaction: UInt64 {
        switch self {
        case .transaction(let number), .before(let number): number
        case .time: preconditionFailure("a time is resolved first")
        }
    }

    package func side(of record: TransactionRecord) -> Side {
        switch self {
        case .transaction(let number): record.number <= number ? .before : .after
        case .time: preconditionFailure("a time is resolved first")
        case .before(let number):
            record.number < number ? .before : record.number == number ? .replaced : .after
        }
    }
}

extension TransactionSummary {
    /// - Parameters:
    ///   - documents: whose changes are wanted; nil: all.
    ///   - digests: what documents were recorded as so far; brought up to date.
    fileprivate init(
        _ record: TransactionRecord, isPending: Bool, of documents: Set<StorePath>?,
        digests: inout [StorePath: Digest]
    ) {
        var changes: [DocumentChange] = []
        for change in record.changes where !change.isControlFile {
            guard let path = try? change.path, documents?.contains(path) ?? true else { continue }
            let after = change.after?.digest
            let before: Digest? =
                switch change.before {
                case .absent: nil
                case .asRecorded: digests[path]
                case .present(let state): state.digest
                }
            digests[path] = after
            if before == after, change.leavesAttributes { continue }
            changes.append(DocumentChange(document: path, before: before, after: after))
        }
        self.init(
            number: record.number, time: Timestamp(record.time), command: record.command,
            message: record.message, changes: changes, isPending: isPending)
    }
}

extension ChangeRecord {
    /// Whether this says no more of a document with the same contents than that it is there: a
    /// snapshot also records what was merely touched, a compaction what others did not change.
    fileprivate var leavesAttributes: Bool {
        switch before {
        case .absent: false
        case .asRecorded: true
        case .present(let state): after.map { state.isSameDocument(as: $0) } ?? false
        }
    }
}

extension DocumentState {
    /// Whether both describe the same document, wherever its content is kept.
    package func isSameDocument(as other: DocumentState) -> Bool {
        digest == other.digest && mode == other.mode && user == other.user
            && group == other.group && modified == other.modified
    }
}
