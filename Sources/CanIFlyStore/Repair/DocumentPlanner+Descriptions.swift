internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// Files that other documents describe.
extension DocumentPlanner {
    // MARK: Files that are described

    /// The application goes by the description and never fetches the file again.
    mutating func planDescriptions() throws(StoreError) {
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
}
