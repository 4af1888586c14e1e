internal import CanIFlyStore
internal import StoreCodecs

/// What every command that writes reports.
struct WriteReportView: Report {
    var report: WriteReport
    /// What the command did to its documents, in the past: `written`, `deleted`.
    var verb: String

    /// How many changed documents are listed unasked.
    private static let shownChanges = 20

    var notes: [String] { report.notes }

    var json: ReportJSON {
        .object([
            "transaction": transaction(report.transaction),
            "changes": .array(report.changes.map { .object(members(of: $0)) }),
            "dry_run": .bool(report.isDryRun),
        ])
    }

    func draw(on screen: inout Screen) {
        guard !report.changes.isEmpty else {
            screen.paragraph("Nothing to change.")
            return
        }
        let changes = counted(report.changes.count, "document")
        if report.isDryRun {
            screen.paragraph("Would change \(changes); nothing has been written.")
        } else if let number = report.transaction {
            screen.paragraph("Transaction \(number): \(changes) \(verb).")
        }
        guard report.changes.count > 1 || report.isDryRun || screen.isVerbose else { return }
        // A snapshot also tells of documents that it found as they were recorded: no change to show.
        let listed = report.changes.filter { screen.isVerbose || $0.before != $0.after }
        let limit = screen.isVerbose ? listed.count : Self.shownChanges
        for change in listed.prefix(limit) { drawChange(change, on: &screen) }
        if listed.count > limit {
            screen.paragraph(
                "and \(grouped(listed.count - limit)) more; --verbose lists them",
                indent: 4, .faint)
        }
    }
}

/// `+` for what came, `-` for what went, `~` for what was replaced.
func drawChange(_ change: DocumentChange, on screen: inout Screen) {
    let (mark, emphasis): (String, Emphasis) =
        switch (change.before, change.after) {
        case (nil, _): ("+", .good)
        case (_, nil): ("-", .bad)
        default: ("~", .warning)
        }
    let name = safeMessage(change.document.description)
    screen.line("  \(screen.styled(mark, emphasis)) \(name)")
    guard screen.isVerbose else { return }
    if let before = change.before {
        screen.line("      was \(before.hexadecimal)", .faint)
    }
    if let after = change.after {
        screen.line("      is  \(after.hexadecimal)", .faint)
    }
}

func members(of change: DocumentChange) -> OutputMembers {
    [
        "document": .string(change.document.description),
        "before": .optional(change.before?.hexadecimal),
        "after": .optional(change.after?.hexadecimal),
    ]
}

func transaction(_ number: UInt64?) -> JSONOutput { number.map(JSONOutput.unsigned) ?? .null }
