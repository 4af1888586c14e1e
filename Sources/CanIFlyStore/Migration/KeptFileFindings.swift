internal import StoreCodecs
internal import StoreFiles

extension Store {
    /// Whether the files that migrations wrote into the control directory are as they wrote them.
    /// Nobody else writes there.
    func findings(ofControlFiles recorded: [StorePath: RecordedDocument]) -> [Finding] {
        let files = DocumentFiles(system: system, root: root)
        // The log has what they held, and a rollback does not need them.
        let remedy = "canifly-store migrate --rollback, then migrate again"
        var findings: [Finding] = []
        for (path, file) in recorded.sorted(by: { $0.key < $1.key }) {
            do throws(StoreError) {
                guard let live = try files.read(path) else {
                    findings.append(
                        Finding(
                            .missing, .warning, document: path.text,
                            detail: "kept by transaction \(file.transaction), and not there",
                            remedy: remedy))
                    continue
                }
                guard live.digest != file.state.digest else { continue }
                findings.append(
                    Finding(
                        .digestMismatch, .error, document: path.text,
                        detail: "the contents are not those that transaction "
                            + "\(file.transaction) kept",
                        remedy: remedy))
            } catch {
                findings.append(
                    Finding(
                        .unreadable, .error, document: path.text,
                        detail: "cannot be read: \(error.message)",
                        remedy: "look at the disk, and at the file's mode"))
            }
        }
        return findings
    }
}
