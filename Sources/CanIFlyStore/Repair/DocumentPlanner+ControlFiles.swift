internal import StoreCodecs
internal import StoreFiles

/// What is repaired though no document is damaged: the control directory's files, and modes.
extension DocumentPlanner {
    // MARK: Files of the control directory

    /// As they should be. A transaction that waited counts, be it dropped meanwhile: one of them may be
    /// damaged beyond what recovery knows.
    static func controlFiles(
        _ state: CatalogState, waiting: WaitingTransactions?
    ) -> [StorePath: RecordedDocument] {
        guard let waiting else { return state.controlFiles }
        var after = state
        for record in waiting.records { after.apply(record) }
        return after.controlFiles
    }

    /// The profile, and what migrations keep: nobody but transactions writes them, so whatever is not
    /// what was recorded is damaged.
    mutating func planControlFiles() throws(StoreError) {
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
    mutating func planModes() throws(StoreError) {
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
