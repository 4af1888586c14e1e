internal import StoreCodecs
internal import StoreFiles

/// Finds out which documents are damaged and what can be done for each. Reads only.
struct DocumentPlanner {
    let request: RepairRequest
    let profile: Profile
    let rules: DocumentRules
    let names: StoreNames
    let findings: [Finding]
    let recorded: [StorePath: RecordedDocument]
    /// Files of the control directory that transactions write.
    let controlFiles: [StorePath: RecordedDocument]
    let sources: DocumentSources
    let files: DocumentFiles
    let present: Set<StorePath>
    let leftovers: [Leftover]

    var repairs: [PlannedRepair] = []
    var notes: [String] = []

    /// - Parameters:
    ///   - waiting: committed and not carried out when the repair began.
    ///   - isUnfinished: it still is not: its documents are left to recovery.
    init(
        store: Store, request: RepairRequest, records: [TransactionRecord],
        state: CatalogState, log: LogFolder?, waiting: WaitingTransactions?, isUnfinished: Bool
    ) throws(StoreError) {
        var deep = VerifyRequest()
        deep.isDeep = true
        var verifier = try Verifier(store: store, request: deep)
        var state = state
        if isUnfinished { for record in waiting?.records ?? [] { state.apply(record) } }
        // A damaged catalog tells the verifier nothing; what is left of it does.
        verifier.recorded = state.documents
        try verifier.checkDocuments(progress: nil)
        // Contents of history are judged when one of them is needed.
        verifier.request.isDeep = false
        verifier.checkStore()
        self.request = request
        profile = verifier.profile
        rules = verifier.rules
        names = verifier.names
        findings = verifier.findings
        recorded = state.documents
        controlFiles = Self.controlFiles(state, waiting: waiting)
        files = DocumentFiles(system: store.system, root: store.root)
        sources = DocumentSources(
            records: records, log: log, waiting: waiting, rules: verifier.rules)
        present = Set(verifier.names.documents)
        leftovers = verifier.names.temporaries.compactMap { Leftover($0) }
        try plan(unfinished: isUnfinished ? waiting : nil)
    }

    private mutating func plan(unfinished: WaitingTransactions?) throws(StoreError) {
        for (path, findings) in damagedDocuments() {
            let live = isThere(path) ? try files.read(path) : nil
            if let change = unfinished?.change(of: path), isLeftToRecovery(change, live) {
                continue
            }
            try planRepair(of: path, live, findings)
        }
        try planLeftovers()
        try planDescriptions()
        try planModes()
        try planControlFiles()
    }

    func isThere(_ path: StorePath) -> Bool { present.contains(path) }

    func isLeftToRecovery(_ change: ChangeRecord, _ live: LiveDocument?) -> Bool {
        if live?.digest == change.after?.digest { return true }
        switch change.before {
        case .absent: return live == nil
        case .present(let state): return live?.digest == state.digest
        case .asRecorded: return false
        }
    }

    // MARK: What is damaged

    static let damage: Set<FindingCode> = [
        .jsonMalformed, .jsonTruncated, .jsonTrailing, .jsonTooDeep, .textInvalidUTF8, .empty,
        .nulBytes, .digestMismatch, .checksumMismatch, .schemaMismatch, .metadataMismatch,
        .gzipCorrupt, .gzipBomb, .missing,
    ]

    private func damagedDocuments() -> [(StorePath, [Finding])] {
        var damaged: [StorePath: [Finding]] = [:]
        for finding in findings where Self.damage.contains(finding.code) {
            guard let name = finding.document, let path = place(of: name), isWanted(path),
                isDamage(finding, of: path)
            else { continue }
            damaged[path, default: []].append(finding)
        }
        return damaged.sorted { $0.key < $1.key }
    }

    /// Where a document lies that a finding names by its plain name.
    private func place(of name: String) -> StorePath? {
        let path = StorePath(unchecked: name)
        if isThere(path) { return path }
        if let packed = path.packedForm, isThere(packed) { return packed }
        return recorded[path] == nil ? nil : path
    }

    func isWanted(_ path: StorePath) -> Bool {
        request.documents.isEmpty || isNamed(path)
    }

    func isNamed(_ path: StorePath) -> Bool {
        request.documents.contains(path) || request.documents.contains(path.plainForm)
    }

    /// Documents that come and go, and what is only doubtful, are left alone unless they are named.
    private func isDamage(_ finding: Finding, of path: StorePath) -> Bool {
        switch finding.code {
        case .missing: finding.severity > .info || isNamed(path)
        case .empty: finding.severity > .info || (recorded[path]?.state.bytes ?? 0) > 0
        case .schemaMismatch:
            finding.severity == .error
                || isNamed(path) && profile.kind(of: path, layout: rules.layout) != .json
        // It is told at the place of the description where the file is not there.
        case .metadataMismatch: finding.severity == .error && finding.pointer == nil
        default: true
        }
    }

    // MARK: Documents

    private mutating func planRepair(
        of path: StorePath, _ live: LiveDocument?, _ findings: [Finding]
    ) throws(StoreError) {
        let finding = findings.max { $0.severity < $1.severity } ?? findings[0]
        if let taken = names.irregular.first(where: { $0.path == path }) {
            // Whoever put it there may have meant it.
            notes.append(
                "\(path.text) cannot be brought back: \(taken.kind.noun) is in its place; move it "
                    + "away and run repair again")
            return
        }
        let isSilent = findings.contains { $0.code == .digestMismatch }
        if !isSilent, let live, addMendedLines(path, live, finding, onlyIfCertain: true) { return }
        if let update = leftovers.first(where: { $0.isUpdate && $0.document == path }),
            live == nil, try wholeContent(of: update) != nil
        {
            return
        }
        var found = try sources.fromLog(path)
        if found == nil {
            found = try sources.fromHistory(
                path, damaged: live?.digest, recorded: recorded[path]?.state,
                isRecordedTrusted: isSilent)
        }
        if var good = found {
            if !isSilent, live != nil, good.source != "log" {
                good.lost.append("what was written to it after \(good.source)")
            }
            return add(path, live, finding, .restore, good)
        }
        if let good = try fromTemporary(path, live) {
            return add(path, live, finding, .restore, good)
        }
        if let live, addMendedLines(path, live, finding, onlyIfCertain: false) { return }
        if let live, request.salvages, addSalvaged(path, live, finding) { return }
        if let live, finding.code == .empty, recorded[path] == nil,
            profile.rule(for: path, layout: rules.layout)?.ifEmpty.severity == .error
        {
            repairs.append(
                PlannedRepair(
                    step: RepairStep(
                        finding.code, document: path.text, .setAside,
                        detail: "empty and never recorded; the application starts without it, not "
                            + "with it"),
                    document: path, damaged: (path, live.bytes, live.status.mode)))
            return
        }
        notes.append(hopeless(path, finding, live))
    }

    mutating func add(
        _ path: StorePath, _ live: LiveDocument?, _ finding: Finding,
        _ action: RepairStep.Action, _ good: GoodContent
    ) {
        repairs.append(
            PlannedRepair(
                step: RepairStep(
                    finding.code, document: path.text, action, source: good.source,
                    result: good.intended.digest, lost: good.lost, detail: finding.detail),
                document: path, intended: good.intended,
                damaged: live.map { (path, $0.bytes, $0.status.mode) }))
        guard let layout = rules.layout, good.source != "log" else { return }
        for companion in profile.companions(of: path, layout: layout) where isThere(companion) {
            notes.append(
                "\(path.text) and \(companion.text) are worthless without each other: see that "
                    + "both are of the same time")
        }
    }

    private func hopeless(
        _ path: StorePath, _ finding: Finding, _ live: LiveDocument?
    ) -> String {
        var note = "no good copy of \(path.text) is known"
        if let live, !request.salvages, profile.kind(of: path, layout: rules.layout) == .json,
            let salvaged = JSONSalvage(live.bytes), rules.isSound(salvaged.bytes, of: path)
        {
            note += "; --salvage keeps what can be read of it"
        } else if !finding.remedy.isEmpty, !finding.remedy.hasPrefix("canifly-store") {
            note += "; \(finding.remedy)"
        } else {
            note += "; a backup or the application may have one"
        }
        return note
    }
}
