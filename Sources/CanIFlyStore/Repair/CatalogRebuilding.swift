internal import StoreCodecs
internal import StoreFiles

/// A catalog made anew from the good groups of the damaged one and from the log.
struct RebuiltCatalog {
    private(set) var bytes: [UInt8]
    let store: StoreIdentifier
    private(set) var records: [TransactionRecord] = []
    /// Where the log ends behind the last transaction.
    private(set) var logEnd: LogPosition?
    /// What could not be known, one line each.
    private(set) var lost: [String] = []

    var lastTransaction: UInt64 { records.last?.number ?? firstTransaction - 1 }
    let firstTransaction: UInt64

    /// The command that history shows for a transaction of which nothing but its number is left.
    static let unknownCommand = "unknown"

    /// Nil where there is nothing to make it from.
    /// - Parameters:
    ///   - damaged: the damaged catalog; empty where it is lost.
    ///   - files: to tell whether the log's last transaction was carried out.
    init?(damaged: [UInt8], log: LogScan, files: DocumentFiles) throws(StoreError) {
        let header = (try? CatalogHeader.decode(damaged))?.header
        let groups = Self.goodGroups(of: damaged)
        guard let store = header?.store ?? log.store else { return nil }
        self.store = store
        let first =
            header?.firstTransaction
            ?? ([groups.keys.min(), log.firstTransaction].compactMap { $0 }.min() ?? 1)
        firstTransaction = first
        // The generation names the folder of the log that there is.
        bytes =
            CatalogHeader(
                store: store, generation: log.generation, firstTransaction: first
            ).encode()
        var last = max(groups.keys.max() ?? 0, log.transactions.keys.max() ?? 0)
        last = max(last, log.firstUnfinished - 1)
        // What is not carried out stays in the log, and is finished by recovery.
        last =
            try Self.firstWaiting(upTo: last, from: first, groups, log, files).map { $0 - 1 }
            ?? last
        guard last >= first else { return }
        add(first...last, groups, log)
    }

    private mutating func add(
        _ numbers: ClosedRange<UInt64>, _ groups: [UInt64: CatalogGroup], _ log: LogScan
    ) {
        var position = log.start
        var time =
            numbers.lazy.compactMap {
                groups[$0]?.transaction.time ?? log.transactions[$0]?.record.time
            }.first ?? RecordedTime(seconds: 0)
        var unsigned = 0
        var unknown: [UInt64] = []
        for number in numbers {
            var record: TransactionRecord
            if let group = groups[number] {
                record = group.transaction
                position = group.position ?? position
            } else if let found = log.transactions[number] {
                record = found.record
                position = found.end
                unsigned += record.changes.count { $0.after != nil && $0.signature == nil }
            } else {
                unknown.append(number)
                record = TransactionRecord(
                    number: number, time: time, command: Self.unknownCommand,
                    message: "lost with the catalog")
            }
            time = record.time
            CatalogLines.append(record, position: position, paddedFrom: 0, to: &bytes)
            records.append(record)
        }
        logEnd = position
        tell(unsigned: unsigned, unknown: unknown)
    }

    private mutating func tell(unsigned: Int, unknown: [UInt64]) {
        for number in unknown {
            lost.append(
                "what transaction \(number) recorded: the log does not have it, as with init, "
                    + "which keeps no contents")
        }
        if unsigned > 0 {
            lost.append(
                "the signatures of \(unsigned) states: until the next snapshot, damage that leaves "
                    + "a document well-formed looks like a change by the application")
        }
    }

    /// The first of the transactions up to the log's last that are not carried out; nil where all are.
    private static func firstWaiting(
        upTo last: UInt64, from first: UInt64, _ groups: [UInt64: CatalogGroup], _ log: LogScan,
        _ files: DocumentFiles
    ) throws(StoreError) -> UInt64? {
        func mayWait(_ number: UInt64) -> Bool {
            log.transactions[number] != nil && groups[number] == nil
                && number >= max(log.firstUnfinished, first)
        }
        guard mayWait(last) else { return nil }
        var candidates = [last]
        while let number = candidates.last, number > 0, mayWait(number - 1),
            log.transactions[number - 1]?.isAhead == true
        {
            candidates.append(number - 1)
        }
        for number in candidates.reversed() {
            let changes = (number...last).flatMap { log.transactions[$0]?.record.changes ?? [] }
            if try isUnfinished(changes.combined, files) { return number }
        }
        return nil
    }

    /// Whether a document is still as it was before.
    private static func isUnfinished(
        _ changes: [ChangeRecord], _ files: DocumentFiles
    ) throws(StoreError) -> Bool {
        for change in changes where !change.isObservation {
            let live = try files.read(try change.path)
            if live?.digest == change.after?.digest { continue }
            switch change.before {
            case .absent: if live == nil { return true }
            case .present(let state): if live?.digest == state.digest { return true }
            case .asRecorded: continue
            }
        }
        return false
    }

    // MARK: What is left of the old one

    /// Each group that is whole. Groups begin at multiples of a sector.
    private static func goodGroups(of bytes: [UInt8]) -> [UInt64: CatalogGroup] {
        var groups: [UInt64: CatalogGroup] = [:]
        let sector = 512
        // Garbage that looks like a group again and again must not make this slow.
        var attempts = 1000
        bytes.withUnsafeBytes { buffer in
            var offset = sector
            while offset < buffer.count, attempts > 0 {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[offset...])
                guard let number = transactionNumber(rest) else {
                    offset += sector
                    continue
                }
                var reader = CatalogReader(
                    rest, from: UInt64(offset), nextTransaction: number)
                if let group = reader.next(), group.range.upperBound % UInt64(sector) == 0 {
                    groups[number] = group
                    offset = Int(group.range.upperBound)
                } else {
                    attempts -= 1
                    offset += sector
                }
            }
        }
        return groups
    }

    /// Of a line `t`, tab, number, tab.
    private static func transactionNumber(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard bytes.count > 3, bytes[0] == UInt8(ascii: "t"), bytes[1] == UInt8(ascii: "\t")
        else { return nil }
        let digits = bytes[2...].prefix(21).prefix { $0 != UInt8(ascii: "\t") }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }
}
