internal import CanIFlyStore

/// Findings under the documents they are about, the worst document first. Notes are left to
/// `--verbose`.
func drawFindings(_ findings: [Finding], on screen: inout Screen) {
    let isVerbose = screen.isVerbose
    let shown = findings.filter { $0.severity > .info || isVerbose }
    for group in grouped(byDocument: shown) {
        screen.paragraph(group.document.map(safeMessage) ?? "The store", .strong)
        for finding in group.findings { draw(finding, on: &screen) }
        screen.line()
    }
}

private struct FindingGroup {
    var document: String?
    var findings: [Finding]
    var worst: Severity
}

/// The order in which the engine gives findings holds inside a document and among documents that
/// are equally bad.
private func grouped(byDocument findings: [Finding]) -> [FindingGroup] {
    var indices: [[UInt8]?: Int] = [:]
    var groups: [FindingGroup] = []
    for finding in findings {
        let key = finding.document.map { Array($0.utf8) }
        if let index = indices[key] {
            groups[index].findings.append(finding)
            groups[index].worst = max(groups[index].worst, finding.severity)
        } else {
            indices[key] = groups.count
            groups.append(
                FindingGroup(
                    document: finding.document, findings: [finding], worst: finding.severity))
        }
    }
    var sorted: [FindingGroup] = []
    for severity in Severity.allCases.sorted(by: >) {
        for var group in groups where group.worst == severity {
            let own = group.findings
            group.findings = Severity.allCases.sorted(by: >).flatMap { severity in
                own.filter { $0.severity == severity }
            }
            sorted.append(group)
        }
    }
    return sorted
}

private func draw(_ finding: Finding, on screen: inout Screen) {
    let emphasis: Emphasis =
        switch finding.severity {
        case .error: .bad
        case .warning: .warning
        case .info: .faint
        }
    let word = finding.severity == .info ? "note" : finding.severity.rawValue
    screen.entry(
        word,
        [finding.code.rawValue, place(of: finding)].compactMap { $0 }.joined(separator: ", "),
        labelColumns: 7, labelEmphasis: emphasis)
    let indent = screen.columns < 60 ? 4 : 11
    screen.paragraph(safeMessage(finding.detail), indent: indent)
    if !finding.remedy.isEmpty {
        screen.paragraph("→ " + safeMessage(finding.remedy), indent: indent, .good)
    }
}

/// `line 12, column 4 (byte 1,024)`, `at /Accounts/0`.
private func place(of finding: Finding) -> String? {
    var parts: [String] = []
    if let line = finding.line {
        var text = "line \(line)"
        if let column = finding.column { text += ", column \(column)" }
        if let offset = finding.offset { text += " (byte \(grouped(offset)))" }
        parts.append(text)
    } else if let offset = finding.offset {
        parts.append("byte \(grouped(offset))")
    }
    if let pointer = finding.pointer {
        parts.append(pointer.isEmpty ? "whole document" : "at \(safeMessage(pointer))")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
}

/// What to do about findings: the command that helps with the first of the worst, and how to learn
/// more about it.
func nextSteps(_ findings: [Finding]) -> [String] {
    guard let worst = findings.map(\.severity).max(), worst > .info,
        let first = findings.first(where: { $0.severity == worst })
    else { return [] }
    let remedy = first.remedy.hasPrefix("canifly-store ") ? [first.remedy] : []
    return remedy + ["canifly-store explain \(first.code.rawValue)"]
}
