internal import CanIFlyStore

let migrateCommand = CommandDefinition(
    name: "migrate", effect: .writes,
    options: [
        .value("to", "N", .number(0...9999), "the layout to go to (default: the newest known)"),
        .flag("plan", "show the steps and what changes in each document, and change nothing"),
        .flag("check", "tell whether steps are pending: exit 1 if so"),
        .flag("rollback", "undo the last migrate"),
        .flag(
            "left-behind",
            "carry what only the documents of older layouts hold into the live ones"),
        .value(
            "migrations", "DIR", .directory,
            "where own steps are (default: .canifly-store/migrations)"),
        .flag("yes", "accepted for scripts; migrate never asks"),
    ],
    summary: "Bring the documents to another layout, or carry over what an upgrade left behind",
    description: [
        "All steps together are one transaction: they run on copies, every result must fit the new "
            + "layout, and then everything changes at once or nothing does. What the new layout has "
            + "no place for is kept below .canifly-store/kept/ and comes back as soon as a layout has "
            + "a place for it again.",
        "With --left-behind the layout stays. The application never looks at the documents that an "
            + "upgrade left behind, and they are often the only copy of the accounts: what the live "
            + "documents lack is added to them, nothing in them is overwritten, and the old documents "
            + "are kept aside.",
        "--rollback brings back the original bytes and modes. Where a document has changed since, the "
            + "way back of the steps carries the change along.",
        "Own steps are files NNNN-name.json, from layout NNNN-1 to NNNN. Of each one that was applied "
            + "the digest is recorded: one that was edited since, a gap, or a store that is newer than "
            + "every known step is refused.",
    ],
    examples: [
        CommandExample(
            "canifly-store migrate --left-behind --plan",
            "What accounts did the upgrade leave behind?"),
        CommandExample("canifly-store migrate --left-behind", "Carry them over."),
        CommandExample("canifly-store migrate --to 4", "Go to layout 4."),
        CommandExample("canifly-store migrate --rollback", "Take that back."),
    ],
    exitStatuses: [
        (.attention, "--check: steps are pending"),
        (.invalidData, "a document is damaged, or what comes out would not fit its layout"),
        (.notFound, "no layout is recognised, or there is nothing to undo"),
        (.configuration, "a step was edited, is missing or malformed, or the store is newer"),
    ],
    run: { context throws(StoreError) in
        let goal = try migrationGoal(context.arguments)
        var request = MigrationRequest(
            goal, stepFolder: try context.arguments.text("migrations"))
        let store = try context.openStore()
        if context.arguments.has("check") {
            return MigrationView(
                report: try store.pendingMigration(request), goal: goal, isCheck: true)
        }
        if context.arguments.has("plan") || context.arguments.has(CommonOptions.dryRun.name) {
            return MigrationView(report: try store.planMigration(request), goal: goal)
        }
        // Comparing takes longer than migrating; it is done for those who will see it.
        request.comparesDocuments =
            context.arguments.has(CommonOptions.json.name)
            || context.arguments.has(CommonOptions.verbose.name)
        return MigrationView(
            report: try store.migrate(request, context.writeOptions()), goal: goal)
    })

private func migrationGoal(
    _ arguments: ParsedArguments
) throws(StoreError) -> MigrationRequest.Goal {
    let target = try arguments.number("to")
    let chosen = [
        ("--to", target != nil), ("--rollback", arguments.has("rollback")),
        ("--left-behind", arguments.has("left-behind")),
    ].filter(\.1).map(\.0)
    guard chosen.count <= 1 else {
        throw StoreError(
            .usage, code: "options-conflict",
            "\(chosen[0]) and \(chosen[1]) cannot be used together",
            hint: "give one of them")
    }
    if arguments.has("plan"), arguments.has("check") {
        throw StoreError(
            .usage, code: "options-conflict", "--plan and --check cannot be used together",
            hint: "give one of them")
    }
    if arguments.has("rollback") { return .rollback }
    if arguments.has("left-behind") { return .leftBehind }
    return .layout(target)
}
