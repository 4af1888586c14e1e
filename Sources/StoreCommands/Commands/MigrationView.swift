internal import CanIFlyStore
internal import StoreFiles

/// What `migrate` did or would do.
struct MigrationView: Report {
    var report: MigrationReport
    var goal: MigrationRequest.Goal
    var isCheck = false

    /// How many edits of one document are shown unasked.
    private static let shownEdits = 40

    var status: ExitStatus { isCheck && report.isPending ? .attention : .success }
    var notes: [String] { report.write.notes }

    // MARK: JSON

    var json: ReportJSON {
        .object([
            "from": .integer(Int64(report.from)),
            "to": .integer(Int64(report.to)),
            "pending": .bool(report.isPending),
            "steps": .array(
                report.steps.map { step in
                    .object([
                        "from": .integer(Int64(step.from)), "to": .integer(Int64(step.to)),
                        "name": .string(step.name), "sha256": .string(step.digest.hexadecimal),
                    ])
                }),
            "documents": .array(report.documents.map { .object(migrationMembers(of: $0)) }),
            "kept": .array(report.kept.map { .string($0.text) }),
            "transaction": transaction(report.write.transaction),
            "changes": .array(report.write.changes.map { .object(members(of: $0)) }),
            "dry_run": .bool(report.write.isDryRun),
        ])
    }

    // MARK: Text

    func draw(on screen: inout Screen) {
        guard report.isPending || report.write.transaction != nil else {
            screen.paragraph(nothing)
            return
        }
        screen.paragraph(headline)
        for step in report.steps {
            let name = safeMessage(step.name)
            screen.line("  \(step.from) → \(step.to)  \(name)")
            if screen.isVerbose { screen.line("         \(step.digest.hexadecimal)", .faint) }
        }
        if report.write.isDryRun || screen.isVerbose {
            for document in report.documents { draw(document, on: &screen) }
        } else {
            for change in report.write.changes { drawChange(change, on: &screen) }
        }
        if !report.kept.isEmpty {
            screen.line()
            screen.paragraph(
                report.write.isDryRun ? "Would be kept aside:" : "Kept aside:", .strong)
            for path in report.kept { screen.line("  \(safeMessage(path.text))") }
        }
    }

    private var nothing: String {
        switch goal {
        case .layout: "Nothing to do: the documents are in layout \(report.to)."
        case .leftBehind: "Nothing to do: no older layout left anything behind."
        case .rollback: "Nothing to undo."
        }
    }

    private var headline: String {
        if isCheck {
            return "\(counted(report.steps.count, "step")) pending, from layout \(report.from) to "
                + "\(report.to):"
        }
        let changes = counted(report.write.changes.count, "document")
        if let number = report.write.transaction {
            return switch goal {
            case .layout:
                "Transaction \(number): migrated from layout \(report.from) to \(report.to), "
                    + "\(changes) changed."
            case .rollback: "Transaction \(number): the last migrate is undone, \(changes) changed."
            case .leftBehind:
                "Transaction \(number): carried over what older layouts left behind, "
                    + "\(changes) changed."
            }
        }
        return switch goal {
        case .layout:
            "Would migrate from layout \(report.from) to \(report.to); nothing has been written."
        case .rollback: "Would undo the last migrate; nothing has been written."
        case .leftBehind:
            "Would carry over what older layouts left behind; nothing has been written."
        }
    }

    private func draw(_ document: DocumentDifference, on screen: inout Screen) {
        let (mark, emphasis): (String, Emphasis) =
            switch document.change {
            case .added: ("+", .good)
            case .removed: ("-", .bad)
            case .changed, .mode: ("~", .warning)
            }
        let name = safeMessage(document.document.text)
        screen.line("  \(screen.styled(mark, emphasis)) \(screen.styled(name, .strong))")
        // What a document had that is moved stands at its new place.
        guard document.change != .removed else { return }
        var lines: [String]
        switch document.detail {
        case .edits(let edits): lines = edits.map(text)
        case .lines(let edits): lines = edits.map(text)
        case .digests(let reason): lines = ["(not shown: \(words(for: reason)))"]
        }
        let limit = screen.isVerbose ? lines.count : Self.shownEdits
        let rest = lines.count - limit
        if rest > 0 {
            lines = Array(lines.prefix(limit))
            lines.append("and \(grouped(rest)) more; --verbose shows them")
        }
        for line in lines { screen.line("      \(line)", .faint) }
    }

    private func text(_ edit: ValueEdit) -> String {
        let path = edit.path.isEmpty ? "the whole document" : safeMessage(edit.path)
        return switch (edit.before, edit.after) {
        case (let before?, let after?): "\(path): \(shown(before)) → \(shown(after))"
        case (nil, let after?): "\(path): + \(shown(after))"
        case (let before?, nil): "\(path): - \(shown(before))"
        case (nil, nil): path
        }
    }

    private func text(_ edit: LineEdit) -> String {
        let line = safeMessage(String(decoding: edit.text, as: UTF8.self))
        return "\(edit.line): \(edit.operation == .add ? "+" : "-") \(line)"
    }

    /// A value, cut short where it is long.
    private func shown(_ value: [UInt8]) -> String {
        let text = safeMessage(String(decoding: value, as: UTF8.self))
        let limit = 120
        return text.count > limit ? "\(text.prefix(limit))…" : text
    }

    private func words(for reason: DocumentDifference.DigestReason) -> String {
        switch reason {
        case .equal: "the contents are equal"
        case .notKept: "the contents were not kept"
        case .binary: "no text"
        case .secret: "all of it is secret"
        case .malformed: "malformed, and it holds secrets"
        case .tooLarge: "too large"
        }
    }
}

/// As `diff` shows a document.
private func migrationMembers(of difference: DocumentDifference) -> OutputMembers {
    var members: OutputMembers = [
        "document": .string(difference.document.text),
        "change": .string(difference.change.rawValue),
    ]
    switch difference.detail {
    case .edits(let edits):
        members.add(
            "edits",
            .array(
                edits.map { edit in
                    var members: OutputMembers = [
                        "op": .string(edit.operation.rawValue), "path": .string(edit.path),
                    ]
                    if let before = edit.before { members.add("before", .raw(before)) }
                    if let after = edit.after { members.add("after", .raw(after)) }
                    return .object(members)
                }))
    case .lines(let edits):
        members.add(
            "lines",
            .array(
                edits.map { edit in
                    .object([
                        "op": .string(edit.operation.rawValue),
                        "line": .integer(Int64(edit.line)),
                        "text": .string(String(decoding: edit.text, as: UTF8.self)),
                    ])
                }))
    case .digests(let reason):
        members.add("not_shown", .string(reason.rawValue))
    }
    return members
}
