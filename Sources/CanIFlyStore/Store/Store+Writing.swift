public import StoreFiles

/// Commands that change documents. Each is one transaction.
extension Store {
    /// Writes one document.
    /// - Throws: `conflict` where the precondition fails or another program writes meanwhile,
    ///   `busy` where the store is locked, `invalidData` where the contents are not sound.
    public func put(
        _ request: PutRequest, _ options: WriteOptions
    ) throws(StoreError) -> WriteReport {
        try transact(options, isSmall: true) { builder throws(StoreError) in
            try builder.put(request)
        }
    }

    /// Removes documents; their contents stay in history.
    /// - Throws: `notFound` where one is not there.
    public func delete(
        _ documents: [StorePath], _ options: WriteOptions
    ) throws(StoreError) -> WriteReport {
        try transact(options, isSmall: documents.count == 1) { builder throws(StoreError) in
            for document in documents { try builder.delete(document) }
        }
    }

    /// Carries out operations in order, all or none.
    /// - Throws: what the first operation that cannot be done throws, naming its line.
    public func apply(
        _ operations: [(line: Int, operation: StoreOperation)], _ options: WriteOptions
    ) throws(StoreError) -> WriteReport {
        try transact(options, isSmall: operations.count == 1) { builder throws(StoreError) in
            for (line, operation) in operations {
                do throws(StoreError) {
                    try builder.perform(operation)
                } catch {
                    var located = error
                    located.message = "line \(line): \(error.message)"
                    throw located
                }
            }
        }
    }

    // MARK: One transaction

    /// Builds a transaction and commits it; on a dry run, builds it only.
    /// - Parameters:
    ///   - isSmall: of one document, so that `.lock` may wait until the transaction is in the log. Where
    ///     another program comes first, it is built anew.
    package func transact(
        _ options: WriteOptions, isSmall: Bool = false,
        _ build: (inout TransactionBuilder) throws(StoreError) -> Void
    ) throws(StoreError) -> WriteReport {
        if options.isDryRun {
            var builder = TransactionBuilder(
                files: DocumentFiles(system: system, root: root), rules: try currentRules())
            try build(&builder)
            return WriteReport(
                transaction: nil, changes: builder.effectiveChanges.documentReports,
                isDryRun: true)
        }
        return try withSession(options, deferringLock: isSmall) { session throws(StoreError) in
            if !session.lock.isInPlace {
                do throws(StoreError) {
                    return try transact(options, in: &session, build)
                } catch  where error.mayBeOfOthersDoing && !session.isUnsettled {}
                try session.takeLock()
            }
            return try transact(options, in: &session, build)
        }
    }

    private func transact(
        _ options: WriteOptions, in session: inout WriteSession,
        _ build: (inout TransactionBuilder) throws(StoreError) -> Void
    ) throws(StoreError) -> WriteReport {
        let rules = try currentRules()
        var builder = TransactionBuilder(files: session.documentFiles, rules: rules)
        try build(&builder)
        let changes = builder.effectiveChanges
        var number: UInt64?
        if !changes.isEmpty {
            let isDeferred = !session.lock.isInPlace
            number = try session.commit(
                changes, readings: builder.readings, command: options.command,
                message: options.message,
                // One document is replaced in one step: there is no half of it.
                raisesFence: options.raisesFence && changes.count > 1, environment: environment
            ) { () throws(StoreError) in
                guard isDeferred else { return }
                try requireInForce(rules)
                try builder.requireUnchangedSinceRead(at: system.now())
            }
        }
        return WriteReport(
            transaction: number, changes: changes.documentReports, isDryRun: false,
            notes: session.notes)
    }

    /// Runs `body` as the store's one writer: with the lock, and what an earlier process left
    /// finished.
    /// - Parameter deferringLock: the application is not kept out before the session takes `.lock`.
    package func withSession<Result>(
        _ options: WriteOptions, deferringLock: Bool = false,
        _ body: (inout WriteSession) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try withLock(options, isDeferred: deferringLock) { control, lock throws(StoreError) in
            var session = try WriteSession.begin(
                system: system, root: root, control: control, lock: lock)
            let result = try body(&session)
            try session.end()
            return result
        }
    }

    /// Takes the lock, making the control directory where there is none.
    func withLock<Result>(
        _ options: WriteOptions, isDeferred: Bool = false,
        _ body: (
            _ control: consuming OwnedDescriptor, _ lock: consuming StoreLock
        ) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try environment.requireNoSignal()
        do throws(LockError) {
            // Before anything is made in it.
            try system.checkSuitability(of: root)
        } catch {
            throw StoreError(error)
        }
        let control = try ControlDirectory.openOrMake(system: system, root: root)
        do throws(StoreError) {
            let lock = try takeLock(
                control: control.descriptor, options.retryPolicy, isDeferred: isDeferred)
            try requireInPlace(control.descriptor)
            return try body(control, lock)
        } catch  where error.kind == .interrupted {
            // Who was told to stop waiting does not know by which signal.
            try environment.requireNoSignal()
            throw error
        }
    }

    /// While a store is used for the first time, another process may have put another control
    /// directory in the place of the one whose guard we hold.
    private func requireInPlace(_ control: Descriptor) throws(StoreError) {
        do throws(Errno) {
            let named = try system.status(of: ControlNames.directory, in: root)
            if named.isSameFile(as: try system.status(of: control)) { return }
        } catch {
            throw StoreError(error, cannot: "look at .canifly-store")
        }
        throw StoreError(
            .busy, code: "control-directory-replaced",
            "another process is making the control directory", hint: "run the command again")
    }

    private func takeLock(
        control: Descriptor, _ policy: RetryPolicy, isDeferred: Bool
    ) throws(StoreError) -> StoreLock {
        let site = LockSite(system: system, store: root, control: control)
        let environment = environment
        let isCancelled = { environment.pendingSignal() != nil }
        do throws(LockError) {
            if let inherited = environment.inheritedLock {
                let joined = try StoreLock.joinInherited(
                    inherited, site, policy, isCancelled: isCancelled)
                if let joined { return joined }
            }
            return try StoreLock.acquire(
                site, policy, isDeferred: isDeferred, isCancelled: isCancelled)
        } catch {
            throw StoreError(error)
        }
    }

    /// - Throws: `conflict` where the application has changed the layout since the rules were read.
    private func requireInForce(_ rules: DocumentRules) throws(StoreError) {
        if rules.profile.layouts.isEmpty { return }
        let layout = try StoreNames.recognisedLayout(
            system: system, root: root, profile: rules.profile)
        guard layout == rules.layout else {
            throw StoreError(
                .conflict, code: "changed-meanwhile",
                "another program changed the layout meanwhile; nothing was written",
                hint: "run the command again")
        }
    }

    /// The profile and layout in force now.
    package func currentRules() throws(StoreError) -> DocumentRules { try rules(try read()) }

    /// The same for who reads the store already.
    func rules(_ reading: borrowing StoreReading) throws(StoreError) -> DocumentRules {
        let profile = try reading.recordedProfile()
        if let profile, profile.layouts.isEmpty {
            return DocumentRules(profile: profile, layout: nil)
        }
        let layout = try StoreNames.recognisedLayout(
            system: system, root: root, profile: profile ?? .canifly)
        if profile == nil, layout == nil {
            return DocumentRules(profile: .generic, layout: nil)
        }
        return DocumentRules(profile: profile ?? .canifly, layout: layout)
    }
}

extension StoreError {
    /// Whether it may not happen again once other programs are kept out.
    fileprivate var mayBeOfOthersDoing: Bool {
        switch kind {
        case .busy, .conflict, .invalidData, .notFound: cause == nil
        default: false
        }
    }
}

extension [StagedChange] {
    /// As reports show them: without files of the control directory.
    var documentReports: [DocumentChange] {
        filter { !$0.document.isControlFile }.map {
            DocumentChange(
                document: $0.document, before: $0.before?.digest, after: $0.after?.digest)
        }
    }
}

extension Store {
    /// Finishes what an earlier process left unfinished, and nothing else. Every command that writes
    /// does this first.
    @discardableResult
    public func recover(
        _ options: WriteOptions = WriteOptions(command: "repair")
    ) throws(StoreError) -> [String] {
        // A crash may have kept our `.lock` and not the directory that was made before it.
        if try read().controlDescriptor == nil, !(try lockReport().isStale) { return [] }
        return try withLock(options) { control, lock throws(StoreError) in
            guard
                try ControlDirectory.isUsed(system: system, control: control.descriptor)
            else {
                // Nothing was ever recorded: there is only what a writer's death may have left.
                try ControlDirectory.sweep(system: system, control: control.descriptor)
                try WriteSession.release(try WriteSession.withoutFence(lock))
                return []
            }
            let session = try WriteSession.begin(
                system: system, root: root, control: control, lock: lock)
            let notes = session.notes
            try session.end()
            return notes
        }
    }
}
