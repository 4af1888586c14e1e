internal import StoreCodecs
package import StoreFiles

/// Finishing what an earlier process committed and did not carry out.
extension WriteSession {
    /// Looks behind the log's trusted end and brings the store into order: a committed transaction
    /// is carried out, a torn one forgotten. Only under the lock, before anything else.
    mutating func recover() throws(StoreError) {
        guard tail.hasRest else { return }
        let rest = try log.rest(of: tail, lastTransaction: lastTransaction)
        if case .damaged(let offset, let defect) = rest.verdict {
            throw .logCorrupt(
                "a record at \(offset) of \(ControlNames.segment(tail.position.segment)): "
                    + "\(defect)", in: log.path(of: tail.position.segment), at: offset)
        }
        // Without one it is a torn tail; the next transaction goes to a new segment.
        guard let waiting = try WaitingTransactions(rest) else { return }
        // From here on it is about documents.
        try takeLock()
        // The sync of an earlier process may have failed and left the log's last pages only in
        // memory: written anew to a new file, they are safe before a document is touched.
        try carryOut(waiting, rewritesLog: true)
    }

    /// Carries out what is in the log, or, where the application has overtaken a transaction that
    /// nobody was told of, drops it whole.
    /// - Parameter rewritesLog: whether the log is written anew first, to a new segment, which voids
    ///   whatever lies behind these transactions; else it is durable, and ends at `logEnds`.
    mutating func carryOut(
        _ waiting: WaitingTransactions, rewritesLog: Bool, logEnds: [LogPosition] = []
    ) throws(StoreError) {
        var records = waiting.records
        var plan: [Redo] = []
        for change in waiting.combinedChanges where !change.isObservation {
            let step = try redo(change, of: waiting)
            // Made and removed again, neither of which has reached its place: nor need its folder.
            if case .absent = change.before, step.intended == nil, step.live == nil { continue }
            plan.append(step)
        }
        let conflicts = plan.filter { $0.standing == .other }
        if !conflicts.isEmpty, !waiting.areAcknowledged,
            !plan.contains(where: { $0.standing == .after })
        {
            try beginSegment(firstTransaction: records[0].number)
            notes.append(
                "\(waiting.name) was interrupted and is dropped: "
                    + "\(conflicts[0].document.text) was changed by another program since")
            return
        }
        let ends = rewritesLog ? try rewrite(waiting, &records) : logEnds

        var publication = Publication(system: system, root: root, staging: staging)
        var unsynced = staging.unsyncedFiles()
        var staged: [StagedEntry?] = []
        for step in plan { staged.append(try stage(step, &unsynced)) }
        let revived = try reviveRemoved(plan, waiting, &unsynced)
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
        recordSignatures(in: &records, plan, staged)
        try finish(records, logEnds: ends)
        try emptyStaging()
        if rewritesLog {
            let are = records.count == 1 ? ("was", "is") : ("were", "are")
            notes.append("\(waiting.name) \(are.0) interrupted and \(are.1) now finished")
        }
        for conflict in conflicts {
            notes.append(
                "\(conflict.document.text) was changed by another program since; what "
                    + "\(waiting.name) wrote to it is in the history")
        }
    }

    /// Each document's goes to the last of the records that change it: those before it are past.
    private func recordSignatures(
        in records: inout [TransactionRecord], _ plan: [Redo], _ staged: [StagedEntry?]
    ) {
        var files: [[UInt8]: RecordedSignature] = [:]
        for (step, file) in zip(plan, staged) {
            guard let file, let signature = signature(of: step.document, staged: file) else {
                continue
            }
            files[Array(step.document.text.utf8)] = signature
        }
        for record in records.indices.reversed() {
            for index in records[record].changes.indices.reversed()
            where !records[record].changes[index].isObservation {
                let document = records[record].changes[index].document
                records[record].changes[index].signature = files.removeValue(forKey: document)
            }
        }
    }

    // MARK: One document

    /// What is to be done about one document.
    struct Redo {
        enum Standing { case before, after, other }
        var document: StorePath
        /// What it was before.
        var before: PriorState
        var standing: Standing
        var live: LiveDocument?
        var intended: IntendedDocument?
    }

    private func redo(
        _ change: ChangeRecord, of waiting: WaitingTransactions
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
            if let bytes = waiting.contents[after.digest] {
                intended = IntendedDocument(after, bytes: bytes)
            } else {
                intended = IntendedDocument(after, bytes: try keptContent(after))
            }
        }
        return Redo(
            document: document, before: change.before, standing: standing, live: live,
            intended: intended)
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
        _ plan: [Redo], _ waiting: WaitingTransactions, _ unsynced: inout UnsyncedFiles
    ) throws(StoreError) -> [StagedEntry?] {
        var revived: [StagedEntry?] = []
        for step in plan {
            guard step.standing == .after, step.intended == nil,
                case .present(let before) = step.before
            else {
                revived.append(nil)
                continue
            }
            let bytes: [UInt8]
            if let waitingBytes = waiting.contents[before.digest] {
                bytes = waitingBytes
            } else {
                bytes = try keptContent(before)
            }
            revived.append(
                try stage(
                    Redo(
                        document: step.document, before: .absent, standing: .before, live: nil,
                        intended: IntendedDocument(before, bytes: bytes)), &unsynced))
        }
        return revived
    }

    // MARK: The log

    /// Writes what is waiting to a new segment.
    /// - Parameter records: get the places that their contents have there.
    /// - Returns: where each of them ends.
    private mutating func rewrite(
        _ waiting: WaitingTransactions, _ records: inout [TransactionRecord]
    ) throws(StoreError) -> [LogPosition] {
        var writer = try openNewSegment(firstTransaction: records[0].number)
        var ends: [LogPosition] = []
        do throws(Errno) {
            var places: [ContentLocation: ContentLocation] = [:]
            for (index, transaction) in waiting.transactions.enumerated() {
                let number = transaction.record.number
                for content in transaction.kept {
                    places[content.location] =
                        content.isPacked
                        ? try writer.keepPacked(content.payload, transaction: number)
                        : try writer.keep(content.payload, transaction: number)
                }
                for change in records[index].changes.indices {
                    records[index].changes[change].move(to: places)
                }
                ends.append(
                    try writer.commit(records[index], isAhead: transaction.isAhead))
            }
            try writer.synchronizeWhole()
        } catch {
            throw StoreError(error, cannot: "write the log anew")
        }
        try publishSegment(writer)
        return ends
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
