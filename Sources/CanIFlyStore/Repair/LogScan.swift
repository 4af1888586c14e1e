internal import StoreCodecs
internal import StoreFiles

/// Everything that the log says by itself, without the catalog: each transaction that was committed
/// and is not void.
struct LogScan {
    struct Transaction {
        var record: TransactionRecord
        /// Whether later ones may have been begun before it was carried out.
        var isAhead: Bool
        /// Where it ends.
        var end: LogPosition
    }

    /// Of the folder that was read.
    let generation: UInt64
    private(set) var transactions: [UInt64: Transaction] = [:]
    /// From the first readable segment's header.
    private(set) var store: StoreIdentifier?
    /// Where the first readable segment's records begin, and the number of its first transaction.
    private(set) var start: LogPosition?
    private(set) var firstTransaction: UInt64?
    /// Transactions before this one were carried out, since one was begun that waits for those before it.
    private(set) var firstUnfinished: UInt64 = 1
    /// Segments with a header that cannot be read.
    private(set) var unreadable: [UInt64] = []
    private(set) var segments: [UInt64] = []

    /// The folder that a catalog which cannot tell any more spoke of. There are two where a compaction
    /// was interrupted: the new one may not be complete, and the old one may be half removed, but the
    /// one that goes further has all.
    static func best(
        system: any SystemCalls, control: Descriptor
    ) throws(StoreError) -> LogScan {
        var best: LogScan?
        for generation in try ControlDirectory.logGenerations(system: system, control: control) {
            let scan = try LogScan(system: system, control: control, generation: generation)
            if let best, scan.lastTransaction < best.lastTransaction { continue }
            best = scan
        }
        if let best { return best }
        return try LogScan(system: system, control: control, generation: 1)
    }

    var lastTransaction: UInt64 { transactions.keys.max() ?? 0 }

    /// Reads every segment, one at a time.
    /// - Throws: `configuration` for a segment of a newer program.
    init(
        system: any SystemCalls, control: Descriptor, generation: UInt64
    ) throws(StoreError) {
        self.generation = generation
        do throws(Errno) {
            let folder: OwnedDescriptor
            do throws(Errno) {
                folder = try system.openOwned(
                    ControlNames.log(generation: generation), in: control, [.read, .directory])
            } catch .noEntry {
                return
            }
            segments = try system.entries(of: folder.descriptor)
                .compactMap { ControlNames.segmentNumber(of: $0.name) }.sorted()
        } catch {
            throw StoreError(error, cannot: "list the log")
        }
        for segment in segments {
            try read(
                segment,
                try SegmentFile(generation: generation, number: segment).bytes(
                    system: system, control: control))
        }
    }

    private mutating func read(_ segment: UInt64, _ bytes: [UInt8]) throws(StoreError) {
        let header: LogSegmentHeader
        do throws(LogSegmentError) {
            header = try LogSegmentHeader.decode(bytes)
        } catch .newerVersion(let version) {
            throw StoreError(
                .configuration, code: "store-newer",
                "the store was written by a newer program (log format \(version))",
                hint: "install that version of canifly-store or a later one")
        } catch {
            unreadable.append(segment)
            return
        }
        guard header.segment == segment, store == nil || store == header.store else {
            unreadable.append(segment)
            return
        }
        if store == nil {
            store = header.store
            start = header.start
            firstTransaction = header.firstTransaction
        }
        // It takes the place of what lay behind the log's end when it was begun.
        transactions = transactions.filter { $0.key < header.firstTransaction }
        firstUnfinished = max(firstUnfinished, header.firstTransaction)
        bytes.withUnsafeBytes { readTransactions($0, header) }
    }

    private mutating func readTransactions(
        _ bytes: UnsafeRawBufferPointer, _ header: LogSegmentHeader
    ) {
        var position = header.start
        var next = header.firstTransaction
        while position.offset < UInt64(bytes.count) {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[Int(position.offset)...])
            // Recordings without contents are in the catalog alone, so numbers may be passed over.
            guard
                let record = try? LogRecordHeader.decode(
                    rest, salt: header.salt, chain: position.chain),
                record.transaction >= next
            else { return }
            var reader = LogReader(
                rest, from: position, salt: header.salt, nextTransaction: record.transaction)
            var found = false
            while let transaction = reader.next() {
                let payload = UnsafeRawBufferPointer(rebasing: rest[transaction.commit.payload])
                if let lines = try? CommitPayload.decode(
                    payload, transaction: transaction.number)
                {
                    let isAhead = transaction.commit.header.type == .commitAhead
                    let follows = transactions[transaction.number &- 1]?.isAhead ?? false
                    transactions[transaction.number] = Transaction(
                        record: lines.transaction, isAhead: isAhead, end: transaction.end)
                    if !isAhead || !follows {
                        firstUnfinished = max(firstUnfinished, transaction.number)
                    }
                }
                found = true
            }
            if case .damaged(_, let defect)? = reader.verdict {
                switch defect {
                case .transactionNumber(let number) where found && number >= reader.nextTransaction:
                    break
                default:
                    // Only a later transaction tells damage from a torn tail.
                    firstUnfinished = max(firstUnfinished, reader.nextTransaction + 1)
                    return
                }
            }
            guard found else { return }
            position = reader.position
            next = reader.nextTransaction
        }
    }
}

/// A segment by the folder that it lies in.
struct SegmentFile: Hashable {
    var generation: UInt64
    var number: UInt64

    /// From the control directory.
    var path: String {
        "\(ControlNames.log(generation: generation))/\(ControlNames.segment(number))"
    }

    /// All of it.
    func bytes(system: any SystemCalls, control: Descriptor) throws(StoreError) -> [UInt8] {
        do throws(FileAccessError) {
            return try system.readWhole(path, in: control, limitBytes: 1 << 31)
        } catch {
            throw StoreError(error, document: StorePath(unchecked: path))
        }
    }
}
