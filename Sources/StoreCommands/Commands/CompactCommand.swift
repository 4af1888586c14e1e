internal import CanIFlyStore

let compactCommand = CommandDefinition(
    name: "compact", effect: .writes,
    options: [
        .value(
            "pack", "PATTERN", .pattern, "let these documents lie packed, as NAME.gz",
            isRepeatable: true),
        .value(
            "unpack", "PATTERN", .pattern, "let these documents lie plain again",
            isRepeatable: true),
        .value(
            "minify", "PATTERN", .pattern,
            "take the insignificant white space out of these JSON documents", isRepeatable: true),
        .flag("expire", "remove the entries that the layout calls expired"),
        .value("level", "1-9", .number(1...9), "how well to pack (default 6)"),
        .value("message", "TEXT", .text, "a line for the history"),
    ],
    summary: "Free space without changing what any document means",
    description: [
        "Finishes the log, packs the contents that history keeps, and forgets what the policy in "
            + ".canifly-store/config.json does not keep: {\"keep\": {\"last\": N, \"days\": D}} keeps the "
            + "last N transactions and those of the last D days. Without a policy nothing is forgotten; "
            + "the last good content of each document stays in any case.",
        "Leftover temporaries of more than a day ago are moved to .canifly-store/quarantine, and what "
            + "has been there for quarantine_days (30) is removed.",
        "--pack is refused for documents that the application reads by their plain name. A packed "
            + "document is read back before the plain one goes; every command goes on taking NAME for it.",
    ],
    examples: [
        CommandExample("canifly-store compact", "What a weekly job runs."),
        CommandExample("canifly-store compact --dry-run", "What it would win."),
        CommandExample(
            "canifly-store compact --pack 'archive/**' --level 9", "Pack old documents well."),
    ],
    exitStatuses: [
        (.invalidData, "a document cannot have the form asked for, or history is damaged"),
        (.notFound, "no document matches a pattern"),
        (.configuration, "config.json is malformed"),
    ],
    run: { context throws(StoreError) in
        var request = CompactRequest()
        request.pack = try context.arguments.texts("pack")
        request.unpack = try context.arguments.texts("unpack")
        request.minify = try context.arguments.texts("minify")
        request.expires = context.arguments.has("expire")
        if let level = try context.arguments.text("level").flatMap({ Int($0) }) {
            request.level = level
        }
        let report = try context.openStore().compact(
            request, context.writeOptions(), progress: context.progressSink)
        return CompactReportView(report: report)
    })

private struct CompactReportView: Report {
    var report: CompactReport

    var notes: [String] { report.notes }

    var json: ReportJSON {
        var kinds: OutputMembers = [:]
        for (kind, sizes) in report.kinds { kinds.add(kind, .object(members(of: sizes))) }
        var all = members(of: report.total)
        all.append([
            "kinds": .object(kinds),
            "pruned_transactions": .integer(Int64(report.prunedTransactions)),
            "transaction": transaction(report.transaction),
            "changes": .array(
                report.changes.map { .object(StoreCommands.members(of: $0)) }),
            "dry_run": .bool(report.isDryRun),
        ])
        return .object(all)
    }

    private func members(of sizes: CompactSizes) -> OutputMembers {
        ["before_bytes": .integer(sizes.before), "after_bytes": .integer(sizes.after)]
    }

    func draw(on screen: inout Screen) {
        if report.isDryRun { screen.paragraph("Would come to this; nothing has been written.") }
        var table = TextTable([.left, .right, .left, .right])
        for (kind, sizes) in report.kinds where sizes.before > 0 || sizes.after > 0 {
            table.add(row(kind, sizes, .plain))
        }
        table.add(row("total", report.total, .strong))
        table.draw(on: &screen)
        if report.prunedTransactions > 0 {
            screen.paragraph(
                "\(counted(report.prunedTransactions, "transaction")) "
                    + (report.isDryRun ? "would be forgotten." : "forgotten."))
        }
        if let number = report.transaction {
            screen.paragraph(
                "Transaction \(number): \(counted(report.changes.count, "document")) changed.")
        }
        guard report.isDryRun || screen.isVerbose else { return }
        for change in report.changes { drawChange(change, on: &screen) }
    }

    private func row(
        _ name: String, _ sizes: CompactSizes, _ emphasis: Emphasis
    ) -> [(text: String, emphasis: Emphasis)] {
        [
            (name, emphasis), (humanBytes(sizes.before), emphasis), ("->", .faint),
            (humanBytes(sizes.after), emphasis),
        ]
    }
}
