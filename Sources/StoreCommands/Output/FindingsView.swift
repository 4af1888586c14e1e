internal import CanIFlyStore

/// So many documents are shown with all that is wrong with them; of more, only the sum is.
private let mostGroupsShown = 20

/// Findings under the documents they are about, the worst document first. Notes, and documents
/// beyond the first, are left to `--verbose`.
func drawFindings(_ findings: [Finding], on screen: inout Screen) {
    let isVerbose = screen.isVerbose
    let groups = grouped(byDocument: findings.filter { $0.severity > .info || isVerbose })
    let shown = isVerbose ? groups[...] : groups.prefix(mostGroupsShown)
    for group in shown {
        screen.paragraph(group.document.map(safeMessage) ?? "The store", .strong)
        for finding in group.findings { draw(finding, on: &screen) }
        screen.line()
    }
    let others = groups.dropFirst(shown.count)
    guard !others.isEmpty else { return }
    screen.paragraph(
        "And \(counted(others.count, "more document")); --verbose shows them:", .strong)
    for sum in sums(of: others.flatMap(\.findings)) {
        screen.entry(
            sum.severity.word, "\(sum.code.rawValue): \(grouped(sum.count))", labelColumns: 7,
            labelEmphasis: sum.severity.emphasis)
    }
    screen.line()
}

/// How many findings there are of each code, the worst first.
private func sums(
    of findings: [Finding]
) -> [(severity: Severity, code: FindingCode, count: Int)] {
    var sums: [(severity: Severity, code: FindingCode, count: Int)] = []
    for severity in Severity.allCases.sorted(by: >) {
        let counts = findings.reduce(into: [FindingCode: Int]()) { counts, finding in
            if finding.severity == severity { counts[finding.code, default: 0] += 1 }
        }
        sums += counts.map { (severity, $0.key, $0.value) }
            .sorted { ($1.count, $0.code.rawValue) < ($0.count, $1.code.rawValue) }
    }
    return sums
}

extension Severity {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .error: .bad
        case .warning: .warning
        case .info: .faint
        }
    }

    fileprivate var word: String { self == .info ? "note" : rawValue }
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
    screen.entry(
        finding.severity.word,
        [finding.code.rawValue, place(of: finding)].compactMap { $0 }.joined(separator: ", "),
        labelColumns: 7, labelEmphasis: finding.severity.emphasis)
    let indent = screen.columns < 60 ? 4 : 11
    screen.paragraph(safeMessage(finding.detail), indent: indent)
    if !finding.remedy.isEmpty {
        screen.paragraph("→ " + safeMessage(finding.remedy), indent: indent, .good)
    }
}

/// `line 12, column 4 (byte 1,024)`, `at /Accounts/0`, `.canifly-store/catalog, byte 512`.
private func place(of finding: Finding) -> String? {
    var parts: [String] = []
    if let file = finding.file { parts.append(safeMessage(file)) }
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

/// What to do about findings: the commands that help, those of the worst findings first, and how to
/// learn more about the first of these.
func nextSteps(_ findings: [Finding]) -> [String] {
    var steps: [(command: String, whole: String)] = []
    for severity in [Severity.error, .warning] {
        for finding in findings where finding.severity == severity {
            guard let (command, whole) = commandLine(in: finding.remedy) else { continue }
            if let index = steps.firstIndex(where: { $0.command == command }) {
                // Without a document, the command looks after all of them.
                if steps[index].whole != whole { steps[index].whole = command }
            } else {
                steps.append((command, whole))
            }
        }
    }
    guard let worst = findings.map(\.severity).max(), worst > .info,
        let first = findings.first(where: { $0.severity == worst })
    else { return [] }
    return steps.map(\.whole) + ["canifly-store explain \(first.code.rawValue)"]
}

/// The command line that a remedy begins with: without its arguments, and with them.
private func commandLine(in remedy: String) -> (command: String, whole: String)? {
    let program = Array("canifly-store ".utf8)
    guard remedy.utf8.starts(with: program) else { return nil }
    // What follows the command line stands behind a comma or a colon and a space.
    let bytes = Array(remedy.utf8)
    let end = bytes.indices.dropLast().first { index in
        [UInt8(ascii: ","), UInt8(ascii: ":")].contains(bytes[index])
            && bytes[index + 1] == UInt8(ascii: " ")
    }
    let whole = bytes[..<(end ?? bytes.endIndex)]
    let command = whole.prefix(
        whole.dropFirst(program.count).firstIndex(of: UInt8(ascii: " ")) ?? whole.count)
    return (String(decoding: command, as: UTF8.self), String(decoding: whole, as: UTF8.self))
}
