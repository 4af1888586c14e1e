/// Every command there is. The parser, `help`, the manual page and the completions are made from
/// this table and from nothing else.
///
/// A new command is a file in `Commands/` with a `CommandDefinition` and the `Report` that its `run`
/// returns, an entry in `standard`, and a schema of its JSON in `docs/schemas/`; `make man` then
/// writes the pages anew. Tests hold it to its own examples and its schema. Not in the table, it
/// cannot be reached, and `explain` does not recommend it.
package struct CommandTable: Sendable {
    package let commands: [CommandDefinition]

    package init(_ commands: [CommandDefinition]) { self.commands = commands }

    /// The program's own.
    package static let standard = CommandTable([
        statusCommand, verifyCommand, listCommand, getCommand, diffCommand, logCommand,
        explainCommand,
        initCommand, putCommand, patchCommand, deleteCommand, applyCommand, snapshotCommand,
        restoreCommand, backupCommand, migrateCommand, compactCommand, repairCommand, benchCommand,
        lockStatusCommand, lockRunCommand, lockBreakCommand,
        helpCommand, completionsCommand,
    ])

    /// A command of one word, or of two given as one (`lock run`).
    package func command(named word: RawArgument) -> CommandDefinition? {
        commands.first { $0.name.utf8.elementsEqual(word.bytes) }
    }

    package func command(named first: RawArgument, _ second: RawArgument) -> CommandDefinition? {
        command(named: RawArgument(first.bytes + [0x20] + second.bytes))
    }

    /// Whether it is the first word of commands of two words.
    package func hasSubcommands(_ word: RawArgument) -> Bool { !subcommands(of: word).isEmpty }

    /// The second words of the commands that begin with this word.
    package func subcommands(of word: RawArgument) -> [String] {
        let prefix = word.bytes + [0x20]
        return commands.compactMap { command in
            command.name.utf8.starts(with: prefix)
                ? String(command.name.utf8.dropFirst(prefix.count)) : nil
        }
    }

    /// What can stand first on a command line, each once, in the order of the table.
    package var firstWords: [String] {
        var words: [String] = []
        for command in commands {
            let word = String(command.name.prefix { $0 != " " })
            if !words.contains(word) { words.append(word) }
        }
        return words
    }

    /// The common options and those of every command, repetitions included.
    package var everyOption: [OptionDefinition] {
        CommonOptions.all + commands.flatMap(\.allOptions)
    }
}

extension CommandTable {
    /// The command that a command line without the program's name begins with.
    package func command(inLine line: String) -> CommandDefinition? {
        let words = line.split(separator: " ").prefix(2).map { RawArgument(String($0)) }
        guard let first = words.first else { return nil }
        if let command = command(named: first) { return command }
        return words.count == 2 ? command(named: first, words[1]) : nil
    }
}
