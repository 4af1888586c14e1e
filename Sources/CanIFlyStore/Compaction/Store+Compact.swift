internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

extension Store {
    /// Frees space without changing what any document means: changes the form of documents as far
    /// as that is asked for, forgets what history need not keep, packs the rest of it, and puts away
    /// what writers have left behind.
    ///
    /// The documents change in one transaction. History is written anew beside itself and then put in
    /// its place at once.
    /// - Throws: `configuration` for a malformed `config.json`, `invalidData` for a document that
    ///   cannot have the form asked for, `busy` where the store is locked.
    public func compact(
        _ request: CompactRequest, _ options: WriteOptions, progress: ProgressSink? = nil
    ) throws(StoreError) -> CompactReport {
        let rules = try currentRules()
        if options.isDryRun { return try wouldCompact(request, rules) }
        return try withSession(options) { session throws(StoreError) in
            let retention = try system.retention(in: session.control.descriptor)
            var report = CompactReport()
            let before = try StoreListing.make(system: system, root: root, profile: rules.profile)
            if request.changesDocuments {
                try changeForms(
                    request, in: &session, rules: rules, listing: before, options: options,
                    report: &report, progress: progress)
            }
            let index = try indexSize(in: session.control.descriptor)
            let history = try session.compactHistory(
                retention, level: request.level, rules: rules, now: now,
                environment: environment)
            let indexAfter = try indexSize(in: session.control.descriptor)
            let leftovers = try putAway(
                before.temporaries, retention, control: session.control.descriptor,
                isDryRun: false)
            let after = try StoreListing.make(system: system, root: root, profile: rules.profile)
            report.prunedTransactions = history.prunedTransactions
            report.kinds = [
                ("documents", CompactSizes(before: before.bytes, after: after.bytes)),
                ("history", history.log), ("catalog", history.catalog),
                ("index", CompactSizes(before: index, after: indexAfter)),
                ("temporaries", leftovers.temporaries), ("quarantine", leftovers.quarantine),
            ]
            report.notes = session.notes + report.notes
            return report
        }
    }

    private func wouldCompact(
        _ request: CompactRequest, _ rules: DocumentRules
    ) throws(StoreError) -> CompactReport {
        let reading = try read()
        let listing = try StoreListing.make(system: system, root: root, profile: rules.profile)
        var report = CompactReport()
        report.isDryRun = true
        let documents = try sizesOfForms(request, rules: rules, listing: listing, report: &report)
        var log = CompactSizes(before: 0, after: 0)
        var catalog = log
        var index: Int64 = 0
        var leftovers = Leftovers()
        leftovers.temporaries.before = listing.temporaries.reduce(0) { $0 + $1.status.size }
        leftovers.temporaries.after = leftovers.temporaries.before
        if let control = reading.controlDescriptor {
            let retention = try system.retention(in: control)
            index = try indexSize(in: control)
            leftovers = try putAway(
                listing.temporaries, retention, control: control, isDryRun: true)
            if let source = reading.log, let bytes = try reading.catalogBytes() {
                log.before = try source.size(in: control)
                catalog.before = Int64(bytes.offset) + Int64(bytes.bytes.count)
                let all = try TransactionRecord.all(
                    in: bytes.bytes, from: bytes.offset, first: bytes.firstTransaction)
                let plan = try historyPlan(
                    all, retention, rules: rules, now: now, log: source)
                report.prunedTransactions = plan.prunedCount
                (log.after, catalog.after) = try sizes(
                    of: plan, source: source, level: request.level,
                    before: (log.before, catalog.before))
            }
        }
        report.kinds = [
            ("documents", documents), ("history", log), ("catalog", catalog),
            ("index", CompactSizes(before: index, after: index)),
            ("temporaries", leftovers.temporaries), ("quarantine", leftovers.quarantine),
        ]
        return report
    }

    /// What log and catalog would take.
    private func sizes(
        of plan: HistoryPlan, source: LogFolder, level: Int, before: (log: Int64, catalog: Int64)
    ) throws(StoreError) -> (log: Int64, catalog: Int64) {
        guard let first = plan.records.first else { return before }
        if plan.prunedCount == 0 {
            let mayPay = try HistoryRewrite.mayPay(
                system: system, source: source, plan: plan, length: before.log)
            guard mayPay else { return before }
        }
        var rewrite = HistoryRewrite(
            system: system, source: source, plan: plan, level: level, target: nil)
        try rewrite.run(environment: environment)
        var lines = CatalogHeader(
            store: source.store, generation: source.generation + 1,
            firstTransaction: first.number
        ).encode()
        for (record, end) in zip(rewrite.records, rewrite.ends) {
            let start = UInt64(lines.count)
            var group: [UInt8] = []
            CatalogLines.append(record, position: end, paddedFrom: start, to: &group)
            lines += group
        }
        let after = (log: Int64(rewrite.logLength), catalog: Int64(lines.count))
        let wins = after.log + after.catalog < before.log + before.catalog
        return plan.prunedCount > 0 || wins ? after : before
    }

    private func indexSize(in control: Descriptor) throws(StoreError) -> Int64 {
        try size(of: ControlNames.contentIndex, in: control)
            + size(of: ControlNames.catalogIndex, in: control)
    }

    private func size(of name: String, in control: Descriptor) throws(StoreError) -> Int64 {
        do throws(Errno) {
            return try system.status(of: name, in: control).size
        } catch .noEntry {
            return 0
        } catch {
            throw StoreError(error, cannot: "look at .canifly-store/\(name)")
        }
    }

    // MARK: Leftovers

    struct Leftovers {
        var temporaries = CompactSizes(before: 0, after: 0)
        var quarantine = CompactSizes(before: 0, after: 0)
    }

    /// A writer that is still at work is done with its temporary long before.
    private static let secondsOfGrace = Retention.secondsOfDay

    /// Moves leftover temporaries of more than a day ago to the quarantine, and removes what has been
    /// there for long enough.
    private func putAway(
        _ temporaries: [ListedDocument], _ retention: Retention, control: Descriptor,
        isDryRun: Bool
    ) throws(StoreError) -> Leftovers {
        var leftovers = Leftovers()
        let quarantine = Quarantine(system: system, control: control, time: now)
        let oldest = now.seconds - Int64(retention.quarantineDays) * Retention.secondsOfDay
        for thing in try quarantine.contents() {
            leftovers.quarantine.before += thing.bytes
            if let came = thing.came, came.seconds < oldest {
                if !isDryRun { try quarantine.remove(thing.name) }
            } else {
                leftovers.quarantine.after += thing.bytes
            }
        }
        for temporary in temporaries {
            leftovers.temporaries.before += temporary.status.size
            if temporary.status.modified.seconds < now.seconds - Self.secondsOfGrace {
                if !isDryRun { try quarantine.take(temporary.path, of: root) }
                leftovers.quarantine.after += temporary.status.size
            } else {
                leftovers.temporaries.after += temporary.status.size
            }
        }
        return leftovers
    }
}
