internal import CanIFlyStore
internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// A document's difference as JSON: of `edits` and `lines` the one by which it was compared, neither
/// where only the digests were.
func members(of difference: DocumentDifference) -> OutputMembers {
    var members: OutputMembers = [
        "document": .string(difference.document.description),
        "change": .string(difference.change.rawValue),
        "before": .optional(difference.before?.hexadecimal),
        "after": .optional(difference.after?.hexadecimal),
        "mode_before": .optional(difference.modeBefore?.octal),
        "mode_after": .optional(difference.modeAfter?.octal),
    ]
    switch difference.detail {
    case .edits(let edits):
        members.add("edits", .array(edits.map { .object(StoreCommands.members(of: $0)) }))
    case .lines(let lines):
        members.add("lines", .array(lines.map { .object(StoreCommands.members(of: $0)) }))
    case .digests(let reason):
        members.add("digests_only", .string(reason.rawValue))
    }
    return members
}

private func members(of edit: ValueEdit) -> OutputMembers {
    [
        "op": .string(edit.operation.rawValue), "path": .string(edit.path),
        "before": edit.before.map(JSONOutput.raw) ?? .null,
        "after": edit.after.map(JSONOutput.raw) ?? .null,
    ]
}

private func members(of line: LineEdit) -> OutputMembers {
    var members: OutputMembers = [
        "op": .string(line.operation.rawValue), "line": .integer(Int64(line.line)),
        "text": .string(String(decoding: line.text, as: UTF8.self)),
    ]
    if String(validating: line.text, as: UTF8.self) == nil {
        members.add("base64", .string(Base64.encode(line.text)))
    }
    if line.lacksLineEnd { members.add("lacks_line_end", .bool(true)) }
    return members
}

/// `+` for what came, `-` for what went, `~` for what changed; below it how.
func draw(_ difference: DocumentDifference, on screen: inout Screen) {
    let (mark, emphasis): (String, Emphasis) =
        switch difference.change {
        case .added: ("+", .good)
        case .removed: ("-", .bad)
        case .changed, .mode: ("~", .warning)
        }
    var remarks: [String] = []
    if let before = difference.modeBefore, let after = difference.modeAfter, before != after {
        remarks.append("mode \(before.octal) to \(after.octal)")
    }
    if let remark = remark(on: difference) { remarks.append(remark) }
    let name = safeMessage(difference.document.description)
    let head = screen.styled(mark, emphasis) + " " + screen.styled(name, .strong)
    let remark = remarks.isEmpty ? "" : "(" + remarks.joined(separator: "; ") + ")"
    if remark.isEmpty || displayWidth("\(mark) \(name)  \(remark)") <= screen.columns {
        screen.line(remark.isEmpty ? head : "\(head)  \(remark)")
    } else {
        screen.line(head)
        screen.paragraph(remark, indent: 4)
    }
    switch difference.detail {
    case .edits(let edits): for edit in edits { draw(edit, on: &screen) }
    case .lines(let lines): draw(lines, on: &screen)
    case .digests: break
    }
}

private func remark(on difference: DocumentDifference) -> String? {
    switch difference.detail {
    case .edits(let edits):
        edits.isEmpty ? "only white space or the order of members" : nil
    case .lines: nil
    case .digests(.equal): nil
    case .digests(.notKept): "the earlier content was recorded by its digest alone"
    case .digests(.binary): "no text"
    case .digests(.secret): "secret"
    case .digests(.malformed): "malformed, and not shown since it holds secrets"
    case .digests(.tooLarge): "too large to be shown"
    }
}

private func draw(_ edit: ValueEdit, on screen: inout Screen) {
    let before = edit.before.map { safeMessage(String(decoding: $0, as: UTF8.self)) }
    let after = edit.after.map { safeMessage(String(decoding: $0, as: UTF8.self)) }
    let path = safeMessage(edit.path.isEmpty ? "(whole)" : edit.path)
    // What does not fit is cut, and --verbose shows it.
    func cut(_ text: String) -> String {
        screen.isVerbose ? text : truncated(text, toColumns: screen.columns)
    }
    switch edit.operation {
    case .add: screen.line(cut("    + \(path)  \(after ?? "")"), .good)
    case .remove: screen.line(cut("    - \(path)  \(before ?? "")"), .bad)
    case .replace:
        screen.line(cut("    ~ \(path)"), .warning)
        screen.line(cut("      was \(before ?? "")"))
        screen.line(cut("      is  \(after ?? "")"))
    }
}

private func draw(_ lines: [LineEdit], on screen: inout Screen) {
    let columns = lines.map { String($0.line).utf8.count }.max() ?? 1
    for line in lines {
        let number = String(line.line).alignedRight(toColumns: columns)
        let text = String(decoding: safeForTerminal(line.text), as: UTF8.self)
        let mark = line.operation == .add ? "+" : "-"
        screen.line(
            "    \(number) \(mark) \(text)", line.operation == .add ? .good : .bad)
        if line.lacksLineEnd {
            screen.line(
                "    " + String(repeating: " ", count: columns) + "   (no line end)", .faint)
        }
    }
}
