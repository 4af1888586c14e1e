internal import CanIFlyStore

let helpCommand = CommandDefinition(
    name: "help", effect: .none,
    arguments: [ArgumentDefinition("COMMAND", .command, .any)],
    options: [
        .flag("man", "print the manual page (man -l -)"),
        .flag("markdown", "print the page of all commands for the documentation"),
    ],
    summary: "Show help about the program or one command",
    description: [],
    examples: [
        CommandExample("canifly-store help", "All commands."),
        CommandExample("canifly-store help put", "One of them."),
        CommandExample("canifly-store help --man | man -l -", "The manual page."),
    ],
    outputIsData: true,
    run: { context throws(StoreError) in
        if context.arguments.has("man") {
            return TextReport(text: manualPage(of: context.table))
        }
        if context.arguments.has("markdown") {
            return TextReport(text: markdownManual(of: context.table))
        }
        let words = context.arguments.positionals
        guard let first = words.first else { return HelpReport(table: context.table) }
        let name = RawArgument(Array(words.map(\.bytes).joined(separator: [0x20])))
        if let command = context.table.command(named: name) {
            return HelpReport(table: context.table, commands: [command])
        }
        if words.count == 1, context.table.hasSubcommands(first) {
            let names = context.table.subcommands(of: first)
            return HelpReport(
                table: context.table,
                commands: names.compactMap { context.table.command(named: first, RawArgument($0)) })
        }
        var hint = "'canifly-store help' lists the commands"
        let known = context.table.commands.map(\.name)
        if let nearest = nearestName(to: name.bytes, among: known) {
            hint = "did you mean '\(nearest)'? " + hint
        }
        throw StoreError(
            .usage, code: "unknown-command", "there is no command '\(name.shown)'", hint: hint)
    })

private struct HelpReport: Report {
    var table: CommandTable
    /// Empty: the whole table.
    var commands: [CommandDefinition] = []

    var json: ReportJSON {
        let listed = commands.isEmpty ? table.commands : commands
        return .object([
            "commands": .array(listed.map { .object(members(of: $0)) }),
            "common_options": .array(CommonOptions.all.map { .object(members(of: $0)) }),
        ])
    }

    func draw(on screen: inout Screen) {
        if commands.isEmpty { drawHelp(about: table, on: &screen) }
        for (index, command) in commands.enumerated() {
            if index > 0 { screen.line() }
            drawHelp(about: command, on: &screen)
        }
    }

    private func members(of command: CommandDefinition) -> OutputMembers {
        [
            "name": .string(command.name), "summary": .string(command.summary),
            "usage": .string(synopsis(of: command)),
            "options": .array(command.allOptions.map { .object(members(of: $0)) }),
        ]
    }

    private func members(of option: OptionDefinition) -> OutputMembers {
        [
            "name": .string("--\(option.name)"), "value": .optional(option.valueName),
            "summary": .string(option.summary),
        ]
    }
}

/// Text made elsewhere, printed as it is.
struct TextReport: Report {
    var text: String

    var bytes: [UInt8]? { Array(text.utf8) }
    var json: ReportJSON { .object(["text": .string(text)]) }
    func draw(on screen: inout Screen) {}
}
