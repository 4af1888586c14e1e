internal import StoreCodecs
package import StoreFiles

/// How a transaction reaches the disk, step by step. docs/durability.md numbers the crashes that
/// can come between the steps and says why each is survived.
extension WriteSession {
    /// Carries out the changes as one transaction, durably. When it returns, every document is
    /// complete under its own name and the catalog says so.
    ///
    /// - Parameters:
    ///   - observations: what is recorded besides and not changed.
    ///   - readings: documents that were read to decide; they must not have changed since.
    ///   - prepared: the files of documents that are staged already, not synced yet; nil: there are none.
    ///   - raisesFence: keeps the application out for good while the documents are half replaced, even
    ///     if this process dies then: `.lock` gets a line that the application stumbles over, until
    ///     the transaction is carried out, by whomever.
    ///   - stillHolds: looks again, with a `.lock` that was deferred in place, at what was read without
    ///     it and is not among the readings.
    /// - Throws: `conflict` or `busy` where another program wrote meanwhile or the lock was lost:
    ///   then nothing has changed. `inputOutput` where the disk failed: then nothing has changed
    ///   either, unless the message says that the next command will finish it.
    mutating func commit(
        _ changes: [StagedChange], observations: [ChangeRecord] = [],
        readings: [(document: StorePath, status: FileStatus?)],
        command: String, message: String, prepared: consuming UnsyncedFiles? = nil,
        raisesFence: Bool = false, environment: StoreEnvironment,
        stillHolds: () throws(StoreError) -> Void = {}
    ) throws(StoreError) -> UInt64 {
        let number = lastTransaction + 1
        // 1. Every new document complete, where nobody else can see it.
        var unsynced =
            switch consume prepared {
            case .some(let files): files
            case .none: staging.unsyncedFiles()
            }
        let staged = try stageAll(changes, &unsynced)
        // 2. All that is needed to do it again, in the log, not yet valid.
        var writer = try openWriter(forTransaction: number)
        var record: TransactionRecord
        do throws(Errno) {
            record = try keepContents(
                of: changes, staged: staged, number: number, command: command, message: message,
                in: &writer)
            record.changes += observations
        } catch {
            staging.discard(staged)
            throw StoreError(error, cannot: "write the log")
        }
        // 3. Nobody came in between. A `.lock` that was deferred stays so for one document alone.
        let isDeferred =
            !lock.isInPlace && changes.count == 1 && observations.isEmpty && !raisesFence
        do throws(StoreError) {
            if !isDeferred { try takeLock() }
            if raisesFence { try raiseFence() }
            if !isDeferred {
                try requireLock()
                try requireUnchanged(readings)
                try stillHolds()
            }
            try environment.requireNoSignal()
        } catch {
            staging.discard(staged)
            lowerFenceAfterFailure()
            throw error
        }
        // 4. The commit, and the new documents along with it: they must be durable before they get
        // their names, and the log before they do. From here on the transaction is finished by
        // whoever comes next.
        isUnsettled = true
        do throws(Errno) {
            try writer.commit(record)
            let others = [writer.synchronization, lock.synchronization].compactMap(\.self)
            try unsynced.synchronize(with: others)
        } catch {
            staging.discard(staged)
            // The record may have reached the disk in spite of the error. A newer segment makes
            // sure that nobody finds it.
            let isVoid: Void? = try? makeVoid(number)
            if isVoid != nil { lowerFenceAfterFailure() }
            throw StoreError(error, cannot: "make the transaction durable")
        }
        if isDeferred {
            // Until now the application could come. Where it did, the record must count for nothing.
            do throws(StoreError) {
                try putLockInPlace()
                try requireUnchanged(readings)
                try stillHolds()
                try environment.requireNoSignal()
            } catch {
                staging.discard(staged)
                let failure = error
                do throws(StoreError) {
                    try makeVoid(number)
                } catch {
                    throw failure.leavingUnfinished
                }
                throw failure
            }
        }
        let end = writer.position
        // 5. The documents get their names.
        try publish(changes, staged: staged, number: number)
        // 6. The transaction is recorded as done; the log's end moves behind it.
        recordSignatures(in: &record, staged: staged)
        try finish(record, logEnd: end)
        isUnsettled = false
        do throws(StoreError) {
            try lowerFence()
        } catch {
            var failure = error
            failure.message =
                "transaction \(number) is done, but .lock still keeps the application out: "
                + error.message
            failure.hint = "canifly-store repair lets it in again"
            throw failure
        }
        // The documents that were replaced or removed lie there now; whatever stays is removed by
        // the next command.
        try? staging.empty()
        return number
    }

    // MARK: 1

    /// A staged document for each change that leaves one.
    private func stageAll(
        _ changes: [StagedChange], _ unsynced: inout UnsyncedFiles
    ) throws(StoreError) -> [StagedEntry?] {
        var staged: [StagedEntry?] = []
        staged.reserveCapacity(changes.count)
        for change in changes {
            guard let after = change.after else {
                staged.append(nil)
                continue
            }
            if let ready = after.staged {
                staged.append(ready)
                continue
            }
            do throws(Errno) {
                staged.append(
                    try staging.stage(
                        after, as: change.document, replaces: change.before != nil, in: root,
                        &unsynced))
            } catch {
                staging.discard(staged)
                throw StoreError(error, cannot: "write", document: change.document)
            }
        }
        return staged
    }

    // MARK: 2

    /// Puts the contents that history does not have yet into the log.
    private func keepContents(
        of changes: [StagedChange], staged: [StagedEntry?], number: UInt64, command: String,
        message: String, in writer: inout SegmentWriter
    ) throws(Errno) -> TransactionRecord {
        var locations: [Digest: ContentLocation] = [:]
        var records: [ChangeRecord] = []
        records.reserveCapacity(changes.count)
        for (change, file) in zip(changes, staged) {
            var before = PriorState.absent
            if let live = change.before {
                let location = try keep(
                    live.bytes, live.digest, live.file, transaction: number, in: &writer,
                    &locations)
                before = .present(
                    DocumentState(digest: live.digest, status: live.status, location: location))
            }
            var after: DocumentState?
            if let intended = change.after, let file {
                let location = try keep(
                    intended.bytes, intended.digest, intended.file, transaction: number,
                    in: &writer, &locations)
                after = DocumentState(
                    digest: intended.digest, status: file.status, location: location)
            }
            records.append(
                ChangeRecord(
                    document: Array(change.document.text.utf8), before: before, after: after))
        }
        return TransactionRecord(
            number: number, time: RecordedTime(system.now()), command: command, message: message,
            changes: records)
    }

    private func keep(
        _ bytes: [UInt8], _ digest: Digest, _ file: ContentFile?, transaction: UInt64,
        in writer: inout SegmentWriter, _ locations: inout [Digest: ContentLocation]
    ) throws(Errno) -> ContentLocation {
        if let known = locations[digest] { return known }
        if let file {
            var location = locations[file.digest]
            if location == nil, !file.isPacked,
                let known = keptContents.location(of: digest),
                log.holds(length: file.length, checksum: file.checksum, at: known)
            {
                location = known
            }
            let place: ContentLocation
            if let location {
                place = location
            } else {
                place = try writer.keep(
                    LoggedContent(file, system: system), transaction: transaction)
            }
            locations[file.digest] = place
            locations[digest] = place
            return place
        }
        if let known = keptContents.location(of: digest), log.holds(bytes, at: known) {
            return known
        }
        let location = try writer.keep(bytes, transaction: transaction)
        locations[digest] = location
        return location
    }

    // MARK: 3

    func requireUnchanged(
        _ readings: [(document: StorePath, status: FileStatus?)]
    ) throws(StoreError) {
        for reading in readings {
            let now = try documentFiles.status(of: reading.document)
            guard now?.signature == reading.status?.signature else {
                throw .changedMeanwhile(reading.document)
            }
        }
    }

    // MARK: 4

    private mutating func putLockInPlace() throws(StoreError) {
        do throws(LockError) {
            try lock.putInPlace()
        } catch {
            throw StoreError(error)
        }
    }

    /// Makes the commit record count for nothing, durably.
    private mutating func makeVoid(_ number: UInt64) throws(StoreError) {
        try beginSegment(firstTransaction: number)
        isUnsettled = false
    }

    // MARK: 5

    private mutating func publish(
        _ changes: [StagedChange], staged: [StagedEntry?], number: UInt64
    ) throws(StoreError) {
        var publication = Publication(system: system, root: root, staging: staging)
        do throws(Publication.Failure) {
            try Self.publish(changes, staged: staged, with: &publication)
            // Entries whose sync failed never become durable; only new ones do, and taking back
            // makes new ones.
            try publication.synchronizeDirectories()
        } catch {
            try undo(&publication, because: error, number: number)
        }
    }

    /// New documents and replacements first, removals last: an application that looks in between
    /// finds too much rather than too little.
    private static func publish(
        _ changes: [StagedChange], staged: [StagedEntry?],
        with publication: inout Publication
    ) throws(Publication.Failure) {
        for (change, file) in zip(changes, staged) {
            guard let file else { continue }
            if let before = change.before {
                try publication.replace(change.document, with: file, expected: before.status)
            } else {
                try publication.create(change.document, from: file)
            }
        }
        for change in changes where change.after == nil {
            guard let before = change.before else { continue }
            try publication.remove(change.document, expected: before.status)
        }
    }

    /// Takes the whole transaction back after a failure half way through.
    private mutating func undo(
        _ publication: inout Publication, because failure: Publication.Failure, number: UInt64
    ) throws(StoreError) -> Never {
        do throws(Publication.Failure) {
            try publication.takeBack()
            try publication.synchronizeDirectories()
        } catch {
            throw failure.unfinished
        }
        do throws(StoreError) {
            try makeVoid(number)
        } catch {
            throw failure.unfinished
        }
        lowerFenceAfterFailure()
        throw failure.undone
    }
}

extension Publication.Failure {
    /// Everything is as it was before.
    var undone: StoreError {
        switch self {
        case .conflict(let document): .changedMeanwhile(document)
        case .system(let cause, let document):
            StoreError(cause, cannot: "replace", document: document)
        }
    }

    /// The transaction is committed, and the next command will finish it.
    var unfinished: StoreError { undone.leavingUnfinished }
}

extension StoreError {
    /// The same where the transaction is committed: the next command will finish it.
    fileprivate var leavingUnfinished: StoreError {
        var error = self
        error.message += "; the transaction is in the log and not carried out whole"
        error.hint = "the next command that writes finishes it, or run canifly-store repair"
        return error
    }

    package static func changedMeanwhile(_ document: StorePath) -> StoreError {
        StoreError(
            .conflict, code: "changed-meanwhile",
            "\(document.text) was changed by another program meanwhile; nothing was written",
            hint: "run the command again", document: document)
    }
}
