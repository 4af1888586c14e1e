internal import StoreCodecs
internal import StoreFiles

extension Store {
    /// Whether the files of the control directory that transactions write are as they wrote them:
    /// the profile, and what migrations keep. Nobody else writes there.
    func findings(ofControlFiles recorded: [StorePath: RecordedDocument]) -> [Finding] {
        let files = DocumentFiles(system: system, root: root)
        var findings: [Finding] = []
        for (path, file) in recorded.sorted(by: { $0.key < $1.key }) {
            do throws(StoreError) {
                guard let live = try files.read(path) else {
                    findings.append(
                        Finding(
                            .missing, path == ControlNames.profilePath ? .error : .warning,
                            document: path.text,
                            detail: "written by transaction \(file.transaction), and not there",
                            remedy: "canifly-store repair"))
                    continue
                }
                guard live.digest != file.state.digest else { continue }
                findings.append(
                    Finding(
                        .digestMismatch, .error, document: path.text,
                        detail: "the contents are not those that transaction "
                            + "\(file.transaction) wrote",
                        remedy: "canifly-store repair"))
            } catch {
                findings.append(
                    Finding(
                        .unreadable, .error, document: path.text,
                        detail: "cannot be read: \(error.message)",
                        remedy: "look at the disk, and at the file's mode"))
            }
        }
        let profile = ControlNames.profilePath
        if recorded[profile] == nil, (try? files.status(of: profile)) ?? nil != nil {
            findings.append(
                Finding(
                    .untracked, .info, document: profile.text,
                    detail: "not recorded: damage to it would go unnoticed",
                    remedy: "canifly-store snapshot"))
        }
        return findings
    }
}
