internal import CanIFlyStore

/// Room for one that is too long, so that it is told by what reads it.
private let longestProfileBytes = 16 << 20

let initCommand = CommandDefinition(
    name: "init", effect: .writes,
    options: [
        .value(
            "profile", "NAME|FILE", .file,
            "the profile: canifly, generic, or a file (default: recognised)")
    ],
    summary: "Make the control directory and record the documents",
    description: [
        "Makes .canifly-store/ (mode 0700) in the store and records every document as it is now, so "
            + "that verify can tell damage from change and history has a beginning. Documents are "
            + "not touched. Every other command that writes does the same by itself where it has "
            + "not been done."
    ],
    examples: [
        CommandExample("canifly-store init", "Begin to look after ~/.config/canifly."),
        CommandExample(
            "canifly-store init --store notes --profile generic",
            "Look after a directory of any documents."),
    ],
    run: { context throws(StoreError) in
        let store = try context.openStore()
        let choice: ProfileChoice
        switch try context.arguments.text("profile") {
        case nil: choice = .recognise
        case let text? where !text.contains("/") && !text.hasSuffix(".json"):
            choice = .named(text)
        case let path?:
            choice = .file(try context.readFile(path, limitBytes: longestProfileBytes))
        }
        let report = try store.initialize(
            profile: choice, context.writeOptions(), progress: context.progressSink)
        return WriteReportView(report: report, verb: "recorded")
    })
