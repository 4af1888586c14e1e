internal import CanIFlyStore
internal import StoreFiles

let statusCommand = CommandDefinition(
    name: "status", effect: .reads,
    summary: "Show one screen about the store and what to do next",
    description: [
        "Profile and layout, documents and bytes, who holds the lock, whether a transaction waits to "
            + "be finished, the last transaction and snapshot, what an older layout left behind, "
            + "what could be won by compacting. Reads only; takes no lock."
    ],
    examples: [
        CommandExample("canifly-store status", "How does it stand?"),
        CommandExample(
            "canifly-store status --json | jq .lock.held", "Does anybody write at the moment?"),
    ],
    run: { context throws(StoreError) in
        let path = try context.storePath()
        return StatusView(
            status: .success, store: path, now: context.now,
            report: try context.openStore().status())
    })

struct StatusView: Report {
    var status: ExitStatus
    var store: String
    var now: Timestamp
    var report: StatusReport

    var json: ReportJSON {
        .object([
            "profile": .string(report.profile),
            "layout": report.layout.map { .integer(Int64($0)) } ?? .null,
            "layout_versions": .string(report.layoutVersions),
            "initialized": .bool(report.isInitialized),
            "documents": .integer(Int64(report.documents)),
            "bytes": .integer(report.bytes),
            "changed": .integer(Int64(report.changedDocuments)),
            "untracked": .integer(Int64(report.untrackedDocuments)),
            "missing": .integer(Int64(report.missingDocuments)),
            "lock": .object(members(of: report.lock)),
            "log_pending": .bool(report.isLogPending),
            "log_bytes": .integer(report.logBytes),
            "transaction": transaction(report.lastTransaction?.number),
            "transaction_time": .optional(report.lastTransaction?.time.rfc3339),
            "snapshot": transaction(report.lastSnapshot?.number),
            "snapshot_time": .optional(report.lastSnapshot?.time.rfc3339),
            "left_behind": .array(report.leftBehind.map(JSONOutput.string)),
            "reclaimable_bytes": .integer(report.reclaimableBytes),
            "next": .array(report.next.map(JSONOutput.string)),
        ])
    }

    func draw(on screen: inout Screen) {
        screen.paragraph(safeMessage(store), .strong)
        var lines: [(label: String, text: String, emphasis: Emphasis)] = [
            ("Layout", layoutText, .plain), ("Documents", documentsText, .plain),
            ("Lock", lockText(report.lock), lockEmphasis),
        ]
        if report.isLogPending {
            lines.append(
                (
                    "Log", "a transaction waits to be finished by the next command that writes",
                    .warning
                ))
        }
        lines.append(("Last change", text(of: report.lastTransaction), .plain))
        lines.append(("Snapshot", text(of: report.lastSnapshot), .plain))
        for (index, line) in report.leftBehind.enumerated() {
            lines.append((index == 0 ? "Left behind" : "", safeMessage(line), .warning))
        }
        if report.reclaimableBytes > 0 {
            lines.append(("To be won", humanBytes(report.reclaimableBytes), .plain))
        }
        for line in lines {
            screen.entry(
                line.label, line.text, labelColumns: 11, line.emphasis, labelEmphasis: .faint)
        }
        drawNext(report.next, on: &screen)
    }

    private var layoutText: String {
        guard let layout = report.layout else { return "none (profile \(report.profile))" }
        var text = "\(layout)"
        if !report.layoutVersions.isEmpty { text += ", versions \(report.layoutVersions)" }
        return safeMessage("\(text) (profile \(report.profile))")
    }

    private var documentsText: String {
        var text =
            report.documents == 0
            ? "none" : "\(grouped(report.documents)), \(humanBytes(report.bytes))"
        let standings = [
            (report.changedDocuments, "changed"), (report.untrackedDocuments, "never recorded"),
            (report.missingDocuments, "missing"),
        ]
        let parts = standings.filter { $0.0 > 0 }.map { "\(grouped($0.0)) \($0.1)" }
        if !parts.isEmpty { text += "; " + parts.joined(separator: ", ") }
        return text
    }

    private var lockEmphasis: Emphasis {
        report.lock.isEmpty || report.lock.isStale ? .warning : .plain
    }

    private func text(of summary: TransactionSummary?) -> String {
        guard let summary else { return "none" }
        let age = humanAge(seconds: now.seconds - summary.time.seconds)
        var text = "\(summary.number), \(age): \(summary.command)"
        if summary.changes.count == 1 {
            text += " \(summary.changes[0].document)"
        } else if !summary.changes.isEmpty {
            text += " of \(counted(summary.changes.count, "document"))"
        }
        if !summary.message.isEmpty { text += " (\(summary.message))" }
        return safeMessage(text)
    }
}

/// The commands worth running next.
func drawNext(_ commands: [String], on screen: inout Screen) {
    guard !commands.isEmpty else { return }
    screen.line()
    for (index, command) in commands.enumerated() {
        screen.entry(
            index == 0 ? "Next" : "", safeMessage(command), labelColumns: 4, indent: 0, .good,
            labelEmphasis: .strong)
    }
}
