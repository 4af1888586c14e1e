internal import StoreCodecs
public import StoreFiles

/// Commands that only read. None takes a lock or changes a byte.
extension Store {
    /// The documents that match any of the patterns (`*`, `**`, `?` as in a shell; none: all), with
    /// their digests and how they stand to what was recorded.
    public func list(patterns: [String]) throws(StoreError) -> [DocumentEntry] {
        let reading = try read()
        let (profile, listing) = try listing(reading)
        let rules = DocumentRules(profile: profile, layout: listing.recognition.layout)
        let state = try reading.state()
        let wanted = try NameFilter(patterns)
        let hasCatalog = reading.controlDescriptor != nil && state.lastTransaction > 0
        let check = DocumentCheck(
            system: system, root: root, rules: rules, isQuick: true, isDeep: false,
            hasCatalog: hasCatalog)
        var reader = ChunkReader(system)
        var entries: [DocumentEntry] = []
        for listed in listing.documents where wanted.includes(listed.path) {
            let outcome = check.run(
                listed.path, status: listed.status, recorded: state.documents[listed.path],
                reader: &reader)
            entries.append(
                DocumentEntry(
                    document: listed.path, bytes: listed.status.size, digest: outcome.digest,
                    standing: outcome.standing, kind: rules.kind(of: listed.path).rawValue,
                    mode: listed.status.mode, modified: listed.status.modified,
                    isPacked: listed.path.isPacked,
                    isSecret: profile.rule(for: listed.path, layout: rules.layout)?.isSecret
                        ?? false))
        }
        let present = Set(listing.documents.map(\.path))
        for (path, recorded) in state.documents
        where !present.contains(path) && wanted.includes(path) {
            // Nobody knows whether it is missing.
            if listing.names.mayHide(path) { try listing.requireComplete() }
            entries.append(
                DocumentEntry(
                    document: path, bytes: Int64(recorded.state.bytes), digest: nil,
                    standing: .missing, kind: rules.kind(of: path).rawValue, mode: nil,
                    modified: nil, isPacked: path.isPacked,
                    isSecret: profile.rule(for: path, layout: rules.layout)?.isSecret ?? false))
        }
        return entries.sorted { $0.document < $1.document }
    }

    /// A document's bytes, now or as of an earlier moment. A packed document is unpacked where it is
    /// asked for by its plain name; packed and sealed ones are checked.
    /// - Throws: `notFound` where there was no such document, or its content was not kept,
    ///   `invalidData` (`gzip-corrupt`, `gzip-bomb`, `checksum-mismatch`) for damaged ones.
    public func content(
        of document: StorePath, at moment: PointInTime? = nil
    ) throws(StoreError) -> [UInt8] {
        let (place, bytes) = try retryingAcrossCompaction { () throws(StoreError) in
            try storedContent(of: document, at: moment)
        }
        let content =
            place.isPacked ? try PackedDocument.unpack(bytes, of: place) : bytes
        try SealScanner.judge(content).requireIntact(document)
        return place == document ? bytes : content
    }

    /// Where a document lies or lay, and its bytes as they lie there.
    private func storedContent(
        of document: StorePath, at moment: PointInTime?
    ) throws(StoreError) -> (place: StorePath, bytes: [UInt8]) {
        let reading = try read()
        for place in [document, document.packedForm].compactMap({ $0 }) {
            if let moment {
                guard let state = try reading.state(of: place, at: moment) else { continue }
                return (place, try reading.pastContent(of: place, state))
            }
            if let bytes = try reading.content(of: place) { return (place, bytes) }
        }
        guard moment != nil else { throw .noSuchDocument(document) }
        throw .wasNoDocument(document)
    }

    /// The transactions, newest first; those that touched one document, where one is named.
    public func history(
        of document: StorePath? = nil, limit: Int? = nil
    ) throws(StoreError) -> [TransactionSummary] {
        try read().history(of: document, limit: limit)
    }

    /// Who holds the store.
    public func lockReport() throws(StoreError) -> LockReport {
        do throws(Errno) {
            return LockReport(try system.judgeLock(in: root))
        } catch {
            throw StoreError(error, cannot: "look at the lock")
        }
    }

    /// One screen about the store.
    public func status() throws(StoreError) -> StatusReport {
        let reading = try read()
        let (profile, listing) = try listing(reading)
        let state = try reading.state()
        let layout = listing.recognition.layout
        let hasCatalog = state.lastTransaction > 0
        var changed = 0
        var untracked = 0
        // Of what a waiting transaction will do to a document, nothing shows yet.
        let waiting = Set(reading.waiting?.changes.compactMap { try? $0.path } ?? [])
        for listed in listing.documents where !waiting.contains(listed.path) {
            if let recorded = state.documents[listed.path] {
                if recorded.signature != listed.status.signature { changed += 1 }
            } else if hasCatalog {
                untracked += 1
            }
        }
        let present = Set(listing.documents.map(\.path))
        let missing = state.documents.keys.reduce(0) {
            $0
                + (present.contains($1) || waiting.contains($1) || listing.names.mayHide($1)
                    ? 0 : 1)
        }
        var report = StatusReport(
            profile: profile.name, layout: layout,
            layoutVersions: layout.flatMap { profile.layout($0)?.versions } ?? "",
            isInitialized: hasCatalog, documents: listing.documents.count, bytes: listing.bytes,
            changedDocuments: changed, untrackedDocuments: untracked, missingDocuments: missing,
            lock: try lockReport(), isLogPending: reading.waiting != nil,
            logBytes: try reading.log?.byteCount() ?? 0,
            lastTransaction: try reading.history(of: nil, limit: 1).first,
            lastSnapshot: try reading.summary(ofTransaction: state.lastSnapshot),
            leftBehind: [], reclaimableBytes: 0, next: [])
        if let layout, !listing.recognition.leftBehind.isEmpty {
            let names = listing.documents.map(\.path)
            let files = reading.documentFiles
            report.leftBehind = profile.leftBehindReports(layout: layout, documents: names) {
                (try? files.read($0))??.bytes
            }.flatMap(\.lines)
        }
        report.next = report.suggestions
        if !listing.names.problems.isEmpty, !report.next.contains("canifly-store verify") {
            // What is counted here is not all that there is.
            report.next.insert("canifly-store verify", at: 0)
        }
        return report
    }

    /// The profile in force and everything that lies in the store.
    func listing(
        _ reading: borrowing StoreReading
    ) throws(StoreError) -> (Profile, StoreListing) {
        let (profile, names, documents) = try list(reading.recordedProfile(), withStatus: true)
        return (profile, StoreListing(names: names, documents: documents))
    }

    /// The rules in force, and what lies in the store of the documents that are wanted.
    /// - Parameters:
    ///   - wanted: nil: all documents.
    ///   - requiresAll: of all documents: whether it is an error if some could not be looked at, so
    ///     that nobody knows whether they are there.
    func look(
        at wanted: Set<StorePath>?, _ reading: borrowing StoreReading, requiresAll: Bool
    ) throws(StoreError) -> (DocumentRules, [ListedDocument]) {
        guard let wanted else {
            let (profile, listing) = try listing(reading)
            if requiresAll { try listing.requireComplete() }
            return (
                DocumentRules(profile: profile, layout: listing.recognition.layout),
                listing.documents
            )
        }
        let rules = try rules(reading)
        let found = try StoreNames.look(
            at: wanted, system: system, root: root, profile: rules.profile)
        return (rules, found)
    }

    /// As `listing` without the documents' status, where the recorded profile is known already.
    func names(recordedProfile: Profile?) throws(StoreError) -> (Profile, StoreNames) {
        let (profile, names, _) = try list(recordedProfile, withStatus: false)
        return (profile, names)
    }

    /// Where no profile is recorded, the application's own is in force if the documents are in one
    /// of its layouts.
    private func list(
        _ recordedProfile: Profile?, withStatus: Bool
    ) throws(StoreError) -> (Profile, StoreNames, [ListedDocument]) {
        func list(_ profile: Profile) throws(StoreError) -> (StoreNames, [ListedDocument]) {
            try StoreNames.list(
                system: system, root: root, profile: profile, withStatus: withStatus)
        }
        let first = recordedProfile ?? .canifly
        let (names, documents) = try list(first)
        if recordedProfile != nil || names.recognition.layout != nil {
            return (first, names, documents)
        }
        var (others, otherDocuments) = try list(.generic)
        others.recognitionFailure = names.recognitionFailure
        return (.generic, others, otherDocuments)
    }
}

extension StatusReport {
    /// What to do next, the most pressing first.
    fileprivate var suggestions: [String] {
        var commands: [String] = []
        if isLogPending { commands.append("canifly-store repair") }
        if lock.isEmpty { commands.append("canifly-store lock break") }
        if !isInitialized { commands.append("canifly-store init") }
        if !leftBehind.isEmpty { commands.append("canifly-store migrate --left-behind --plan") }
        // Before a snapshot takes what changed for good.
        if missingDocuments + changedDocuments > 0 { commands.append("canifly-store verify") }
        if isInitialized, lastSnapshot == nil || changedDocuments + untrackedDocuments > 0 {
            commands.append("canifly-store snapshot")
        }
        return commands
    }
}

extension LockReport {
    init(_ judgement: LockJudgement) {
        self.init(
            isHeld: judgement.state == .held, process: judgement.process,
            since: judgement.since?.rfc3339,
            owner: judgement.owner.map { $0 == .application ? .application : .program },
            isStale: judgement.state == .stale, isEmpty: judgement.state == .unreadable,
            remark: "")
        switch judgement.state {
        case .unreadable:
            remark =
                judgement.isOld
                ? "no process is named in it: the application will refuse to start for ever"
                : "no process is named in it; someone may be writing it"
        case .notRegular: remark = "not a regular file"
        case .held where judgement.suspectsReusedProcess:
            remark = "the process is younger than the lock; its number was probably reused"
        case .free, .held, .stale: break
        }
    }
}

extension StoreError {
    static func wasNoDocument(_ document: StorePath) -> StoreError {
        StoreError(
            .notFound, code: "no-such-document",
            "there was no document \(document.text) then",
            hint: "canifly-store log \(document.shellWord) shows its history", document: document)
    }
}
