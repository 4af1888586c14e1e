internal import StoreFiles

/// What writers that did not finish have left behind.
extension DocumentPlanner {
    // MARK: Temporaries

    /// The content of a temporary that is whole and no older than the document.
    func fromTemporary(
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
    func wholeContent(of leftover: Leftover) throws(StoreError) -> LiveDocument? {
        guard let live = try files.read(leftover.temporary.path), !live.bytes.isEmpty,
            rules.isSound(live.bytes, of: leftover.document)
        else { return nil }
        return live
    }

    mutating func planLeftovers() throws(StoreError) {
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
}
