/// Gathers what an index tells of a catalog, group by group, and writes it.
public struct CatalogIndexBuilder: Sendable {
    private var entries: [CatalogIndexEntry] = []
    private var transactions: [CatalogIndexTransaction] = []
    private var firstFullRecording: UInt64 = 0
    private let catalog: CatalogHeader
    /// Where the next group begins in the catalog's file.
    public private(set) var coveredLength: UInt64
    private var endLineOffset: UInt64 = 0
    private var endLineChecksum: UInt32 = 0

    public var nextTransaction: UInt64 { catalog.firstTransaction + UInt64(transactions.count) }

    /// For a whole catalog, whose header has `headerLength` bytes.
    public init(_ catalog: CatalogHeader, headerLength: UInt64) {
        self.catalog = catalog
        coveredLength = headerLength
    }

    /// For what comes behind the part that the index in `bytes` covers; nil where any bit of that has
    /// changed.
    public init?(extending bytes: UnsafeRawBufferPointer) {
        guard let header = CatalogIndexHeader.decode(bytes),
            header.fileLength == UInt64(bytes.count)
        else { return nil }
        func part(_ range: Range<UInt64>) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(
                rebasing: bytes[Int(range.lowerBound)..<Int(range.upperBound)])
        }
        entries.reserveCapacity(Int(header.entryCount))
        var end = header.entriesStart
        for bucket in 0..<header.bucketCount {
            let place = part(header.placeRange(ofBucket: bucket))
            guard let range = header.entriesRange(ofBucketAt: place), range.lowerBound == end,
                let found = header.entries(ofBucket: bucket, place: place, part(range)),
                found.allSatisfy({ header.bucket(of: $0.hash) == bucket })
            else { return nil }
            entries += found
            end = range.upperBound
        }
        guard end == header.transactionsStart else { return nil }
        transactions.reserveCapacity(Int(header.transactionCount))
        for number in header.catalog.firstTransaction..<header.nextTransaction {
            guard let range = header.placeRange(ofTransaction: number),
                let transaction = header.transaction(number, part(range))
            else { return nil }
            transactions.append(transaction)
        }
        catalog = header.catalog
        coveredLength = header.coveredLength
        endLineOffset = header.endLineOffset
        endLineChecksum = header.endLineChecksum
        firstFullRecording = header.firstFullRecording
    }

    /// Goes on by the groups in `bytes`, the next of the catalog; false where they are not whole, and
    /// then this is of no more use.
    /// - Parameter isFullRecording: whether a transaction recorded every document there was.
    public mutating func add(
        _ bytes: UnsafeRawBufferPointer, isFullRecording: (TransactionRecord) -> Bool
    ) -> Bool {
        var reader = CatalogReader(bytes, from: coveredLength, nextTransaction: nextTransaction)
        while let line = reader.nextLine() {
            switch line {
            case .transaction(let record, let changeCount):
                if firstFullRecording == 0, isFullRecording(record) {
                    firstFullRecording = record.number
                }
                if entries.isEmpty {
                    let possible = bytes.count / CatalogFormat.minimumChangeLength
                    entries.reserveCapacity(min(Int(clamping: changeCount), possible))
                }
                transactions.append(
                    CatalogIndexTransaction(
                        lineOffset: reader.lineOffset, lineChecksum: reader.lineChecksum,
                        latestTime: max(record.time, transactions.last?.latestTime ?? record.time)))
            case .change(let change):
                add(change, at: reader.lineOffset, reader.lineChecksum)
            case .end:
                endLineOffset = reader.lineOffset
                endLineChecksum = reader.lineChecksum
            }
        }
        coveredLength = reader.offset
        return reader.verdict == .clean(offset: reader.offset)
    }

    private mutating func add(_ change: ChangeRecord, at offset: UInt64, _ checksum: UInt32) {
        func add(_ hash: UInt32) {
            entries.append(
                CatalogIndexEntry(hash: hash, lineChecksum: checksum, lineOffset: offset))
        }
        add(CatalogIndexEntry.hash(ofName: CatalogLines.escaped(change.document)))
        let before = change.before.keptDigest
        let after = change.after?.keptDigest
        if let before { add(CatalogIndexEntry.hash(of: before)) }
        if let after, after != before { add(CatalogIndexEntry.hash(of: after)) }
    }

    // MARK: Bytes

    /// The whole file; nil while there is no group.
    /// - Parameter salt: random.
    public func encode(salt: UInt64) -> [UInt8]? {
        guard !transactions.isEmpty else { return nil }
        var header = CatalogIndexHeader(
            catalog: catalog, coveredLength: coveredLength, endLineOffset: endLineOffset,
            endLineChecksum: endLineChecksum, salt: salt, firstFullRecording: firstFullRecording,
            bucketBits: 0, entryCount: UInt64(entries.count),
            transactionCount: UInt64(transactions.count))
        let enough = entries.count / CatalogIndexHeader.entriesPerBucket
        while header.bucketCount < UInt64(enough),
            header.bucketBits < CatalogIndexHeader.largestBucketBits
        { header.bucketBits += 1 }
        return [UInt8](unsafeUninitializedCapacity: Int(header.fileLength)) { buffer, count in
            count = buffer.count
            let file = UnsafeMutableRawBufferPointer(buffer)
            file.copyBytes(from: header.encode())
            writeEntries(header, to: file)
            writeTransactions(header, to: file)
        }
    }

    /// Entries of a bucket stay in the order in which they came, which is that of the catalog.
    private func writeEntries(
        _ header: CatalogIndexHeader, to file: UnsafeMutableRawBufferPointer
    ) {
        var ends = [UInt64](repeating: 0, count: Int(header.bucketCount) + 1)
        for entry in entries { ends[Int(header.bucket(of: entry.hash)) + 1] += 1 }
        for bucket in 1..<ends.count { ends[bucket] += ends[bucket - 1] }
        let starts = ends
        for entry in entries {
            let bucket = Int(header.bucket(of: entry.hash))
            let start =
                Int(header.entriesStart) + Int(ends[bucket]) * CatalogIndexHeader.entryLength
            file.store(entry.lineOffset, at: start)
            file.store(entry.hash, at: start + 8)
            file.store(entry.lineChecksum, at: start + 12)
            ends[bucket] += 1
        }
        for bucket in 0..<Int(header.bucketCount) {
            let place = header.placeRange(ofBucket: UInt64(bucket))
            let start = Int(place.lowerBound)
            file.store(starts[bucket], at: start)
            file.store(UInt32(starts[bucket + 1] - starts[bucket]), at: start + 8)
            let stated = UnsafeRawBufferPointer(
                rebasing: file[start..<start + CatalogIndexHeader.bucketLength])
            let range = header.entriesRange(ofBucketAt: stated)!
            let entries = UnsafeRawBufferPointer(
                rebasing: file[Int(range.lowerBound)..<Int(range.upperBound)])
            file.store(
                header.checksum(ofBucket: UInt64(bucket), place: stated, entries), at: start + 12)
        }
    }

    private func writeTransactions(
        _ header: CatalogIndexHeader, to file: UnsafeMutableRawBufferPointer
    ) {
        var start = Int(header.transactionsStart)
        for (index, transaction) in transactions.enumerated() {
            file.store(transaction.lineOffset, at: start)
            file.store(transaction.latestTime.seconds, at: start + 8)
            file.store(UInt32(transaction.latestTime.nanoseconds), at: start + 16)
            file.store(transaction.lineChecksum, at: start + 20)
            file.store(UInt32(0), at: start + 24)
            let end = start + CatalogIndexHeader.transactionLength
            let written = UnsafeRawBufferPointer(rebasing: file[start..<end])
            let number = catalog.firstTransaction + UInt64(index)
            file.store(header.checksum(ofTransaction: number, written), at: start + 28)
            start = end
        }
    }
}

extension PriorState {
    fileprivate var keptDigest: Digest? {
        if case .present(let state) = self { state.keptDigest } else { nil }
    }
}

extension DocumentState {
    /// Of a content that is kept.
    fileprivate var keptDigest: Digest? { location == nil ? nil : digest }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func store(_ value: some FixedWidthInteger, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value))
    }
}
