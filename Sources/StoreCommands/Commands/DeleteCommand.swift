internal import CanIFlyStore

let deleteCommand = CommandDefinition(
    name: "delete", effect: .writes,
    arguments: [ArgumentDefinition("DOCUMENT", .document, .oneOrMore)],
    options: [.value("message", "TEXT", .text, "a line for the history")],
    summary: "Remove documents; their contents stay in history",
    description: [
        "Removes the documents as one transaction: all of them or none. What they held is kept, and "
            + "'get --at' shows it."
    ],
    examples: [
        CommandExample(
            "canifly-store delete plans/Old.txt plans/Older.txt", "Remove two plans together.")
    ],
    exitStatuses: [(.notFound, "one of the documents is not there; nothing was removed")],
    run: { context throws(StoreError) in
        let documents = try context.documents()
        let report = try context.openStore().delete(documents, context.writeOptions())
        return WriteReportView(report: report, verb: "deleted")
    })
