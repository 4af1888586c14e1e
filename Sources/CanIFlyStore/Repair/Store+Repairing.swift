internal import StoreCodecs
internal import StoreFiles

/// Repair: finding the best good copy of what is damaged, and putting it in place.
extension Store {
    /// What `repair` would do now. Takes no lock and changes nothing.
    public func repairPlan(_ request: RepairRequest) throws(StoreError) -> RepairPlan {
        guard let control = try openControlDirectory() else {
            return try repairPlan(request, control: nil)
        }
        let plan = try repairPlan(request, control: control.descriptor)
        // Open for as long as the log is read.
        extendLifetime(control)
        return plan
    }

    private func repairPlan(
        _ request: RepairRequest, control: Descriptor?
    ) throws(StoreError) -> RepairPlan {
        let inspection = try ControlInspection(system: system, root: root, control: control)
        let planner = try DocumentPlanner(
            store: self, request: request, records: inspection.records, state: inspection.state,
            log: inspection.log, waiting: inspection.waiting, isUnfinished: true)
        return RepairPlan(
            steps: try lockSteps() + inspection.steps + planner.repairs.map(\.step),
            notes: planner.notes)
    }

    private func openControlDirectory() throws(StoreError) -> OwnedDescriptor? {
        do throws(Errno) {
            return try system.openOwned(ControlNames.directory, in: root, [.read, .directory])
        } catch .noEntry {
            return nil
        } catch {
            throw StoreError(error, cannot: "open .canifly-store")
        }
    }

    /// Repairs the store's records, finishes what was interrupted, and brings damaged documents back
    /// from the best good copy that there is, all documents in one transaction. What was damaged is
    /// kept in `.canifly-store/quarantine/`, durably, before it is replaced.
    ///
    /// - Parameter confirmed: only steps of this plan are done to documents; nil: all that are
    ///   possible. What has changed since it was made is left for another run.
    /// - Throws: `busy` where the lock cannot be had, `conflict` where another program writes
    ///   meanwhile, and what reading and writing throw. The documents are then as they were.
    public func repair(
        _ request: RepairRequest, _ options: WriteOptions, confirmed: RepairPlan? = nil
    ) throws(StoreError) -> RepairReport {
        let plan: RepairPlan
        if let confirmed { plan = confirmed } else { plan = try repairPlan(request) }
        if options.isDryRun || plan.steps.isEmpty {
            return RepairReport(
                actions: plan.steps, remaining: try remainingFindings(), transaction: nil,
                isDryRun: options.isDryRun, notes: plan.notes)
        }
        var options = options
        // The application could not start on half of the documents.
        options.raisesFence = true
        try breakLockIfEmpty()
        var outcome = RepairOutcome()
        outcome.actions = plan.steps.filter { $0.action == .breakLock }
        try withLock(options) { control, lock throws(StoreError) in
            let quarantine = Quarantine(
                system: system, control: control.descriptor, time: now)
            let inspection = try ControlInspection(
                system: system, root: root, control: control.descriptor)
            outcome.actions += try inspection.mend(
                system: system, control: control.descriptor, quarantine)
            var session = try WriteSession.begin(
                system: system, root: root, control: control, lock: lock)
            outcome.notes = session.notes
            let reading = try read()
            let planner = try DocumentPlanner(
                store: self, request: request, records: try reading.allRecords(),
                state: try reading.state(), log: reading.log, waiting: inspection.waiting,
                isUnfinished: false)
            outcome.notes += planner.notes
            let repairs = planner.repairs.filter { repair in
                confirmed?.steps.contains { $0.isSame(as: repair.step) } ?? true
            }
            if repairs.count < planner.repairs.count {
                outcome.notes.append(
                    "something changed since the plan was made: run repair again")
            }
            try carryOut(repairs, &session, quarantine, planner.rules, options, &outcome)
            try session.end()
        }
        return RepairReport(
            actions: outcome.actions, remaining: try remainingFindings(),
            transaction: outcome.transaction, isDryRun: false, notes: outcome.notes)
    }

    // MARK: Looking

    private func remainingFindings() throws(StoreError) -> [Finding] {
        try verify(VerifyRequest()).findings.filter { $0.severity > .info }
    }

    // MARK: The lock

    private func lockSteps() throws(StoreError) -> [RepairStep] {
        let judgement = try judgeLock()
        switch judgement.state {
        case .unreadable:
            return [
                RepairStep(
                    .lockEmpty, .breakLock,
                    detail: ".lock names no process, and keeps the application from starting")
            ]
        case .stale where judgement.isFenced:
            return [
                RepairStep(
                    .lockStale, .breakLock,
                    detail: "a command that was interrupted keeps the application out")
            ]
        case .free, .held, .stale, .notRegular: return []
        }
    }

    private func judgeLock() throws(StoreError) -> LockJudgement {
        do throws(Errno) {
            return try system.judgeLock(in: root)
        } catch {
            throw StoreError(error, cannot: "look at the lock")
        }
    }

    private func breakLockIfEmpty() throws(StoreError) {
        guard try judgeLock().state == .unreadable else { return }
        do throws(StoreError) {
            _ = try breakLock()
        } catch  where error.code == "needs-recovery" {
            // Taking the lock does it.
        }
    }

    // MARK: Doing

    private func carryOut(
        _ repairs: [PlannedRepair], _ session: inout WriteSession, _ quarantine: Quarantine,
        _ rules: DocumentRules, _ options: WriteOptions, _ outcome: inout RepairOutcome
    ) throws(StoreError) {
        var builder = TransactionBuilder(files: session.documentFiles, rules: rules)
        for repair in repairs {
            var step = repair.step
            if let damaged = repair.damaged {
                try builder.requireUntouched(damaged.path, Digest.of(damaged.bytes))
                step.quarantined = try quarantine.keep(
                    damaged.bytes, of: damaged.path.text, mode: damaged.mode,
                    reason: step.code.rawValue)
            }
            if let temporary = repair.temporary {
                let kept = try quarantine.keep(
                    temporary.live.bytes, of: temporary.path.text,
                    mode: temporary.live.status.mode, reason: FindingCode.leftoverTemporary.rawValue
                )
                step.quarantined = step.quarantined ?? kept
            }
            if let document = repair.document, !repair.isForgotten {
                if document.isControlFile {
                    try builder.setControlFile(document, to: repair.intended)
                } else {
                    try builder.set(document, to: repair.intended)
                }
            }
            outcome.actions.append(step)
        }
        let changes = builder.effectiveChanges
        if !changes.isEmpty {
            outcome.transaction = try session.commit(
                changes, readings: builder.readings, command: options.command,
                message: options.message, raisesFence: changes.count > 1,
                environment: environment)
        }
        try session.forget(
            repairs.filter(\.isForgotten).compactMap(\.document), command: options.command)
        for case let temporary? in repairs.map(\.temporary) {
            try removeTemporary(temporary.path, temporary.live.status)
        }
    }

    /// Removes a temporary that is in quarantine by now, unless somebody has written it since.
    private func removeTemporary(
        _ path: StorePath, _ status: FileStatus
    ) throws(StoreError) {
        let folder: OwnedDescriptor
        do throws(Errno) {
            folder = try system.openOwned(
                path.parent?.text ?? ".", in: root, [.read, .directory])
        } catch {
            throw StoreError(error, cannot: "remove", document: path)
        }
        do throws(PublishError) {
            try system.removeDocument(path.name, in: folder.descriptor, expecting: status)
        } catch .conflict {
            return
        } catch {
            guard case .system(_, let cause) = error else { return }
            throw StoreError(cause, cannot: "remove", document: path)
        }
        do throws(Errno) {
            try system.synchronize(folder.descriptor)
        } catch {
            throw StoreError(error, cannot: "remove", document: path)
        }
    }
}

/// What a repair has done so far.
private struct RepairOutcome {
    var actions: [RepairStep] = []
    var transaction: UInt64?
    var notes: [String] = []
}

extension TransactionBuilder {
    /// - Throws: `conflict` where the document is not the one that was judged.
    fileprivate mutating func requireUntouched(
        _ document: StorePath, _ digest: Digest
    ) throws(StoreError) {
        guard try live(document)?.digest == digest else { throw .changedMeanwhile(document) }
    }
}

extension StoreReading {
    fileprivate func allRecords() throws(StoreError) -> [TransactionRecord] {
        var records: [TransactionRecord] = []
        try forEachTransaction { record, _ in
            records.append(record)
            return true
        }
        return records
    }
}

extension WriteSession {
    /// Records, durably, that documents are not there and are not missed.
    fileprivate mutating func forget(
        _ documents: [StorePath], command: String
    ) throws(StoreError) {
        guard !documents.isEmpty else { return }
        let record = TransactionRecord(
            number: lastTransaction + 1, time: RecordedTime(system.now()), command: command,
            message: "taken off the record",
            changes: documents.map {
                ChangeRecord(document: Array($0.text.utf8), before: .asRecorded, after: nil)
            })
        try settleSegment(firstTransaction: record.number)
        try finish(record, logEnd: tail.position)
    }
}
