internal import StoreCodecs
internal import StoreFiles

/// What is wrong with the store's own records, and what history they, or those made from what is
/// left of them, hold. Reads only.
struct ControlInspection {
    /// What to do about the catalog.
    enum CatalogRemedy {
        case none
        case rebuild(RebuiltCatalog)
        /// Nothing in catalog or log can be read: both are kept, and the store begins anew.
        case beginAnew
    }

    private(set) var catalogRemedy = CatalogRemedy.none
    /// The damaged catalog's bytes; nil where it is lost.
    private(set) var damagedCatalog: [UInt8]?
    /// Segments to be kept aside before a new one is begun; nil where the log is sound.
    private(set) var damagedSegments: [SegmentFile]?
    /// The number of the segment to be begun, and of its first transaction.
    private(set) var newSegment: (number: UInt64, firstTransaction: UInt64) = (1, 1)
    private(set) var isIndexDamaged = false
    private(set) var steps: [RepairStep] = []

    /// Oldest first.
    private(set) var records: [TransactionRecord] = []
    private(set) var state = CatalogState()
    private(set) var log: LogFolder?
    /// Committed and not carried out.
    private(set) var waiting: WaitingTransactions?

    /// Whether catalog or log must be mended before a transaction can be made.
    var needsMending: Bool {
        if case .none = catalogRemedy { return damagedSegments != nil }
        return true
    }

    /// - Parameter control: the control directory; nil where there is none.
    init(
        system: any SystemCalls, root: Descriptor, control: Descriptor?
    ) throws(StoreError) {
        guard let control else { return }
        let files = DocumentFiles(system: system, root: root)
        do throws(StoreError) {
            try readCatalog(system, control)
            guard log != nil else { return }
        } catch  where error.code == FindingCode.catalogCorrupt.rawValue {
            try rebuild(because: error.message, system, control, files)
        }
        try readLog(system, control, files)
        if let waiting {
            let isOne = waiting.transactions.count == 1
            steps.append(
                RepairStep(
                    .logPending, .finishTransaction, source: "log",
                    detail: "\(waiting.name) \(isOne ? "was" : "were") interrupted and "
                        + "\(isOne ? "is" : "are") to be carried out"))
        }
    }

    // MARK: Catalog

    private mutating func readCatalog(
        _ system: any SystemCalls, _ control: Descriptor
    ) throws(StoreError) {
        guard
            let catalog = try CatalogFile.open(
                system: system, control: control, forWriting: false)
        else {
            guard try ControlDirectory.isUsed(system: system, control: control) else { return }
            throw .catalogLost
        }
        let isUsed = try ControlDirectory.isUsed(system: system, control: control)
        guard isUsed else { return }
        let start = UInt64(catalog.headerLength)
        let bytes = try catalog.bytes(from: start)
        state = try CatalogState(
            bytes, from: start, firstTransaction: catalog.header.firstTransaction)
        records = bytes.withUnsafeBytes { buffer in
            var reader = CatalogReader(
                buffer, from: start, nextTransaction: catalog.header.firstTransaction)
            var records: [TransactionRecord] = []
            while let group = reader.next() { records.append(group.transaction) }
            return records
        }
        log = LogFolder(
            system: system, control: control, store: catalog.header.store,
            generation: catalog.header.generation)
        logEnd = catalog.logEnd
        lastTransaction = catalog.lastTransaction
        // One that cannot be read is of no use, and does no harm.
        if let defect = (try? catalog.indexDefect(control: control)) ?? nil {
            isIndexDamaged = true
            steps.append(
                RepairStep(.indexCorrupt, .renewIndex, source: "catalog", detail: defect))
        }
    }

    private var logEnd: LogPosition?
    private var lastTransaction: UInt64 = 0

    private mutating func rebuild(
        because reason: String, _ system: any SystemCalls, _ control: Descriptor,
        _ files: DocumentFiles
    ) throws(StoreError) {
        do throws(FileAccessError) {
            damagedCatalog = try system.readWhole(
                ControlNames.catalog, in: control, limitBytes: 1 << 31)
        } catch .system(.noEntry) {
        } catch {
            throw StoreError(error, document: StorePath(unchecked: ControlNames.catalog))
        }
        let scan: LogScan
        if let header = try? CatalogHeader.decode(damagedCatalog ?? []).header {
            scan = try LogScan(
                system: system, control: control, generation: header.generation)
        } else {
            scan = try LogScan.best(system: system, control: control)
        }
        guard
            let rebuilt = try RebuiltCatalog(
                damaged: damagedCatalog ?? [], log: scan, files: files)
        else {
            catalogRemedy = .beginAnew
            damagedSegments = try allSegments(system, control)
            steps.append(
                RepairStep(
                    .catalogCorrupt, .rebuildCatalog,
                    lost: ["the history: neither catalog nor log can be read"],
                    detail: "the store's records are set aside, and begun anew"))
            return
        }
        catalogRemedy = .rebuild(rebuilt)
        isIndexDamaged = false
        steps.removeAll { $0.action == .renewIndex }
        records = rebuilt.records
        state = CatalogState()
        for record in records { state.apply(record) }
        log = LogFolder(
            system: system, control: control, store: rebuilt.store,
            generation: scan.generation)
        logEnd = rebuilt.logEnd
        lastTransaction = rebuilt.lastTransaction
        steps.append(
            RepairStep(
                .catalogCorrupt, .rebuildCatalog, source: "log", lost: rebuilt.lost,
                detail: "\(reason); \(records.count) transactions can be told from what is left "
                    + "of it and from the log"))
    }

    private func allSegments(
        _ system: any SystemCalls, _ control: Descriptor
    ) throws(StoreError) -> [SegmentFile] {
        var segments: [SegmentFile] = []
        for generation in try ControlDirectory.logGenerations(system: system, control: control) {
            let scan = try LogScan(system: system, control: control, generation: generation)
            segments += scan.segments.map { SegmentFile(generation: generation, number: $0) }
        }
        return segments
    }

    // MARK: Log

    private mutating func readLog(
        _ system: any SystemCalls, _ control: Descriptor, _ files: DocumentFiles
    ) throws(StoreError) {
        guard let log else { return }
        var damage: (reason: String, segments: [UInt64])?
        do throws(StoreError) {
            let tail = try log.tail(after: logEnd, lastTransaction: lastTransaction)
            guard tail.hasRest else { return }
            let rest = try log.rest(of: tail, lastTransaction: lastTransaction)
            waiting = try WaitingTransactions(rest)
            if case .damaged(let offset, let defect) = rest.verdict {
                damage = (
                    "a record at \(offset) of \(ControlNames.segment(tail.position.segment)): "
                        + "\(defect)", [tail.position.segment]
                )
            }
        } catch  where error.code == FindingCode.logCorrupt.rawValue {
            damage = (error.message, [])
        }
        guard var damage else { return }
        let scan = try LogScan(
            system: system, control: control, generation: log.generation)
        if case .none = catalogRemedy, scan.firstUnfinished > lastTransaction + 1 {
            // The log goes on where the catalog ends: the catalog has lost its end.
            try rebuild(
                because: "the catalog has lost its last transactions", system, control, files)
            waiting = nil
            return try readLog(system, control, files)
        }
        if damage.segments.isEmpty { damage.segments = scan.unreadable }
        damagedSegments = damage.segments.map {
            SegmentFile(generation: log.generation, number: $0)
        }
        let newest = max(scan.segments.last ?? 0, logEnd?.segment ?? 0)
        newSegment = (newest + 1, lastTransaction + 1)
        let wasWaiting = waiting.map { "\($0.name), not finished" }
        waiting = nil
        steps.append(
            RepairStep(
                .logCorrupt, .beginSegment, lost: wasWaiting.map { [$0] } ?? [],
                detail: "\(damage.reason); the log goes on in a new segment"))
    }
}
