package import StoreCodecs
package import StoreFiles

/// A transaction that is in the log and not yet carried out, read back.
package struct PendingTransaction: Sendable {
    package var record: TransactionRecord
    /// The contents that it brought into the log, by digest.
    package private(set) var contents: [Digest: [UInt8]] = [:]
    /// The same as records of the log.
    package private(set) var kept: [KeptRecord] = []

    package struct KeptRecord: Sendable {
        package var location: ContentLocation
        package var isPacked: Bool
        package var payload: [UInt8]
    }

    /// Reads a transaction out of the log's rest.
    /// - Throws: `invalidData` (`log-corrupt`) where its checksums are right and its lines are not.
    package init(_ transaction: LogTransaction, in bytes: [UInt8]) throws(StoreError) {
        do throws(CatalogDefect) {
            record = try CommitPayload.decode(
                Array(bytes[transaction.commit.payload]), transaction: transaction.number
            ).transaction
        } catch {
            throw .logCorrupt("the commit record of transaction \(transaction.number): \(error)")
        }
        let base = transaction.end.offset - UInt64(transaction.commit.end)
        for content in transaction.contents {
            let payload = Array(bytes[content.payload])
            contents[Digest.of(payload)] = payload
            kept.append(
                KeptRecord(
                    location: ContentLocation(
                        segment: transaction.end.segment, offset: base + UInt64(content.start)),
                    isPacked: content.header.type == .packedContent, payload: payload))
        }
        try unpackContents()
    }

    /// What documents are to be and only a packed record has.
    private mutating func unpackContents() throws(StoreError) {
        for change in record.changes {
            guard let after = change.after, contents[after.digest] == nil,
                let record = kept.first(where: { $0.location == after.location }),
                record.isPacked
            else { continue }
            contents[after.digest] = try PackedDocument.unpack(record.payload, of: try change.path)
        }
    }
}

/// Finishing what an earlier process committed and did not carry out.
extension WriteSession {
    /// Looks behind the log's trusted end and brings the store into order: a committed transaction
    /// is carried out, a torn one forgotten. Only under the lock, before anything else.
    mutating func recover() throws(StoreError) {
        if tail.startsNewSegment {
            // Whoever began it may have been killed before its name was durable.
            do throws(Errno) {
                try system.synchronize(logFolder.descriptor)
            } catch {
                throw StoreError(error, cannot: "make the log durable")
            }
        }
        guard tail.hasRest else { return }
        let rest = try log.rest(of: tail, lastTransaction: lastTransaction)
        if case .damaged(let offset, let defect) = rest.verdict {
            throw .logCorrupt(
                "a record at \(offset) of \(ControlNames.segment(tail.position.segment)): "
                    + "\(defect)", in: log.path(of: tail.position.segment), at: offset)
        }
        guard let transaction = rest.transactions.first else {
            // A torn tail; the next transaction goes to a new segment.
            return
        }
        guard rest.transactions.count == 1 else {
            throw .logCorrupt("more than one transaction is waiting in it")
        }
        try finish(try PendingTransaction(transaction, in: rest.bytes))
    }

    /// Carries a committed transaction out, or, where the application has overtaken it, drops it
    /// whole.
    private mutating func finish(_ pending: PendingTransaction) throws(StoreError) {
        let number = pending.record.number
        var plan: [Redo] = []
        for change in pending.record.changes where !change.isObservation {
            plan.append(try redo(change, of: pending))
        }
        let conflicts = plan.filter { $0.standing == .other }
        if !conflicts.isEmpty, !plan.contains(where: { $0.standing == .after }) {
            try beginSegment(firstTransaction: number)
            notes.append(
                "transaction \(number) was interrupted and is dropped: "
                    + "\(conflicts[0].document.text) was changed by another program since")
            return
        }

        // The sync of an earlier process may have failed and left the log's last pages only in
        // memory: written anew to a new file, they are safe before a document is touched.
        var record = pending.record
        let end = try rewrite(&record, contents: pending.kept)

        var publication = Publication(system: system, root: root, staging: staging)
        var unsynced = staging.unsyncedFiles()
        var staged: [StagedEntry?] = []
        for step in plan { staged.append(try stage(step, &unsynced)) }
        let revived = try reviveRemoved(plan, pending, &unsynced)
        do throws(Errno) {
            try unsynced.synchronize()
        } catch {
            throw StoreError(error, cannot: "make the documents durable")
        }
        do throws(Publication.Failure) {
            for (step, file) in zip(plan, staged) where file != nil {
                if let live = step.live {
                    try publication.replace(step.document, with: file!, expected: live.status)
                } else {
                    try publication.create(step.document, from: file!)
                }
            }
            for (step, file) in zip(plan, revived) {
                if let file {
                    // Gone already, but if the sync of that failed, only a new removal lasts.
                    try publication.create(step.document, from: file)
                    try publication.removeCreated(step.document, file)
                } else if step.intended == nil, step.standing == .before, let live = step.live {
                    try publication.remove(step.document, expected: live.status)
                }
            }
            for step in plan { publication.touch(step.document) }
            try publication.synchronizeDirectories()
        } catch {
            throw error.unfinished
        }
        var carriedOut = staged.makeIterator()
        for index in record.changes.indices where !record.changes[index].isObservation {
            guard let document = try? record.changes[index].path,
                case let file?? = carriedOut.next()
            else { continue }
            record.changes[index].signature = signature(of: document, staged: file)
        }
        try finish(record, logEnd: end)
        try emptyStaging()
        notes.append("transaction \(number) was interrupted and is now finished")
        for conflict in conflicts {
            notes.append(
                "\(conflict.document.text) was changed by another program since; what "
                    + "transaction \(number) wrote to it is in the history")
        }
    }

    // MARK: One document

    /// What is to be done about one document.
    struct Redo {
        enum Standing { case before, after, other }
        var document: StorePath
        var standing: Standing
        var live: LiveDocument?
        var intended: IntendedDocument?
    }

    private func redo(
        _ change: ChangeRecord, of pending: PendingTransaction
    ) throws(StoreError) -> Redo {
        let document = try change.path
        let live = try documentFiles.read(document)
        let standing: Redo.Standing
        switch (live?.digest, change.after?.digest) {
        case (nil, nil): standing = .after
        case (let found?, let after?) where found == after: standing = .after
        default:
            standing = try wasBefore(live, change) ? .before : .other
        }
        // A document that already is as it should be is written anew all the same: whoever wrote it
        // may have died because the sync of its directory failed.
        var intended: IntendedDocument?
        if standing != .other, let after = change.after {
            if let bytes = pending.contents[after.digest] {
                intended = IntendedDocument(after, bytes: bytes)
            } else {
                intended = IntendedDocument(after, bytes: try keptContent(after))
            }
        }
        return Redo(document: document, standing: standing, live: live, intended: intended)
    }

    private func wasBefore(
        _ live: LiveDocument?, _ change: ChangeRecord
    ) throws(StoreError) -> Bool {
        switch change.before {
        case .absent: live == nil
        case .present(let state): live?.digest == state.digest
        // The log's own lines always spell the state out.
        case .asRecorded: throw .logCorrupt("a change without its prior state")
        }
    }

    private func keptContent(_ state: DocumentState) throws(StoreError) -> [UInt8] {
        guard let location = state.location else {
            throw .logCorrupt("a content that is nowhere: \(state.digest.hexadecimal)")
        }
        return try log.content(at: location, digest: state.digest)
    }

    private func stage(
        _ step: Redo, _ unsynced: inout UnsyncedFiles
    ) throws(StoreError) -> StagedEntry? {
        guard let intended = step.intended else { return nil }
        do throws(Errno) {
            return try staging.stage(
                intended, as: step.document, replaces: step.live != nil, in: root, &unsynced)
        } catch {
            throw StoreError(error, cannot: "write", document: step.document)
        }
    }

    /// What was removed already, staged once more; nil for every other step.
    private func reviveRemoved(
        _ plan: [Redo], _ pending: PendingTransaction, _ unsynced: inout UnsyncedFiles
    ) throws(StoreError) -> [StagedEntry?] {
        let changes = pending.record.changes.filter { !$0.isObservation }
        var revived: [StagedEntry?] = []
        for (step, change) in zip(plan, changes) {
            guard step.standing == .after, change.after == nil,
                case .present(let before) = change.before
            else {
                revived.append(nil)
                continue
            }
            let bytes: [UInt8]
            if let pendingBytes = pending.contents[before.digest] {
                bytes = pendingBytes
            } else {
                bytes = try keptContent(before)
            }
            revived.append(
                try stage(
                    Redo(
                        document: step.document, standing: .before, live: nil,
                        intended: IntendedDocument(before, bytes: bytes)), &unsynced))
        }
        return revived
    }

    // MARK: The log

    /// Writes a pending transaction to a new segment, with the places its contents have there.
    private mutating func rewrite(
        _ record: inout TransactionRecord, contents: [PendingTransaction.KeptRecord]
    ) throws(StoreError) -> LogPosition {
        var writer = try openNewSegment(firstTransaction: record.number)
        do throws(Errno) {
            var places: [ContentLocation: ContentLocation] = [:]
            for content in contents {
                places[content.location] =
                    content.isPacked
                    ? try writer.keepPacked(content.payload, transaction: record.number)
                    : try writer.keep(content.payload, transaction: record.number)
            }
            for index in record.changes.indices { record.changes[index].move(to: places) }
            try writer.commit(record)
            try writer.synchronizeWhole()
        } catch {
            throw StoreError(error, cannot: "write the log anew")
        }
        let end = writer.position
        try publishSegment(writer)
        return end
    }
}

extension ChangeRecord {
    /// In the log: whether this only records what the application wrote. Of what this program
    /// writes, the signature is not known before it is written.
    package var isObservation: Bool { signature != nil }

    /// - Throws: `invalidData` where the name is none that a document may have.
    package var path: StorePath {
        get throws(StoreError) {
            do throws(StorePathError) {
                return try StorePath(bytes: document)
            } catch {
                throw .logCorrupt("a name that is no document's")
            }
        }
    }

    /// Points at the new places of contents that were moved.
    mutating func move(to places: [ContentLocation: ContentLocation]) {
        if case .present(var state) = before, let location = state.location,
            let place = places[location]
        {
            state.location = place
            before = .present(state)
        }
        if let location = after?.location, let place = places[location] {
            after?.location = place
        }
    }
}
