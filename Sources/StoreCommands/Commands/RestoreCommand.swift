internal import CanIFlyStore

let restoreCommand = CommandDefinition(
    name: "restore", effect: .writes,
    arguments: [ArgumentDefinition("DOCUMENT", .document, .any)],
    options: [
        .value("at", "N|TIME", .pointInTime, "as after transaction N, or at a time (RFC 3339)"),
        .value("before", "N", .transaction, "as just before transaction N: this undoes it"),
        .value("from", "FILE", .file, "from a backup that 'backup' made"),
        .value("message", "TEXT", .text, "a line for the history"),
    ],
    summary: "Bring documents back to an earlier state",
    description: [
        "Contents, modes, owners and modification times come back as they were, as one transaction: "
            + "all of it or nothing. Nothing is lost by it, since the restore can be undone like any "
            + "other transaction.",
        "Without DOCUMENT the whole store goes back: documents that were removed since come back, and "
            + "those that were made since are removed. Documents that nothing was known of at the "
            + "moment are left alone.",
        "--before N brings back what transaction N found, also where the application had written it "
            + "and nobody had recorded it. 'canifly-store log' has the numbers; 'init' records digests "
            + "without keeping contents, 'snapshot' keeps them.",
        "--from reads the whole backup and checks it before anything changes. Documents that the backup "
            + "does not have stay as they are, and those that are worthless without each other come back "
            + "together.",
    ],
    examples: [
        CommandExample(
            "canifly-store restore accounts.json --at 12", "One document as after transaction 12."),
        CommandExample("canifly-store restore --before 17", "Undo transaction 17, the last one."),
        CommandExample(
            "canifly-store restore --at 2026-11-01T12:00:00Z --dry-run",
            "What would change if all went back to that noon."),
        CommandExample(
            "canifly-store restore --from ~/backups/canifly.tar.gz", "All of a backup."),
    ],
    exitStatuses: [
        (.invalidData, "with --from: the backup is damaged, or not to be trusted"),
        (.notFound, "no such transaction or document, or its content was not kept"),
        (.tryAgain, "the store is locked, or the application changed a document meanwhile"),
    ],
    run: { context throws(StoreError) in
        let moment = try context.moment()
        if let file = try context.arguments.text("from") {
            guard moment == nil else {
                throw StoreError(
                    .usage, code: "option-conflict",
                    "--from and --at or --before exclude each other",
                    hint: "bring it back from the one or from the other")
            }
            let report = try naming(file) { () throws(StoreError) in
                try context.openStore().restore(
                    fromBackup: file, documents: context.documents(), context.writeOptions())
            }
            return WriteReportView(report: report, verb: "restored")
        }
        guard let moment else {
            throw StoreError(
                .usage, code: "option-missing", "restore needs --at, --before or --from",
                hint: "canifly-store log shows the transactions")
        }
        let request = RestoreRequest(try context.documents(), at: moment)
        let report = try context.openStore().restore(request, context.writeOptions())
        return WriteReportView(report: report, verb: "restored")
    })
