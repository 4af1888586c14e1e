internal import CanIFlyStore

let applyCommand = CommandDefinition(
    name: "apply", effect: .writes,
    arguments: [ArgumentDefinition("FILE", .file, .optional)],
    options: [.value("message", "TEXT", .text, "a line for the history")],
    summary: "Change several documents as one transaction",
    description: [
        "Reads operations from FILE, or the standard input where it is left out or -: one JSON object "
            + "a line; blank lines are skipped. Either all of them are done or nothing is. An "
            + "operation sees the effect of those before it.",
        "put takes document and one of json, text, base64, and may take mode, seal, schema_version and pack. patch takes document "
            + "and patch (RFC 6902), merge takes document and merge (RFC 7396), delete takes "
            + "document. test takes document and sha256 or \"absent\": true; it sees the store as it "
            + "was at the start, unless it follows a change of the same document.",
    ],
    examples: [
        CommandExample("canifly-store apply changes.ndjson", "Do what the file says."),
        CommandExample(
            "echo '{\"op\":\"delete\",\"document\":\"old.json\"}' | canifly-store apply",
            "One operation from a pipe."),
        CommandExample(
            "canifly-store apply --dry-run changes.ndjson", "See what it would do."),
    ],
    exitStatuses: [
        (.invalidData, "a line is no operation, or its contents are malformed"),
        (.notFound, "an operation names a document or a value that is not there"),
        (.tryAgain, "a test failed, or the store is locked"),
    ],
    run: { context throws(StoreError) in
        let store = try context.openStore()
        let operations = try parseOperations(try context.input(at: 0))
        let report = try store.apply(operations, context.writeOptions())
        return WriteReportView(report: report, verb: "changed")
    })
