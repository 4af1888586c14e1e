internal import StoreCodecs
internal import StoreFiles

/// Migrations: from layout to layout, back again, and out of what older layouts left behind. Each is
/// worked out on copies and is one transaction.
extension Store {
    /// Carries a migration out.
    ///
    /// - Throws: `configuration` for steps that are missing, edited or malformed and for a store that
    ///   is newer than every known step, `invalidData` where a document is damaged or what comes out
    ///   would not fit its layout, `notFound` where there is nothing to undo or no layout is
    ///   recognised; and what every transaction throws. Then nothing has changed.
    public func migrate(
        _ request: MigrationRequest, _ options: WriteOptions
    ) throws(StoreError) -> MigrationReport {
        if options.isDryRun { return try planMigration(request) }
        return try withSession(options) { session throws(StoreError) in
            let prepared = try prepare(request)
            var report = WriteReport(
                transaction: nil, changes: [], isDryRun: false,
                notes: session.notes + prepared.notes)
            if prepared.isWorthATransaction {
                let number = session.lastTransaction + 1
                let builder = try prepared.builder(
                    files: session.documentFiles, transaction: number)
                let changes = builder.effectiveChanges
                let done = try session.commit(
                    changes, readings: builder.readings, command: options.command,
                    message: options.message.isEmpty ? prepared.message : options.message,
                    raisesFence: changes.count > 1, environment: environment)
                precondition(done == number, "the transaction has another number than its record")
                report.transaction = number
                report.changes = changes.documentReports
            }
            return try prepared.report(
                report, isPending: false, compares: request.comparesDocuments)
        }
    }

    /// What `migrate` would do. Takes no lock and changes nothing; programs that steps run are run.
    public func planMigration(
        _ request: MigrationRequest
    ) throws(StoreError) -> MigrationReport {
        let prepared = try prepare(request)
        var changes: [DocumentChange] = []
        if prepared.isWorthATransaction {
            changes = try prepared.builder(
                files: DocumentFiles(system: system, root: root), transaction: 1
            ).effectiveChanges.documentReports
        }
        return try prepared.report(
            WriteReport(
                transaction: nil, changes: changes, isDryRun: true, notes: prepared.notes),
            isPending: prepared.isWorthATransaction, compares: request.comparesDocuments)
    }

    /// Which steps are pending, without trying them.
    public func pendingMigration(
        _ request: MigrationRequest
    ) throws(StoreError) -> MigrationReport {
        guard case .layout(let target) = request.goal else { return try planMigration(request) }
        let situation = try MigrationSituation(self, stepFolder: request.stepFolder)
        let prepared = try PreparedMigration(situation, to: situation.target(target))
        return try prepared.report(
            WriteReport(transaction: nil, changes: [], isDryRun: true),
            isPending: !prepared.steps.isEmpty, compares: false)
    }

    private func prepare(_ request: MigrationRequest) throws(StoreError) -> PreparedMigration {
        do throws(StoreError) {
            return try workOut(request)
        } catch {
            // A program that a step runs ends with the signal that is meant for this one.
            try environment.requireNoSignal()
            throw error
        }
    }

    private func workOut(_ request: MigrationRequest) throws(StoreError) -> PreparedMigration {
        let situation = try MigrationSituation(self, stepFolder: request.stepFolder)
        switch request.goal {
        case .layout(let target):
            return try situation.migration(to: situation.target(target))
        case .rollback: return try situation.rollback(try read())
        case .leftBehind: return try situation.takeover()
        }
    }
}

/// What a migration begins with.
struct MigrationSituation {
    let profile: Profile
    /// The layout that the documents are in.
    let layout: Int
    /// Of the last migration; nil where there was none, or the application has moved on since.
    let record: LayoutRecord?
    let chain: StepChain
    let listing: StoreListing
    let source: StoreMigrationSource
    let now: Timestamp

    init(_ store: Store, stepFolder: String?) throws(StoreError) {
        let reading = try store.read()
        (profile, listing) = try store.listing(reading)
        try listing.requireComplete()
        now = store.now
        let recorded = try LayoutRecord.read(system: store.system, root: store.root)
        let found = listing.recognition.layout
        if let recorded, recorded.profile.utf8.elementsEqual(profile.name.utf8),
            recorded.layout == found
        {
            record = recorded
        } else {
            record = nil
        }
        guard let layout = profile.layouts.isEmpty ? found ?? 0 : found else {
            throw StoreError(
                .notFound, code: "layout-unknown",
                "the documents are in none of the layouts of the profile \(profile.name)",
                hint: "see canifly-store status; name the store with --store")
        }
        self.layout = layout
        chain = try StepChain(
            profile: profile,
            own: StepFolder.read(stepFolder, system: store.system, root: store.root))
        source = try StoreMigrationSource(
            files: DocumentFiles(system: store.system, root: store.root),
            storePath: store.path, documents: listing.documents.map(\.path))
        if let record { try chain.requireUnedited(record) }
    }

    /// The layout that was asked for, else the newest.
    func target(_ wanted: Int?) throws(StoreError) -> Int {
        guard let wanted else { return max(chain.newest, layout) }
        guard wanted >= 0, wanted <= chain.newest else {
            throw StoreError(
                .usage, code: "no-such-layout",
                "there is no layout \(wanted); the newest that is known is \(chain.newest)",
                hint: "canifly-store status tells the store's layout")
        }
        return wanted
    }

    // MARK: From layout to layout

    func migration(to target: Int) throws(StoreError) -> PreparedMigration {
        var prepared = try PreparedMigration(self, to: target)
        guard !prepared.steps.isEmpty else { return prepared }
        var state = MigrationState(source, profile: profile, now: now)
        for step in prepared.steps { try step.apply(to: &state) }
        try prepared.take(state)
        try prepared.requireFit(unchanged: state.documents)
        prepared.record = .new(try record(of: prepared, state))
        return prepared
    }

    private func record(
        of prepared: PreparedMigration, _ state: MigrationState
    ) throws(StoreError) -> LayoutRecord {
        var applied = record?.steps ?? []
        for step in prepared.steps {
            if step.from < step.to {
                applied.append(
                    .init(from: step.from, to: step.to, name: step.name, digest: step.digest))
            } else {
                applied.removeAll { $0.to == step.from }
            }
        }
        return try layoutRecord(layout: prepared.to, steps: applied, state)
    }

    func layoutRecord(
        layout target: Int, steps: [LayoutRecord.Step], _ state: MigrationState
    ) throws(StoreError) -> LayoutRecord {
        var failure: StoreError?
        let recognised = profile.recognise(documents: state.documents) { path in
            do throws(StoreError) {
                return try state.bytes(path).flatMap(StoreNames.firstSignificantByte)
            } catch {
                failure = error
                return nil
            }
        }
        if let failure { throw failure }
        return LayoutRecord(
            profile: profile.name, layout: target, recognisedAs: recognised.layout,
            transaction: 1, migratedFrom: layout, steps: steps)
    }
}

extension PreparedMigration {
    /// The steps that lead to a layout, not applied yet.
    init(_ situation: MigrationSituation, to target: Int) throws(StoreError) {
        self.init(
            profile: situation.profile, from: situation.layout, to: target,
            source: situation.source)
        steps = try situation.chain.way(from: from, to: to)
        message = "layout \(from) to \(to)"
    }

    /// Takes what steps have made of the documents.
    mutating func take(_ state: MigrationState) throws(StoreError) {
        results = state.touched.map { path, document in
            (path, document.map { .converted($0) } ?? .absent)
        }
        notes = state.notes
    }
}
