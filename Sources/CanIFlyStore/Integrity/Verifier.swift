internal import StoreCodecs
internal import StoreFiles

extension Store {
    /// Checks documents and store, and says what it finds.
    /// Takes no lock and writes nothing.
    public func verify(
        _ request: VerifyRequest, progress: ProgressSink? = nil
    ) throws(StoreError) -> VerifyReport {
        let begun = system.monotonicNanoseconds()
        var verifier = try Verifier(store: self, request: request)
        try verifier.checkDocuments(progress: progress)
        if request.documents.isEmpty { verifier.checkStore() }
        return verifier.report(durationNanoseconds: system.monotonicNanoseconds() &- begun)
    }
}

/// One run of `verify`: gathers findings, and neither repairs nor prints.
struct Verifier {
    let store: Store
    var request: VerifyRequest
    let profile: Profile
    let rules: DocumentRules
    let names: StoreNames
    let hasCatalog: Bool
    let isLogPending: Bool
    let logVerdict: LogVerdict?
    /// Which segment that is about.
    private let logFile: String?
    /// What a transaction that waits in the log will do to each document.
    private let waiting: [StorePath: ChangeRecord]
    /// What was recorded of each document.
    var recorded: [StorePath: RecordedDocument]
    var findings: [Finding] = []
    private var digests: [(document: StorePath, digest: Digest)] = []
    /// Of the documents that relations, expiry and what older layouts left behind are judged by.
    private var contents: [StorePath: [UInt8]] = [:]
    private var checkedDocuments = 0
    private var checkedBytes: Int64 = 0

    init(store: Store, request: VerifyRequest) throws(StoreError) {
        self.store = store
        self.request = request
        var findings: [Finding] = []
        var recorded: [StorePath: RecordedDocument] = [:]
        var profileInForce: Profile?
        var isLogPending = false
        var waiting: [StorePath: ChangeRecord] = [:]
        var logVerdict: LogVerdict?
        var logFile: String?
        var hasCatalog = false
        var listed: (Profile, StoreNames)?
        do throws(StoreError) {
            let reading = try store.read()
            isLogPending = reading.waiting != nil
            for change in reading.waiting?.combinedChanges ?? [] {
                waiting[try change.path] = change
            }
            logVerdict = reading.logVerdict
            logFile = reading.logFile
            hasCatalog = reading.controlDescriptor != nil
            try reading.requireCatalog()
            findings += reading.catalogFindings
            let profileInFile = Result { () throws(StoreError) in try reading.recordedProfile() }
            // Neither needs the other, and either may take as long. That the profile is the one that
            // was chosen, nearly always, is seen afterwards.
            let (names, summed) = WorkerThreads.both(
                threads: request.threads,
                {
                    Result { () throws(StoreError) in
                        try store.names(recordedProfile: try? profileInFile.get())
                    }
                },
                { Result { () throws(StoreError) in try reading.state() } })
            let state = try summed.get()
            hasCatalog = state.lastTransaction > 0
            recorded = state.documents
            if !isLogPending, !request.isQuick {
                findings += store.findings(ofControlFiles: state.controlFiles)
            }
            if reading.hasChosenProfile(state) {
                _ = try profileInFile.get()
                listed = try names.get()
            } else {
                profileInForce = try reading.chosenProfile(state)
            }
        } catch {
            guard let finding = Finding(damageOfControlDirectory: error) else { throw error }
            findings.append(finding)
            profileInForce = store.profileWithoutRecords()
        }
        if let listed {
            (profile, names) = listed
        } else {
            (profile, names) = try store.names(recordedProfile: profileInForce)
        }
        rules = DocumentRules(profile: profile, layout: names.recognition.layout)
        self.hasCatalog = hasCatalog
        self.isLogPending = isLogPending
        self.waiting = waiting
        self.logVerdict = logVerdict
        self.logFile = logFile
        self.recorded = recorded
        self.findings = findings
    }

    // MARK: Documents

    mutating func checkDocuments(progress: ProgressSink?) throws(StoreError) {
        let documents = try wantedDocuments()
        let check = DocumentCheck(
            system: store.system, root: store.root, rules: rules, isQuick: request.isQuick,
            isDeep: request.isDeep, hasCatalog: hasCatalog, retained: documentsOfOtherChecks())
        let meter = progress.map {
            SharedMeter($0, documents: documents.count, bytes: bytesAhead(documents))
        }
        let exposure = request.documents.isEmpty ? exposureCheck() : nil
        let recorded = recorded
        let waiting = waiting
        let system = store.system
        let outcomes = WorkerThreads.map(
            documents, threads: request.threads, state: { ChunkReader(system) }
        ) { reader, document in
            var outcome = check.run(document, recorded: recorded[document], reader: &reader)
            if let change = waiting[document], change.isStill(outcome.digest) {
                // Recovery replaces it; nobody has changed it.
                outcome.findings.removeAll { $0.code == .changed || $0.code == .untracked }
            }
            if let finding = exposure?(document, outcome.mode) {
                outcome.findings.append(finding)
            }
            meter?.advance(outcome.bytes)
            return outcome
        }
        for (document, outcome) in zip(documents, outcomes) {
            findings += outcome.findings
            if let content = outcome.content { contents[document] = content }
            checkedDocuments += 1
            checkedBytes += outcome.bytes
            if request.keepsDigests, let digest = outcome.digest {
                digests.append((document, digest))
            }
        }
    }

    /// How much there is to read, which only somebody who watches wants to know beforehand.
    private func bytesAhead(_ documents: [StorePath]) -> Int64 {
        let (system, root) = (store.system, store.root)
        return WorkerThreads.map(documents, threads: request.threads) { document in
            (try? system.status(of: document.text, in: root).size) ?? 0
        }.reduce(0, +)
    }

    private func exposureCheck() -> (@Sendable (StorePath, FileMode?) -> Finding?)? {
        guard let directory = try? store.system.status(of: store.root) else { return nil }
        let (profile, layout) = (profile, rules.layout)
        return { document, mode in
            guard let mode else { return nil }
            return profile.checkExposure(
                of: document, mode: mode, directoryMode: directory.mode, layout: layout)
        }
    }

    /// Those whose contents are wanted beyond their own check.
    private func documentsOfOtherChecks() -> Set<StorePath> {
        guard request.documents.isEmpty, let layout = rules.layout else { return [] }
        let all = names.documents
        var wanted = Set(profile.documentsInRelations(layout: layout, documents: all))
        wanted.formUnion(all.filter { profile.canExpire($0, layout: layout) })
        if !names.recognition.leftBehind.isEmpty {
            wanted.formUnion(all.filter { profile.kind(of: $0, layout: layout) == .json })
        }
        return wanted
    }

    private func wantedDocuments() throws(StoreError) -> [StorePath] {
        guard !request.documents.isEmpty else { return names.documents }
        // A packed document goes by its plain name as well.
        let wanted = Set(request.documents).union(request.documents.compactMap(\.packedForm))
        let found = names.documents.filter { wanted.contains($0) }
        let present = Set(found)
        for path in request.documents {
            let forms = [path, path.packedForm].compactMap { $0 }
            guard forms.contains(where: { present.contains($0) || recorded[$0] != nil }) else {
                throw .noSuchDocument(path)
            }
        }
        return found
    }

    // MARK: The store as a whole

    mutating func checkStore() {
        checkLayout()
        checkNames()
        checkMissing()
        checkLeftovers()
        checkLock()
        checkLog()
        checkPackedTwice()
        if request.isDeep { checkHistory() }
    }

    /// Reads every content that history keeps and holds it against its digest.
    private mutating func checkHistory() {
        guard let reading = try? store.read(), let log = reading.log else { return }
        var kept: [KeptContent: StorePath] = [:]
        // Damage of the catalog itself has been told already.
        try? reading.forEachTransaction { record, _ in
            for change in record.changes {
                guard let path = try? change.path else { continue }
                if case .present(let before) = change.before, let content = KeptContent(before) {
                    kept[content] = path
                }
                if let after = change.after, let content = KeptContent(after) {
                    kept[content] = path
                }
            }
            return true
        }
        let pending = Set(reading.waiting?.contents.keys.map(\.self) ?? [])
        let contents = kept.keys.filter { !pending.contains($0.digest) }.sorted()
        let errors = WorkerThreads.map(contents, threads: request.threads) {
            content -> StoreError? in
            do throws(StoreError) {
                try log.requireIntact(content.digest, at: content.location)
                return nil
            } catch {
                return error
            }
        }
        for (content, error) in zip(contents, errors) {
            guard let error else { continue }
            findings.append(
                Finding(
                    // A disk that fails has damaged nothing.
                    error.kind == .invalidData
                        ? FindingCode(rawValue: error.code) ?? .historyCorrupt : .unreadable,
                    .error,
                    document: kept[content]?.text,
                    file: log.path(of: content.location.segment),
                    offset: Int(clamping: content.location.offset), detail: error.message,
                    remedy: error.kind == .invalidData
                        ? "restore the store from a backup, or snapshot it anew"
                        : "look at the disk, and at the file's mode"))
        }
        let damaged = zip(contents, errors).filter { $0.1 != nil }.map(\.0.location)
        if let check = try? LogCheck(reading) { findings += check.findings(known: damaged) }
        if let finding = reading.indexFinding { findings.append(finding) }
    }

    private mutating func checkLayout() {
        guard let layout = rules.layout else { return }
        let names = self.names.documents
        let contents = contents
        findings += profile.checkRelations(layout: layout, documents: names) { contents[$0] }
        findings += profile.leftBehindFindings(
            profile.leftBehindReports(layout: layout, documents: names) { contents[$0] })
        for name in names where profile.canExpire(name, layout: layout) {
            if let bytes = contents[name],
                let finding = profile.checkExpiry(
                    of: name, bytes: bytes, layout: layout, now: store.now)
            {
                findings.append(finding)
            }
        }
    }

    private mutating func checkNames() {
        for (path, kind) in names.irregular { findings.append(.notRegular(path, kind)) }
        for (displayed, reason) in names.unsafeNames {
            findings.append(
                Finding(
                    .nameUnsafe, .warning, document: displayed,
                    detail: "no document may have this name: it \(reason.text)", remedy: "rename it"
                ))
        }
        for problem in names.problems {
            let (detail, remedy) =
                switch problem.reason {
                case .system(let cause):
                    (
                        "the folder cannot be looked into: \(cause.description)",
                        "look at its mode and owner"
                    )
                case .tooDeep:
                    (
                        "the folder lies more than \(StoreNames.mostFolders) folders deep, and was "
                            + "not looked into", "move it out of the store"
                    )
                }
            findings.append(
                Finding(
                    .unreadable, .error, document: problem.path.displayed, detail: detail,
                    remedy: remedy))
        }
    }

    private mutating func checkMissing() {
        let present = Set(names.documents)
        for (path, document) in recorded
        where !present.contains(path) && !names.mayHide(path) {
            // Recovery is still to make it.
            if let change = waiting[path], change.isStill(nil) { continue }
            let rule = profile.rule(for: path, layout: rules.layout)
            findings.append(
                Finding(
                    .missing, rule?.ifMissing.severity ?? .error, document: path.text,
                    detail: "recorded by transaction \(document.transaction), and not there",
                    remedy: "canifly-store repair \(path.shellWord), or snapshot if it was meant"))
        }
    }

    private mutating func checkLeftovers() {
        for listed in names.temporaries {
            findings.append(
                Finding(
                    .leftoverTemporary, .info, document: listed.path.text,
                    detail: "left by a writer that did not finish (\(listed.status.size) bytes)",
                    remedy: "canifly-store compact"))
        }
    }

    private mutating func checkLock() {
        guard let lock = try? store.lockReport() else { return }
        if lock.isStale {
            findings.append(
                Finding(
                    .lockStale, .info, document: nil,
                    detail: "the process \(lock.process.map { String($0) } ?? "?") that wrote "
                        + ".lock is gone",
                    remedy: "the next command that writes takes it over"))
        }
        if lock.isEmpty {
            findings.append(
                Finding(
                    .lockEmpty, .error, document: nil,
                    detail: ".lock names no process: the application refuses to start for ever",
                    remedy: "canifly-store lock break"))
        }
    }

    private mutating func checkLog() {
        if isLogPending {
            findings.append(
                Finding(
                    .logPending, .warning, document: nil,
                    detail: "a committed transaction waits to be carried out",
                    remedy: "canifly-store repair, or any command that writes"))
        }
        switch logVerdict {
        case .tornTail(let end, _)?:
            findings.append(
                Finding(
                    .logTorn, .info, document: nil, file: logFile,
                    offset: Int(clamping: end.offset),
                    detail: "an interrupted transaction lies at the log's end; it never counted",
                    remedy: "the next command that writes goes on behind it"))
        case .damaged(let offset, let defect)?:
            findings.append(
                Finding(
                    .logCorrupt, .error, document: nil, file: logFile,
                    offset: Int(clamping: offset),
                    detail: "a record of the log is damaged: \(defect)",
                    remedy: "canifly-store repair"))
        case .clean?, nil: break
        }
    }

    private mutating func checkPackedTwice() {
        let present = Set(names.documents)
        for path in present where path.isPacked {
            let plain = path.plainForm
            if present.contains(plain) {
                findings.append(
                    Finding(
                        .packedTwice, .warning, document: plain.text,
                        detail: "is there both plain and packed",
                        remedy: "look which is the newer, and delete the other"))
            }
        }
    }

    // MARK: Report

    func report(durationNanoseconds: UInt64) -> VerifyReport {
        let sorted = findings.sorted(by: Finding.precedes)
        func count(_ severity: Severity) -> Int {
            sorted.reduce(0) { $0 + ($1.severity == severity ? 1 : 0) }
        }
        return VerifyReport(
            findings: sorted, documents: checkedDocuments, bytes: checkedBytes,
            errors: count(.error), warnings: count(.warning), infos: count(.info),
            durationNanoseconds: durationNanoseconds, digests: digests)
    }
}

/// A content in the log, in the order in which they lie there.
private struct KeptContent: Hashable, Comparable {
    var location: ContentLocation
    var digest: Digest

    init?(_ state: DocumentState) {
        guard let location = state.location else { return nil }
        self.location = location
        digest = state.digest
    }

    static func < (left: KeptContent, right: KeptContent) -> Bool {
        (left.location.segment, left.location.offset)
            < (right.location.segment, right.location.offset)
    }
}

extension Finding {
    /// By document, then place, then code: the same order each time.
    static func precedes(_ left: Finding, _ right: Finding) -> Bool {
        let leftName = left.document ?? ""
        let rightName = right.document ?? ""
        if !leftName.utf8.elementsEqual(rightName.utf8) {
            return leftName.utf8.lexicographicallyPrecedes(rightName.utf8)
        }
        if left.offset != right.offset { return left.offset ?? -1 < right.offset ?? -1 }
        if left.code != right.code {
            return left.code.rawValue.utf8.lexicographicallyPrecedes(right.code.rawValue.utf8)
        }
        return (left.pointer ?? "").utf8.lexicographicallyPrecedes((right.pointer ?? "").utf8)
    }

    /// A damaged catalog or log is a finding, not a failure of `verify`; nil for other errors.
    init?(damageOfControlDirectory error: StoreError) {
        if error.code == StoreError.malformedProfile {
            self.init(
                .schemaMismatch, .error, document: ControlNames.profilePath.text,
                detail: error.message, remedy: "canifly-store init --profile")
            return
        }
        guard let code = FindingCode(rawValue: error.code), error.kind == .invalidData else {
            return nil
        }
        self.init(
            code, .error, document: nil, file: error.place?.file,
            offset: error.place?.offset.map { Int(clamping: $0) }, detail: error.message,
            remedy: error.hint)
    }
}

extension StoreReading {
    /// - Throws: `invalidData` (`catalog-corrupt`) where there is a log and no catalog.
    func requireCatalog() throws(StoreError) {
        switch catalog {
        case .some: return
        case .none:
            guard let controlDescriptor,
                try ControlDirectory.isUsed(system: system, control: controlDescriptor)
            else { return }
            throw .catalogLost
        }
    }

    /// What there is to say of the catalog's end.
    var catalogFindings: [Finding] {
        switch catalog {
        case .some(let catalog) where catalog.isTorn:
            [
                Finding(
                    .catalogTorn, .info, document: nil, file: ControlNames.catalogPath,
                    offset: Int(clamping: catalog.length),
                    detail: "an interrupted record lies at the catalog's end; it never counted",
                    remedy: "the next command that writes cuts it off")
            ]
        default: []
        }
    }
}

extension ChangeRecord {
    /// Whether a document is as it was before the change; a nil digest: it is not there.
    fileprivate func isStill(_ digest: Digest?) -> Bool {
        switch before {
        case .absent: digest == nil
        case .present(let state): digest == state.digest
        case .asRecorded: false
        }
    }
}
