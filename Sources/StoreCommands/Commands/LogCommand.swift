internal import CanIFlyStore
internal import StoreFiles

let logCommand = CommandDefinition(
    name: "log", effect: .reads,
    arguments: [ArgumentDefinition("DOCUMENT", .document, .optional)],
    options: [
        .value("limit", "N", .number(1...Int.max), "show at most so many")
    ],
    summary: "Show the history, newest first",
    description: [
        "Each transaction has a number, which 'get --at' takes. With DOCUMENT only those that "
            + "changed it; with --verbose the digests before and after."
    ],
    examples: [
        CommandExample("canifly-store log --limit 10", "What happened lately."),
        CommandExample("canifly-store log accounts.json", "The history of one document."),
    ],
    exitStatuses: [(.notFound, "history knows no such DOCUMENT, and there is none")],
    outputIsData: true,
    run: { context throws(StoreError) in
        let document =
            context.arguments.positionals.isEmpty ? nil : try context.document(at: 0)
        let limit = try context.arguments.number("limit")
        let store = try context.openStore()
        let transactions = try store.history(of: document, limit: limit)
        if transactions.isEmpty, let document,
            !(try store.documentNames(patterns: []).contains(document))
        {
            throw .noSuchDocument(document)
        }
        return LogReport(document: document, transactions: transactions)
    })

struct LogReport: Report {
    var document: StorePath?
    var transactions: [TransactionSummary]

    var notes: [String] {
        guard transactions.isEmpty else { return [] }
        return [
            "nothing of \(document?.text ?? "this store") is recorded yet: see "
                + "canifly-store help snapshot"
        ]
    }

    var json: ReportJSON {
        .lines(
            transactions.map { summary in
                [
                    "transaction": .unsigned(summary.number),
                    "time": .string(summary.time.rfc3339),
                    "command": .string(summary.command),
                    "message": .string(summary.message),
                    "pending": .bool(summary.isPending),
                    "changes": .array(summary.changes.map { .object(members(of: $0)) }),
                ]
            })
    }

    func draw(on screen: inout Screen) {
        let numberColumns = transactions.map { String($0.number).utf8.count }.max() ?? 1
        for summary in transactions {
            let number = String(summary.number).alignedRight(toColumns: numberColumns)
            var text = "\(shownTime(summary.time))  \(safeMessage(summary.command))"
            if !summary.message.isEmpty { text += ": \(safeMessage(summary.message))" }
            if summary.isPending { text += " (to be finished)" }
            let head = number.utf8.count + 2
            for (index, part) in wrapped(text, toColumns: screen.columns - head).enumerated() {
                let margin = String(repeating: " ", count: head)
                screen.line(
                    index == 0 ? screen.styled(number, .strong) + "  " + part : margin + part)
            }
            if screen.isVerbose {
                for change in summary.changes { drawChange(change, on: &screen) }
            } else if !summary.changes.isEmpty {
                screen.paragraph(names(of: summary.changes), indent: head, .faint)
            }
        }
    }

    /// The first few names, and how many more.
    private func names(of changes: [DocumentChange]) -> String {
        let shown = changes.prefix(3).map { safeMessage($0.document.description) }
        var text = shown.joined(separator: ", ")
        if changes.count > shown.count {
            text += " and \(grouped(changes.count - shown.count)) more"
        }
        return text
    }
}

/// To the second, with its zone.
func shownTime(_ time: Timestamp) -> String {
    let text = Timestamp(seconds: time.seconds).rfc3339
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
}
