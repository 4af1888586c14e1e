internal import LosslessJSON
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
    private let controlFiles: [StorePath: RecordedDocument]
    let sources: DocumentSources
    let files: DocumentFiles
    private let present: Set<StorePath>
    private let leftovers: [Leftover]

    private(set) var repairs: [PlannedRepair] = []
    private(set) var notes: [String] = []

    /// - Parameters:
    ///   - waiting: committed and not carried out when the repair began.
    ///   - isUnfinished: it still is not: its documents are left to recovery.
    init(
        store: Store, request: RepairRequest, records: [TransactionRecord],
        state: CatalogState, log: LogFolder?, waiting: PendingTransaction?, isUnfinished: Bool
    ) throws(StoreError) {
        var deep = VerifyRequest()
        deep.isDeep = true
        var verifier = try Verifier(store: store, request: deep)
        var state = state
        if isUnfinished, let waiting { state.apply(waiting.record) }
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

    private mutating func plan(unfinished: PendingTransaction?) throws(StoreError) {
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

    private func isThere(_ path: StorePath) -> Bool { present.contains(path) }

    private func isLeftToRecovery(_ change: ChangeRecord, _ live: LiveDocument?) -> Bool {
        if live?.digest == change.after?.digest { return true }
        switch change.before {
        case .absent: return live == nil
        case .present(let state): return live?.digest == state.digest
        case .asRecorded: return false
        }
    }

    // MARK: What is damaged

    private static let damage: Set<FindingCode> = [
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

    private func isWanted(_ path: StorePath) -> Bool {
        request.documents.isEmpty || isNamed(path)
    }

    private func isNamed(_ path: StorePath) -> Bool {
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

    private mutating func add(
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

    // MARK: Lines of plans

    /// - Parameter onlyIfCertain: only where what each line means is beyond doubt.
    private mutating func addMendedLines(
        _ path: StorePath, _ live: LiveDocument, _ finding: Finding, onlyIfCertain: Bool
    ) -> Bool {
        guard
            let problems = profile.planProblems(
                of: path, bytes: live.bytes, layout: rules.layout),
            !problems.isEmpty,
            !onlyIfCertain || problems.allSatisfy({ $0.reason == .romanNumeral })
        else { return false }
        var bytes = live.bytes
        var lost: [String] = []
        var readings: [String] = []
        for problem in problems.reversed() {
            let old = escapedForTerminal(live.bytes[problem.range])
            if let suggestion = problem.suggestion {
                bytes.replaceSubrange(problem.range, with: suggestion)
                readings.append(
                    "line \(problem.line) becomes \"\(escapedForTerminal(suggestion))\"")
            } else {
                bytes.removeSubrange(problem.range)
                lost.append("line \(problem.line): \(old)")
            }
        }
        guard rules.isSound(bytes, of: path) else { return false }
        let details = readings.reversed() + lost.reversed().map { "left out: \($0)" }
        let intended = IntendedDocument(
            bytes: bytes, digest: Digest.of(bytes), mode: live.status.mode,
            owner: .init(user: live.status.user, group: live.status.group), modified: nil)
        repairs.append(
            PlannedRepair(
                step: RepairStep(
                    finding.code, document: path.text, .mendLines, source: "document",
                    result: intended.digest, lost: lost.reversed(),
                    detail: details.joined(separator: "; ")),
                document: path, intended: intended,
                damaged: (path, live.bytes, live.status.mode)))
        return true
    }

    // MARK: Salvage

    private mutating func addSalvaged(
        _ path: StorePath, _ live: LiveDocument, _ finding: Finding
    ) -> Bool {
        guard profile.kind(of: path, layout: rules.layout) == .json,
            let salvaged = JSONSalvage(live.bytes), rules.isSound(salvaged.bytes, of: path)
        else { return false }
        let secrecy = profile.secrecy(of: path)
        var lost: [String] = []
        if let first = salvaged.firstLost, first != salvaged.cutShort.last {
            lost.append(secrecy.redacted(first).description)
        }
        for container in salvaged.cutShort.reversed() {
            let pointer = secrecy.redacted(container).description
            lost.append(
                "what else was in \(pointer.isEmpty ? "the document" : pointer)")
        }
        if lost.isEmpty { lost = ["\(salvaged.cutByteCount) stray bytes"] }
        let intended = IntendedDocument(
            bytes: salvaged.bytes, digest: Digest.of(salvaged.bytes), mode: live.status.mode,
            owner: .init(user: live.status.user, group: live.status.group), modified: nil)
        add(
            path, live, finding, .salvage,
            GoodContent(intended: intended, source: "document", lost: lost))
        return true
    }

    // MARK: Temporaries

    /// The content of a temporary that is whole and no older than the document.
    private func fromTemporary(
        _ path: StorePath, _ live: LiveDocument?
    ) throws(StoreError) -> GoodContent? {
        var newest: (time: Timestamp, content: GoodContent)?
        for leftover in leftovers where leftover.document == path {
            guard let whole = try wholeContent(of: leftover) else { continue }
            let time = whole.status.modified
            if let live, time < live.status.modified { continue }
            if let known = newest?.time, known >= time { continue }
            newest = (
                time,
                GoodContent(
                    intended: intended(whole, as: path, live),
                    source: "temporary \(leftover.temporary.path.text)")
            )
        }
        return newest?.content
    }

    private func intended(
        _ whole: LiveDocument, as path: StorePath, _ live: LiveDocument?
    ) -> IntendedDocument {
        IntendedDocument(
            bytes: whole.bytes, digest: whole.digest,
            mode: live?.status.mode ?? recorded[path].map { FileMode($0.state.mode) }
                ?? rules.defaultMode(of: path),
            owner: .init(user: whole.status.user, group: whole.status.group), modified: nil)
    }

    /// Nil where it is no sound document.
    private func wholeContent(of leftover: Leftover) throws(StoreError) -> LiveDocument? {
        guard let live = try files.read(leftover.temporary.path), !live.bytes.isEmpty,
            rules.isSound(live.bytes, of: leftover.document)
        else { return nil }
        return live
    }

    private mutating func planLeftovers() throws(StoreError) {
        for leftover in leftovers where isWanted(leftover.document) {
            let path = leftover.document
            let name = leftover.temporary.path.text
            let isPlanned = repairs.contains { $0.document == path }
            let live = isThere(path) ? try files.read(path) : nil
            let whole = try wholeContent(of: leftover)
            if leftover.isUpdate {
                try planUpdate(leftover, whole, isDocumentThere: live != nil || isPlanned)
            } else if let whole, let live, !isPlanned,
                whole.status.modified > live.status.modified, whole.digest != live.digest
            {
                guard request.adopts else {
                    notes.append(
                        "\(name) is whole and newer than \(path.text): --adopt takes it")
                    continue
                }
                repairs.append(
                    PlannedRepair(
                        step: RepairStep(
                            .leftoverTemporary, document: path.text, .restore,
                            source: "temporary \(name)", result: whole.digest,
                            detail: "the temporary is whole and newer than the document"),
                        document: path, intended: intended(whole, as: path, live),
                        damaged: (path, live.bytes, live.status.mode),
                        temporary: (leftover.temporary.path, whole)))
            }
        }
    }

    /// An update that was interrupted: the old document may be gone already.
    private mutating func planUpdate(
        _ leftover: Leftover, _ whole: LiveDocument?, isDocumentThere: Bool
    ) throws(StoreError) {
        let name = leftover.temporary.path
        guard let live = try files.read(name) else { return }
        if let whole, !isDocumentThere {
            repairs.append(
                PlannedRepair(
                    step: RepairStep(
                        .leftoverTemporary, document: leftover.document.text, .restore,
                        source: "temporary \(name.text)", result: whole.digest,
                        detail: "an update was interrupted after the old document was removed"),
                    document: leftover.document,
                    intended: intended(whole, as: leftover.document, nil),
                    temporary: (name, live)))
            return
        }
        repairs.append(
            PlannedRepair(
                step: RepairStep(
                    .leftoverTemporary, document: name.text, .setAside,
                    detail: isDocumentThere
                        ? "left by an update; \(leftover.document.text) is there"
                        : "left by an update, and not whole"),
                temporary: (name, live)))
    }

    // MARK: Files that are described

    /// The application goes by the description and never fetches the file again.
    private mutating func planDescriptions() throws(StoreError) {
        guard let layout = rules.layout else { return }
        let names = self.names.documents
        let files = files
        let described = profile.describedFiles(layout: layout, documents: names) {
            (try? files.read($0))??.bytes
        }
        for description in described where isWanted(description.file) {
            let planned = repairs.first { $0.document == description.file }?.step.action
            let isMissing = !isThere(description.file)
            guard planned == nil || planned == .setAside,
                isMissing ? isClaimed(description) : isRotten(description.file),
                try clear(description)
            else { continue }
            if planned == .setAside { continue }
            guard let live = isMissing ? nil : try files.read(description.file) else {
                if isMissing, recorded[description.file] != nil {
                    repairs.append(
                        PlannedRepair(
                            step: RepairStep(
                                .missing, document: description.file.text, .setAside,
                                detail: "recorded and not there: it is taken off the record until "
                                    + "the application has fetched it again"),
                            document: description.file, isForgotten: true))
                }
                continue
            }
            repairs.append(
                PlannedRepair(
                    step: RepairStep(
                        .metadataMismatch, document: description.file.text, .setAside,
                        detail: "no good copy is known; the application fetches it again"),
                    document: description.file,
                    damaged: (description.file, live.bytes, live.status.mode)))
            notes.removeAll {
                $0.hasPrefix("no good copy of \(description.file.text) ")
            }
        }
    }

    private func isClaimed(_ description: DescribedFile) -> Bool {
        findings.contains {
            $0.code == .metadataMismatch && $0.document == description.document.text
                && $0.pointer == description.pointer.description
        } || recorded[description.file] != nil
    }

    private func isRotten(_ file: StorePath) -> Bool {
        findings.contains {
            Self.damage.contains($0.code) && $0.document == file.text && $0.severity == .error
        }
    }

    /// Sets a description to null; false where that cannot be done.
    private mutating func clear(_ description: DescribedFile) throws(StoreError) -> Bool {
        let index = repairs.firstIndex { $0.document == description.document }
        guard let live = try files.read(description.document),
            let document = try? JSONDocument(
                index.flatMap { repairs[$0].intended?.bytes } ?? live.bytes,
                duplicateKeys: .allow),
            let null = try? JSONDocument(Array("null".utf8))
        else { return false }
        var editor = JSONEditor(document)
        do throws(JSONEditError) {
            try editor.replace(description.pointer, with: null.root)
        } catch {
            return false
        }
        let bytes = editor.bytes
        let intended = IntendedDocument(
            bytes: bytes, digest: Digest.of(bytes), mode: live.status.mode,
            owner: .init(user: live.status.user, group: live.status.group), modified: nil)
        let detail =
            "\(description.pointer.description) becomes null, so that the application fetches "
            + "\(description.file.text) again"
        if let index {
            repairs[index].intended = intended
            repairs[index].step.result = intended.digest
            repairs[index].step.detail += "; \(detail)"
        } else {
            repairs.append(
                PlannedRepair(
                    step: RepairStep(
                        .metadataMismatch, document: description.document.text,
                        .clearDescription, source: "document", result: intended.digest,
                        detail: detail),
                    document: description.document, intended: intended,
                    damaged: (description.document, live.bytes, live.status.mode)))
        }
        return true
    }

    // MARK: Files of the control directory

    /// As they should be. A transaction that waited counts, be it dropped meanwhile: one of them may be
    /// damaged beyond what recovery knows.
    private static func controlFiles(
        _ state: CatalogState, waiting: PendingTransaction?
    ) -> [StorePath: RecordedDocument] {
        guard let waiting else { return state.controlFiles }
        var after = state
        after.apply(waiting.record)
        return after.controlFiles
    }

    /// The profile, and what migrations keep: nobody but transactions writes them, so whatever is not
    /// what was recorded is damaged.
    private mutating func planControlFiles() throws(StoreError) {
        guard request.documents.isEmpty else { return }
        for (path, file) in controlFiles.sorted(by: { $0.key < $1.key }) {
            let live = try files.read(path)
            guard live?.digest != file.state.digest else { continue }
            // Carried out by recovery, or dropped with its transaction.
            if let change = sources.waiting?.change(of: path), isLeftToRecovery(change, live) {
                continue
            }
            guard let bytes = try sources.content(of: file.state) else {
                notes.append("\(path.text) cannot be brought back: history has no good copy of it")
                continue
            }
            repairs.append(
                PlannedRepair(
                    step: RepairStep(
                        live == nil ? .missing : .digestMismatch, document: path.text, .restore,
                        source: "transaction \(file.transaction)", result: file.state.digest,
                        detail: "it is not what transaction \(file.transaction) wrote"),
                    document: path, intended: IntendedDocument(file.state, bytes: bytes),
                    damaged: live.map { (path, $0.bytes, $0.status.mode) }))
        }
    }

    // MARK: Modes

    /// Modes that lay secrets open, where the record or the profile has a tighter one.
    private mutating func planModes() throws(StoreError) {
        for finding in findings where finding.code == .secretExposed {
            guard let name = finding.document else { continue }
            let path = StorePath(unchecked: name)
            guard isWanted(path), isThere(path),
                !repairs.contains(where: { $0.document == path }),
                let live = try files.read(path)
            else { continue }
            var bits = live.status.mode.bits
            if let recorded = recorded[path]?.state, recorded.digest == live.digest {
                bits &= recorded.mode
            }
            if finding.severity > .info,
                let rule = profile.rule(for: path, layout: rules.layout)
            {
                bits &= rule.mode.bits
            }
            guard bits != live.status.mode.bits else { continue }
            let mode = FileMode(bits)
            let intended = IntendedDocument(
                bytes: live.bytes, digest: live.digest, mode: mode,
                owner: .init(user: live.status.user, group: live.status.group),
                modified: live.status.modified)
            repairs.append(
                PlannedRepair(
                    step: RepairStep(
                        .secretExposed, document: path.text, .restoreMode, source: "document",
                        result: live.digest,
                        detail: "mode \(live.status.mode.octal) becomes \(mode.octal)"),
                    document: path, intended: intended))
        }
    }
}
