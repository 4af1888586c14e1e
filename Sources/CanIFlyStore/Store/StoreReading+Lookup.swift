package import StoreCodecs
package import StoreFiles

/// Looking one document or one moment up: by the catalog's index as far as that goes, the rest line by
/// line. Without the index, or where something about it does not fit, all of it line by line.
extension StoreReading {
    /// For more documents than this, the catalog is read from its beginning.
    private static let mostLookedUp = 1000

    /// Hands out the transactions that changed any of these documents, with those changes alone,
    /// oldest first, until `body` returns false. The waiting transaction always comes, whole.
    /// - Parameter last: later ones need not come.
    package func forEachChange(
        of documents: Set<StorePath>, through last: UInt64 = .max,
        _ body: (_ record: TransactionRecord, _ isPending: Bool) -> Bool
    ) throws(StoreError) {
        func handOut(_ record: TransactionRecord, _ isPending: Bool) -> Bool {
            if record.number > last { return false }
            return record.changes.isEmpty && !isPending || body(record, isPending)
        }
        guard documents.count <= Self.mostLookedUp,
            let (known, start) = try lookUp({ catalog throws(CatalogIndex.Unusable) in
                (
                    try catalog.indexedTransactions(changing: documents, through: last),
                    catalog.uncovered
                )
            })
        else { return try forEachTransaction(changing: documents, handOut) }
        for record in known where !body(record, false) { return }
        try forEachTransaction(changing: documents, start: start, handOut)
    }

    /// What the index tells; nil where there is none that can be used.
    func lookUp<Found>(
        _ find: (borrowing CatalogFile) throws(CatalogIndex.Unusable) -> Found
    ) throws(StoreError) -> Found? {
        switch catalog {
        case .none: return nil
        case .some(let catalog):
            do throws(CatalogIndex.Unusable) {
                return try find(catalog)
            } catch {
                return nil
            }
        }
    }

    /// Where the transaction of this number begins, as far as is known without reading what lies
    /// before it.
    func start(of number: UInt64) throws(StoreError) -> (offset: UInt64, nextTransaction: UInt64)? {
        try lookUp { catalog throws(CatalogIndex.Unusable) in
            let uncovered = catalog.uncovered
            if number >= uncovered.nextTransaction { return uncovered }
            let first = catalog.header.firstTransaction
            let number = max(number, first)
            return (try catalog.indexedTransaction(number).offset, number)
        }
    }

    /// A transaction without its changes.
    /// - Parameter number: of one that there is.
    func head(ofTransaction number: UInt64) throws(StoreError) -> TransactionRecord? {
        let known = try lookUp { catalog throws(CatalogIndex.Unusable) in
            try catalog.indexedTransaction(number).record
        }
        if let known { return known }
        var found: TransactionRecord?
        try forEachTransaction(changing: [], from: number) { record, _ in
            found = record
            return false
        }
        return found
    }

    /// The number of the first transaction that recorded every document there was; nil where none
    /// did.
    func firstFullRecording() throws(StoreError) -> UInt64? {
        let known = try lookUp { catalog throws(CatalogIndex.Unusable) in
            (number: try catalog.indexedFullRecording(), rest: catalog.uncovered)
        }
        if let number = known?.number { return number }
        var found: UInt64?
        try forEachTransaction(changing: [], start: known?.rest) { record, _ in
            guard record.recordsWholeStore else { return true }
            found = record.number
            return false
        }
        return found
    }
}
