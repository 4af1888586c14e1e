internal import StoreCodecs
package import StoreFiles

/// The one writer of a store, for as long as a command runs: it holds the lock, has finished what
/// an earlier process left, and knows where the next transaction goes.
package struct WriteSession: ~Copyable {
    let system: any SystemCalls
    /// The store's directory; the caller keeps it open.
    let root: Descriptor
    let control: OwnedDescriptor
    let stagingFolder: OwnedDescriptor
    let logFolder: OwnedDescriptor
    var lock: StoreLock
    var catalog: CatalogFile
    let log: LogFolder
    /// Where the next transaction's records go.
    var tail: LogFolder.Tail
    /// Whether the newest segment is this session's, and its name durable.
    private var hasBegunSegment = false
    /// Which contents history has already.
    var keptContents: ContentIndex
    /// Whether a commit record is in the log that counts, or may, and is not recorded in the catalog. The
    /// next session settles it; this one commits nothing more.
    var isUnsettled = false
    /// What is worth a line to the user though nothing failed.
    package var notes: [String] = []

    package var lastTransaction: UInt64 { catalog.lastTransaction }
    package var documentFiles: DocumentFiles { DocumentFiles(system: system, root: root) }
    var staging: Staging { Staging(system: system, folder: stagingFolder.descriptor) }

    /// Opens the store for writing under the lock and recovers.
    /// - Parameter control: the control directory, made already, since the lock needs it.
    package static func begin(
        system: any SystemCalls, root: Descriptor, control: consuming OwnedDescriptor,
        lock: consuming StoreLock
    ) throws(StoreError) -> WriteSession {
        let opened = try ControlDirectory.openOrCreate(
            system: system, control: control.descriptor, root: root)
        let log = LogFolder(
            system: system, control: control.descriptor, store: opened.catalog.header.store,
            generation: opened.catalog.header.generation)
        let tail = try log.tail(
            after: opened.catalog.logEnd, lastTransaction: opened.catalog.lastTransaction)
        var session = WriteSession(
            system: system, root: root, control: control, log: log, tail: tail, lock: lock,
            opened: opened)
        try ControlDirectory.sweep(
            system: system, control: session.control.descriptor,
            keeping: session.lock.temporaryName)
        try session.removeOtherLogs()
        try session.recover()
        // Nothing is half done now; a process that died may have left the application fenced off.
        try session.lowerFence()
        return session
    }

    private init(
        system: any SystemCalls, root: Descriptor, control: consuming OwnedDescriptor,
        log: LogFolder, tail: LogFolder.Tail, lock: consuming StoreLock,
        opened: consuming ControlDirectory.Opened
    ) {
        self.system = system
        self.root = root
        self.log = log
        self.tail = tail
        keptContents = ContentIndex(system: system, control: control.descriptor)
        self.control = control
        self.lock = lock
        stagingFolder = opened.staging
        logFolder = opened.log
        catalog = opened.catalog
    }

    // MARK: The log's segments

    /// A writer for the next transaction: at the log's end, or in a new segment where something
    /// torn lies there or the segment is long.
    mutating func openWriter(forTransaction number: UInt64) throws(StoreError) -> SegmentWriter {
        if tail.hasRest || tail.position.offset > LogFolder.segmentByteLimit {
            try beginSegment(firstTransaction: number)
        }
        try settleSegment(firstTransaction: number)
        return SegmentWriter(
            system: system, file: try log.openForAppending(tail.position.segment),
            position: tail.position, salt: tail.salt)
    }

    /// To be called before the catalog counts on the newest segment. Where it does not know it yet and
    /// an earlier session began it, that session may have died or failed before the name was durable,
    /// and a name whose sync failed never becomes so: the segment is made anew.
    mutating func settleSegment(firstTransaction number: UInt64) throws(StoreError) {
        guard tail.startsNewSegment, !hasBegunSegment else { return }
        guard tail.position.segment > 1 else {
            // Made by this session, along with the catalog.
            do throws(Errno) {
                try system.synchronize(logFolder.descriptor)
            } catch {
                throw StoreError(error, cannot: "make the log durable")
            }
            hasBegunSegment = true
            return
        }
        let isEmpty = tail.fileSize == LogSegmentHeader.byteCount
        try beginSegment(
            firstTransaction: number, inPlaceOf: isEmpty ? tail.position.segment : nil)
    }

    /// Begins a new segment, durably. Whatever lies behind the trusted end of the ones before it
    /// is thereby void.
    /// - Parameter empty: the newest one, which has no records, to be replaced; nil: one more.
    mutating func beginSegment(
        firstTransaction number: UInt64, inPlaceOf empty: UInt64? = nil
    ) throws(StoreError) {
        let writer = try openNewSegment(firstTransaction: number, inPlaceOf: empty)
        do throws(Errno) {
            try writer.synchronizeWhole()
        } catch {
            throw StoreError(error, cannot: "begin a segment of the log")
        }
        try publishSegment(writer, empty == nil ? .noReplace : .replace)
    }

    /// A segment under a temporary name, its header written.
    func openNewSegment(
        firstTransaction number: UInt64, inPlaceOf empty: UInt64? = nil
    ) throws(StoreError) -> SegmentWriter {
        let newest = try log.segmentNumbers().last ?? 0
        return try log.createSegment(
            empty ?? newest + 1, firstTransaction: number, in: stagingFolder.descriptor)
    }

    /// Gives a synced segment its name, durably.
    mutating func publishSegment(
        _ writer: consuming SegmentWriter, _ how: RenameBehavior = .noReplace
    ) throws(StoreError) {
        let start = writer.start
        do throws(Errno) {
            try writer.close()
            try system.rename(
                LogFolder.newSegmentName, in: stagingFolder.descriptor,
                to: ControlNames.segment(start.segment), in: logFolder.descriptor, how)
            try system.synchronize(logFolder.descriptor)
            hasBegunSegment = true
        } catch {
            throw StoreError(error, cannot: "begin a segment of the log")
        }
        tail = try log.tail(after: catalog.logEnd, lastTransaction: catalog.lastTransaction)
    }

    // MARK: Ending a transaction

    /// Records a transaction as carried out, durably: the log's end moves behind it.
    mutating func finish(
        _ record: TransactionRecord, logEnd: LogPosition
    ) throws(StoreError) {
        try finish([record], logEnds: [logEnd])
    }

    /// The same for several at once. Of these a crash may leave the first ones recorded; the others
    /// are then carried out once more, which changes nothing.
    mutating func finish(
        _ records: [TransactionRecord], logEnds: [LogPosition]
    ) throws(StoreError) {
        try requireLock()
        do throws(Errno) {
            try catalog.append(
                records, logEnds: logEnds, control: control.descriptor,
                staging: stagingFolder.descriptor)
        } catch {
            var failure = StoreError(error, cannot: "record the transaction in the catalog")
            failure.hint = "the next command that writes finishes it"
            throw failure
        }
        if let end = logEnds.last {
            tail.position = end
            tail.fileSize = end.offset
        }
        for record in records { keptContents.insert(record) }
    }

    /// The signatures of documents just published; none where somebody has been there already.
    func signature(
        of document: StorePath, staged: StagedEntry
    ) -> RecordedSignature? {
        guard let status = try? documentFiles.status(of: document) ?? nil,
            status.inode == staged.status.inode, status.modified == staged.status.modified
        else { return nil }
        return RecordedSignature(status)
    }

    func recordSignatures(in record: inout TransactionRecord, staged: [StagedEntry?]) {
        for (index, file) in staged.enumerated() {
            guard let file, let document = try? record.changes[index].path else { continue }
            record.changes[index].signature = signature(of: document, staged: file)
        }
    }

    func emptyStaging() throws(StoreError) {
        do throws(Errno) {
            try staging.empty()
        } catch {
            throw StoreError(error, cannot: "empty the staging folder")
        }
    }

    /// Takes a `.lock` that was deferred the usual way, waiting if need be.
    mutating func takeLock() throws(StoreError) {
        do throws(LockError) {
            try lock.takeDeferred()
        } catch {
            throw StoreError(error)
        }
    }

    /// Looks again that the lock is ours.
    mutating func requireLock() throws(StoreError) {
        do throws(LockError) {
            try lock.checkStillOurs()
        } catch {
            throw StoreError(error)
        }
    }

    /// Makes the application refuse to start until `lowerFence`, even if this process dies first.
    /// Durable when it returns.
    mutating func raiseFence() throws(StoreError) {
        do throws(LockError) {
            try lock.raiseFence()
        } catch {
            throw StoreError(error)
        }
    }

    /// Lets the application in again, if it was kept out. Only when no transaction is half done.
    mutating func lowerFence() throws(StoreError) {
        guard lock.isFenced else { return }
        do throws(LockError) {
            try lock.lowerFence()
        } catch {
            throw StoreError(error)
        }
    }

    /// The same on the way out of a failure that left nothing half done. Where it fails, the fence
    /// stays until the next command that writes.
    mutating func lowerFenceAfterFailure() {
        do throws(StoreError) { try lowerFence() } catch {}
    }

    /// Gives the lock back. Everything that the application may touch from now on is durable.
    package consuming func end() throws(StoreError) {
        try Self.release(lock)
    }

    /// A fence that somebody raised who died before there was anything to commit.
    static func withoutFence(_ lock: consuming StoreLock) throws(StoreError) -> StoreLock {
        guard lock.isFenced else { return lock }
        do throws(LockError) {
            try lock.lowerFence()
        } catch {
            throw StoreError(error)
        }
        return lock
    }

    static func release(_ lock: consuming StoreLock) throws(StoreError) {
        do throws(LockError) {
            try lock.release()
        } catch {
            throw StoreError(error)
        }
    }
}
