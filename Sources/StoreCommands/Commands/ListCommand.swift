internal import CanIFlyStore
internal import StoreCodecs
internal import StoreFiles

let listCommand = CommandDefinition(
    name: "list", effect: .reads,
    arguments: [ArgumentDefinition("PATTERN", .pattern, .any)],
    options: [
        .flag("long", "with the whole digest, kind, mode and modification time"),
        .flag("names", "only the names, one a line"),
    ],
    summary: "List documents with size, digest and state",
    description: [
        "A PATTERN is a path in which * stands for anything but /, ** for anything, and ? for one "
            + "character; quote it from the shell. Without one, all documents are listed.",
        "The state is recorded (as the history knows it), changed (written by the application "
            + "since), untracked (never recorded) or missing.",
    ],
    examples: [
        CommandExample("canifly-store list", "All documents."),
        CommandExample("canifly-store list --long 'plans/*.txt'", "The plans, with all details."),
        CommandExample(
            "canifly-store list --json | jq -r 'select(.state == \"changed\").document'",
            "The names of what the application has changed."),
    ],
    exitStatuses: [(.notFound, "a pattern without * or ? names no document")],
    outputIsData: true,
    run: { context throws(StoreError) in
        var patterns: [String] = []
        for index in context.arguments.positionals.indices {
            if let pattern = try context.arguments.positional(index, "PATTERN") {
                patterns.append(pattern)
            }
        }
        let store = try context.openStore()
        if context.arguments.has("names"), !context.arguments.has(CommonOptions.json) {
            let names = try store.documentNames(patterns: patterns)
            try requireMatches(names, patterns)
            return NamesReport(names: names)
        }
        let entries = try store.list(patterns: patterns)
        try requireMatches(entries.map(\.document), patterns)
        return ListReport(entries: entries, isLong: context.arguments.has("long"))
    })

/// A pattern that can mean one document only has to mean one.
private func requireMatches(
    _ documents: [StorePath], _ patterns: [String]
) throws(StoreError) {
    for pattern in patterns where !pattern.utf8.contains(where: { "*?".utf8.contains($0) }) {
        let plain = Array(pattern.utf8)
        let isThere = documents.contains { document in
            let name = document.description.utf8
            return name.elementsEqual(plain) || name.elementsEqual(plain + Array(".gz".utf8))
        }
        if !isThere {
            throw StoreError(
                .notFound, code: "no-such-document",
                "there is no document \(escapedForTerminal(pattern))",
                hint: "canifly-store list shows what there is")
        }
    }
}

private struct NamesReport: Report {
    var names: [StorePath]

    var json: ReportJSON { .nothing }

    func draw(on screen: inout Screen) {
        for name in names { screen.line(safeMessage(name.description)) }
    }
}

struct ListReport: Report {
    var entries: [DocumentEntry]
    var isLong: Bool

    var json: ReportJSON {
        .lines(
            entries.map { entry in
                [
                    "document": .string(entry.document.description),
                    "bytes": .integer(entry.bytes),
                    "sha256": .optional(entry.digest?.hexadecimal),
                    "state": .string(entry.standing.rawValue),
                    "kind": .string(entry.kind),
                    "mode": .optional(entry.mode?.octal),
                    "modified": .optional(entry.modified?.rfc3339),
                    "packed": .bool(entry.isPacked),
                    "secret": .bool(entry.isSecret),
                ]
            })
    }

    func draw(on screen: inout Screen) {
        if isLong {
            drawLong(on: &screen)
        } else {
            drawShort(on: &screen)
        }
    }

    private func drawShort(on screen: inout Screen) {
        // On a narrow terminal a name has its line to itself.
        if screen.columns < 60 {
            for entry in entries {
                screen.line(safeMessage(entry.document.description))
                let state = state(of: entry)
                screen.line(
                    "  \(screen.styled(state.text, state.emphasis)), \(humanBytes(entry.bytes))")
            }
            return
        }
        var table = TextTable([.left, .right, .left, .left])
        for entry in entries {
            table.add([
                state(of: entry), (humanBytes(entry.bytes), .plain),
                (shortDigest(of: entry), .faint),
                (safeMessage(entry.document.description), .plain),
            ])
        }
        table.draw(on: &screen)
    }

    private func drawLong(on screen: inout Screen) {
        for entry in entries {
            screen.line(safeMessage(entry.document.description), .strong)
            var details = [state(of: entry).text, entry.kind, "\(grouped(entry.bytes)) bytes"]
            if let mode = entry.mode { details.append("mode \(mode.octal)") }
            if entry.isPacked { details.append("packed") }
            if entry.isSecret { details.append("secret") }
            screen.paragraph(details.joined(separator: ", "), indent: 2)
            if let modified = entry.modified {
                screen.paragraph("modified \(modified.rfc3339)", indent: 2, .faint)
            }
            if let digest = entry.digest {
                screen.line("  \(screen.styled(digest.hexadecimal, .faint))")
            }
        }
    }

    private func shortDigest(of entry: DocumentEntry) -> String {
        entry.digest.map { String($0.hexadecimal.prefix(12)) } ?? "-"
    }

    private func state(of entry: DocumentEntry) -> (text: String, emphasis: Emphasis) {
        let emphasis: Emphasis =
            switch entry.standing {
            case .recorded: .good
            case .changed, .untracked: .warning
            case .missing: .bad
            }
        return (entry.standing.rawValue, emphasis)
    }
}
