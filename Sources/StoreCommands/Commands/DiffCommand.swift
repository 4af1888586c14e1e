internal import CanIFlyStore

let diffCommand = CommandDefinition(
    name: "diff", effect: .reads,
    arguments: [ArgumentDefinition("DOCUMENT", .document, .any)],
    options: [
        .value("at", "N|TIME", .pointInTime, "from transaction N, or a time, instead of the last"),
        .value("before", "N", .transaction, "from just before transaction N"),
        .value("to", "N|TIME", .pointInTime, "to transaction N, or a time, instead of now"),
        .flag("exit-code", "exit 1 where something differs"),
    ],
    summary: "Show what changed, value by value or line by line",
    description: [
        "Compares what was recorded last with what is there now: what the application has written "
            + "since. With --at or --before from an earlier state, with --to up to one: "
            + "'diff --before 5 --to 5' is what transaction 5 did.",
        "JSON is compared by value, whatever its white space and the order of members, and shown by "
            + "JSON pointer; text by line; what is neither, by its digest. So is what was recorded "
            + "without being kept, as 'init' does.",
        "Secrets (tokens, keys, session ids) are replaced by <secret>, wherever they stand.",
    ],
    examples: [
        CommandExample("canifly-store diff", "What the application changed since the last record."),
        CommandExample("canifly-store diff accounts.json --at 12", "Since transaction 12."),
        CommandExample("canifly-store diff --before 5 --to 5", "What transaction 5 did."),
        CommandExample(
            "canifly-store diff --exit-code --json",
            "For a script: status 1 where something differs."),
    ],
    exitStatuses: [
        (.attention, "with --exit-code: something differs"),
        (.notFound, "no such document or transaction"),
    ],
    run: { context throws(StoreError) in
        let from = try context.moment()
        let to = try context.arguments.text("to").map { text throws(StoreError) in
            try parsePointInTime(text, option: "--to")
        }
        let request = DiffRequest(try context.documents(), from: from, to: to)
        return DiffReportView(
            report: try context.openStore().diff(request),
            tellsByStatus: context.arguments.has("exit-code"))
    })

extension CommandContext {
    /// The moment that `--at` or `--before` gives; nil where neither does.
    func moment() throws(StoreError) -> PointInTime? {
        let at = try arguments.text("at")
        let before = try arguments.number("before")
        switch (at, before) {
        case (nil, nil): return nil
        case (let text?, nil): return try parsePointInTime(text, option: "--at")
        case (nil, let number?): return .before(UInt64(number))
        case (_?, _?):
            throw StoreError(
                .usage, code: "options-conflict", "--at and --before exclude each other",
                hint: "--at N is after transaction N, --before N just before it")
        }
    }
}

struct DiffReportView: Report {
    var report: DiffReport
    var tellsByStatus: Bool

    var status: ExitStatus {
        tellsByStatus && !report.differences.isEmpty ? .attention : .success
    }

    var json: ReportJSON {
        .object([
            "recorded": .bool(report.isRecorded),
            "documents": .array(report.differences.map { .object(members(of: $0)) }),
        ])
    }

    func draw(on screen: inout Screen) {
        guard report.isRecorded else {
            screen.paragraph(
                "Nothing has been recorded yet, so there is nothing to compare with. "
                    + "'canifly-store snapshot' records what is there now.")
            return
        }
        guard !report.differences.isEmpty else {
            screen.paragraph("No differences.")
            return
        }
        for difference in report.differences { StoreCommands.draw(difference, on: &screen) }
    }
}
