internal import CanIFlyStore

let snapshotCommand = CommandDefinition(
    name: "snapshot", effect: .writes,
    options: [.value("message", "TEXT", .text, "a line for the history")],
    summary: "Record the present contents of every document",
    description: [
        "Makes a transaction of whatever the application has written by itself since the last one, "
            + "and keeps those contents: from then on they can be shown and restored. Documents are "
            + "not touched."
    ],
    examples: [
        CommandExample("canifly-store snapshot", "Before an upgrade of the application, say."),
        CommandExample(
            "canifly-store snapshot --message 'before 0.5.0' --quiet",
            "With a line for the history."),
    ],
    run: { context throws(StoreError) in
        let report = try context.openStore().snapshot(
            context.writeOptions(), progress: context.progressSink)
        return WriteReportView(report: report, verb: "recorded")
    })
