internal import StoreCodecs
internal import StoreFiles

/// Documents that are mended where they are: lines of plans, and JSON that is closed or cut.
extension DocumentPlanner {
    // MARK: Lines of plans

    /// - Parameter onlyIfCertain: only where what each line means is beyond doubt.
    mutating func addMendedLines(
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

    mutating func addSalvaged(
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
}
