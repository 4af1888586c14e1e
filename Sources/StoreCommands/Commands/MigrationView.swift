internal import CanIFlyStore
internal import StoreFiles

/// What `migrate` did or would do.
struct MigrationView: Report {
    var report: MigrationReport
    var goal: MigrationRequest.Goal
    var isCheck = false

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
            "documents": .array(report.documents.map { .object(members(of: $0)) }),
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
            for document in report.documents { StoreCommands.draw(document, on: &screen) }
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
        let count = report.write.changes.count
        let changes = count == 0 ? "no document" : counted(count, "document")
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
}
