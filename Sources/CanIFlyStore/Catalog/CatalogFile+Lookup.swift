internal import StoreCodecs
internal import StoreFiles

/// What the index leads to, in the part of the catalog that it covers. Where there is no index, or
/// something does not fit, all of these say that it is not usable, and the catalog is to be read.
extension CatalogFile {
    /// Where the catalog goes on behind the covered part: what must be read line by line.
    var uncovered: (offset: UInt64, nextTransaction: UInt64) {
        if let index { return (index.header.coveredLength, index.header.nextTransaction) }
        return (UInt64(headerLength), header.firstTransaction)
    }

    /// The covered transactions that changed any of these documents, with those changes alone, oldest
    /// first.
    /// - Parameter last: of later transactions none is wanted.
    func indexedTransactions(
        changing documents: Set<StorePath>, through last: UInt64
    ) throws(CatalogIndex.Unusable) -> [TransactionRecord] {
        let index = try usableIndex()
        let names = documents.map { Array($0.text.utf8) }
        var places: [CatalogIndexEntry] = []
        for name in names {
            let escaped = CatalogLines.escaped(name)
            places += try index.entries(CatalogIndexEntry.hash(ofName: escaped))
        }
        places.sort { $0.lineOffset < $1.lineOffset }
        let wanted = Set(names)
        var records: [TransactionRecord] = []
        var previous: UInt64?
        for place in places where place.lineOffset != previous {
            previous = place.lineOffset
            let (number, change) = try change(at: place, index)
            if number > last { break }
            // Others have the same hash.
            guard wanted.contains(change.document) else { continue }
            if records.last?.number != number {
                records.append(try indexedTransaction(number).record)
            }
            records[records.count - 1].changes.append(change)
        }
        return records
    }

    /// Where the covered part says last that the log keeps a content; nil where it does not say so.
    func indexedLocation(
        of digest: Digest
    ) throws(CatalogIndex.Unusable) -> ContentLocation? {
        let index = try usableIndex()
        for place in try index.entries(CatalogIndexEntry.hash(of: digest)).reversed() {
            let change = try change(at: place, index).change
            if let location = change.location(of: digest) { return location }
        }
        return nil
    }

    /// A covered transaction without its changes, and where its first line begins.
    func indexedTransaction(
        _ number: UInt64
    ) throws(CatalogIndex.Unusable) -> (record: TransactionRecord, offset: UInt64) {
        let index = try usableIndex()
        let place = try index.transaction(number)
        let line = try index.line(in: file.descriptor, at: place.lineOffset, place.lineChecksum)
        guard line.number == number, case .transaction(let record, _) = line.line else {
            throw CatalogIndex.Unusable()
        }
        return (record, place.lineOffset)
    }

    /// The first covered transaction that was made after a time; nil where all were made by then.
    func indexedTransaction(after time: RecordedTime) throws(CatalogIndex.Unusable) -> UInt64? {
        let index = try usableIndex()
        var numbers = index.header.catalog.firstTransaction..<index.header.nextTransaction
        while !numbers.isEmpty {
            let middle = numbers.lowerBound + UInt64(numbers.count / 2)
            if try index.transaction(middle).latestTime > time {
                numbers = numbers.lowerBound..<middle
            } else {
                numbers = middle + 1..<numbers.upperBound
            }
        }
        let found = numbers.lowerBound
        return found < index.header.nextTransaction ? found : nil
    }

    /// The first covered transaction that recorded every document there was; nil where none did.
    func indexedFullRecording() throws(CatalogIndex.Unusable) -> UInt64? {
        let number = try usableIndex().header.firstFullRecording
        return number == 0 ? nil : number
    }

    private func usableIndex() throws(CatalogIndex.Unusable) -> CatalogIndex {
        guard let index else { throw CatalogIndex.Unusable() }
        return index
    }

    private func change(
        at place: CatalogIndexEntry, _ index: CatalogIndex
    ) throws(CatalogIndex.Unusable) -> (number: UInt64, change: ChangeRecord) {
        let line = try index.line(in: file.descriptor, at: place.lineOffset, place.lineChecksum)
        guard case .change(let change) = line.line else { throw CatalogIndex.Unusable() }
        return (line.number, change)
    }
}

extension ChangeRecord {
    /// Where the log keeps a content, if this tells: what the document became comes last.
    func location(of digest: Digest) -> ContentLocation? {
        if let after, after.digest == digest, let location = after.location { return location }
        if case .present(let before) = before, before.digest == digest { return before.location }
        return nil
    }
}
