internal import StoreCodecs
public import StoreFiles

/// Many transactions under one lock, each durable as soon as the log has it, which takes one sync.
///
/// Their documents are written later and all at once: at the end, when `publish` is called, and in
/// between whenever much is waiting. Until then other programs read the documents as they were before,
/// except this one's commands, which look into the log. If the process dies, the next command that
/// writes brings the documents to what was committed last.
public struct TransactionSeries: ~Copyable {
    private let store: Store
    private let options: WriteOptions
    private let rules: DocumentRules
    private let limits: Limits
    /// Whom a new file belongs to.
    private let newcomer: FileStatus
    private var session: WriteSession
    private var writer: SegmentWriter?

    private var waiting = WaitingTransactions()
    /// Where each of them ends in the log.
    private var ends: [LogPosition] = []
    private var waitingByteCount = 0
    /// What the documents are that those have changed.
    private var documents: [StorePath: LiveDocument?] = [:]
    /// Where the log has their contents.
    private var places: [Digest: ContentLocation] = [:]
    /// What ended the series: an error after which nobody knows what the log holds.
    private var failure: StoreError?

    /// How much is put off.
    package struct Limits: Sendable {
        /// So many transactions are published without being asked for.
        package var transactions = 1000
        /// So many bytes of contents are.
        package var contentBytes = 16 << 20
        /// How far ahead the log's file is filled with zeros. To write over bytes that are there takes
        /// the disk half as long as to make the file longer.
        package var reservedBytes = 1 << 20

        package init() {}
    }

    fileprivate init(
        _ store: Store, _ options: WriteOptions, _ limits: Limits, _ rules: DocumentRules,
        _ newcomer: FileStatus, _ session: consuming WriteSession
    ) {
        self.store = store
        self.options = options
        self.limits = limits
        self.rules = rules
        self.newcomer = newcomer
        self.session = session
    }

    // MARK: Working

    /// How many transactions are in the log whose documents are not written yet.
    public var waitingCount: Int { waiting.transactions.count }

    /// What is worth a line to the user though nothing failed.
    public var notes: [String] { session.notes }

    /// Carries out operations in order, all or none, as one transaction. Durable when it returns:
    /// `fdatasync(2)` of the log.
    /// - Throws: what the first operation that cannot be done throws: then the series can go on.
    ///   `inputOutput` where the log cannot be written, `busy` where the lock was lost: then it is at
    ///   its end, and what was committed before is as durable as it was.
    public mutating func commit(
        _ operations: [StoreOperation], message: String? = nil
    ) throws(StoreError) -> WriteReport {
        if let failure { throw failure }
        var builder = TransactionBuilder(
            files: session.documentFiles, rules: rules, documents: documents)
        for operation in operations { try builder.perform(operation) }
        let changes = builder.effectiveChanges
        var number: UInt64?
        if !changes.isEmpty {
            try session.requireUnchanged(builder.readings)
            try store.environment.requireNoSignal()
            number = try commit(changes, message: message ?? options.message)
            if waitingCount >= limits.transactions || waitingByteCount >= limits.contentBytes {
                try publish()
            }
        }
        return WriteReport(
            transaction: number, changes: changes.documentReports, isDryRun: false)
    }

    /// Writes one document, as one transaction.
    /// - Throws: as `commit`.
    public mutating func put(_ request: PutRequest) throws(StoreError) -> WriteReport {
        try commit([.put(request)])
    }

    /// A document's bytes as the series has them now; nil where there is none.
    /// - Throws: `inputOutput`, `permission`, `invalidData` where it is no regular file.
    public func contents(of document: StorePath) throws(StoreError) -> [UInt8]? {
        var builder = TransactionBuilder(
            files: session.documentFiles, rules: rules, documents: documents)
        return try builder.contents(of: document)
    }

    /// Writes the documents of all that is waiting. When it returns, each is complete and durable
    /// under its own name.
    /// - Throws: `inputOutput`, `conflict` and `busy`: then the transactions are in the log as before, the
    ///   next command that writes carries them out, and the series is at its end.
    public mutating func publish() throws(StoreError) {
        if let failure { throw failure }
        try publish(rewritingLog: false)
    }

    // MARK: The log

    private mutating func commit(
        _ changes: [StagedChange], message: String
    ) throws(StoreError) -> UInt64 {
        let number = (waiting.records.last?.number ?? session.lastTransaction) + 1
        var writer: SegmentWriter
        do throws(StoreError) {
            try session.requireLock()
            writer = try takeWriter(forTransaction: number)
        } catch {
            failure = error
            throw error
        }
        var kept: [(digest: Digest, record: WaitingTransaction.KeptRecord)] = []
        var record = TransactionRecord(
            number: number, time: RecordedTime(store.now), command: options.command,
            message: message, changes: [])
        do throws(Errno) {
            for change in changes {
                record.changes.append(try keep(change, transaction: number, in: &writer, &kept))
            }
            try writer.commit(record, isAhead: true)
            try session.system.synchronize(all: [writer.synchronization])
        } catch {
            throw stop(because: StoreError(error, cannot: "make the transaction durable"), number)
        }
        waiting.append(WaitingTransaction(ahead: record, kept: kept))
        ends.append(writer.position)
        self.writer = consume writer
        waitingByteCount += kept.reduce(0) { $0 + $1.record.payload.count }
        for (change, recorded) in zip(changes, record.changes) {
            documents.updateValue(
                change.after.flatMap { after in
                    recorded.after.map { LiveDocument(after.bytes, $0, like: newcomer) }
                }, forKey: change.document)
        }
        return number
    }

    /// The writer where the last transaction has left it, or a new one.
    private mutating func takeWriter(
        forTransaction number: UInt64
    ) throws(StoreError) -> SegmentWriter {
        let end = ends.last ?? session.tail.position
        if end.offset > LogFolder.segmentByteLimit {
            try publish(rewritingLog: false)
            giveBackReserve()
            writer = nil
        }
        guard var taken = writer.take() else {
            return try session.openWriter(forTransaction: number)
        }
        // Not for a single transaction. Where there is no room for it, there may be room for the next.
        try? taken.reserve(limits.reservedBytes)
        return taken
    }

    /// Puts the contents of a change into the log that history does not have yet.
    private mutating func keep(
        _ change: StagedChange, transaction: UInt64, in writer: inout SegmentWriter,
        _ kept: inout [(digest: Digest, record: WaitingTransaction.KeptRecord)]
    ) throws(Errno) -> ChangeRecord {
        var before = PriorState.absent
        if let live = change.before {
            before = .present(
                DocumentState(
                    digest: live.digest, status: live.status,
                    location: try keep(
                        live.bytes, live.digest, transaction: transaction, in: &writer, &kept)))
        }
        var after: DocumentState?
        if let intended = change.after {
            let owner = intended.owner ?? .init(user: newcomer.user, group: newcomer.group)
            after = DocumentState(
                digest: intended.digest, bytes: UInt64(intended.bytes.count),
                mode: intended.mode.bits, user: owner.user, group: owner.group,
                modified: RecordedTime(intended.modified ?? session.system.now()),
                location: try keep(
                    intended.bytes, intended.digest, transaction: transaction, in: &writer,
                    &kept))
        }
        return ChangeRecord(
            document: Array(change.document.text.utf8), before: before, after: after)
    }

    private mutating func keep(
        _ bytes: [UInt8], _ digest: Digest, transaction: UInt64, in writer: inout SegmentWriter,
        _ kept: inout [(digest: Digest, record: WaitingTransaction.KeptRecord)]
    ) throws(Errno) -> ContentLocation {
        if let known = places[digest] { return known }
        if let known = session.keptContents.location(of: digest),
            session.log.holds(bytes, at: known)
        {
            places[digest] = known
            return known
        }
        let place = try writer.keep(bytes, transaction: transaction)
        places[digest] = place
        kept.append(
            (
                digest,
                WaitingTransaction.KeptRecord(location: place, isPacked: false, payload: bytes)
            ))
        return place
    }

    // MARK: Ending

    /// After a failure to write the log: its end may hold the transaction or not. What was committed
    /// before is written anew to a new segment, which makes sure that it does not, and carried out.
    /// - Returns: what to throw.
    private mutating func stop(because error: StoreError, _ number: UInt64) -> StoreError {
        failure = error
        do throws(StoreError) {
            if waiting.transactions.isEmpty {
                try session.beginSegment(firstTransaction: number)
            } else {
                try publish(rewritingLog: true)
            }
        } catch let another {
            if waiting.transactions.isEmpty { return error }
            var unfinished = error
            unfinished.message +=
                "; \(waiting.name), committed before, cannot be carried out now "
                + "either (\(another.message))"
            unfinished.hint = "the next command that writes carries out what is in the log"
            failure = unfinished
            return unfinished
        }
        return error
    }

    private mutating func publish(rewritingLog: Bool) throws(StoreError) {
        guard !waiting.transactions.isEmpty else { return }
        do throws(StoreError) {
            try session.requireLock()
            try session.carryOut(waiting, rewritesLog: rewritingLog, logEnds: ends)
        } catch {
            failure = failure ?? error
            throw error
        }
        waiting = WaitingTransactions()
        ends = []
        waitingByteCount = 0
        documents = [:]
        places = [:]
    }

    /// Cuts the zeros behind the log's end. Where they stay, they are taken for a torn tail, and the
    /// log goes on in a new segment.
    private mutating func giveBackReserve() { try? writer?.giveBackReserve() }

    /// Publishes what is waiting and gives the lock back.
    fileprivate consuming func end() throws(StoreError) {
        if failure == nil { try publish(rewritingLog: false) }
        giveBackReserve()
        try session.end()
    }
}

extension Store {
    /// Runs `body` with the right to commit many transactions quickly: each is durable as soon as the
    /// log has it, and the documents follow together, at the latest when `body` is done.
    ///
    /// The application and other programs are kept out until then. What was committed stays so, also
    /// where `body` throws.
    /// - Throws: `busy` where the lock cannot be had, what `body` throws, and what
    ///   ``TransactionSeries/publish()`` throws at the end.
    public func withSeries<Value, Failure: Error>(
        _ options: WriteOptions, _ body: (inout TransactionSeries) throws(Failure) -> Value
    ) throws -> Value {
        try withSeries(options, limits: TransactionSeries.Limits()) {
            (series: inout TransactionSeries) throws(StoreError) -> Result<Value, Failure> in
            do throws(Failure) {
                return .success(try body(&series))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// The same for a body that throws the store's errors alone.
    package func withSeries<Result>(
        _ options: WriteOptions, limits: TransactionSeries.Limits,
        _ body: (inout TransactionSeries) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try withLock(options) { control, lock throws(StoreError) in
            let session = try WriteSession.begin(
                system: system, root: root, control: control, lock: lock)
            let newcomer: FileStatus
            do throws(Errno) {
                newcomer = try session.staging.statusOfNewFile()
            } catch {
                throw StoreError(error, cannot: "write to the staging folder")
            }
            var series = TransactionSeries(
                self, options, limits, try currentRules(), newcomer, session)
            let result: Result
            do throws(StoreError) {
                result = try body(&series)
            } catch {
                try? series.end()
                throw error
            }
            try series.end()
            return result
        }
    }
}

extension LiveDocument {
    /// One that is in the log and not in its place yet.
    /// - Parameter example: a file of the same file system.
    fileprivate init(_ bytes: [UInt8], _ state: DocumentState, like example: FileStatus) {
        var status = example
        status.mode = FileMode(state.mode)
        status.user = state.user
        status.group = state.group
        status.size = Int64(bytes.count)
        status.modified = Timestamp(state.modified)
        status.changed = status.modified
        self.init(bytes: bytes, digest: state.digest, status: status)
    }
}
