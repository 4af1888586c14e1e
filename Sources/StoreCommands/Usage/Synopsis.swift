/// `canifly-store put [options] DOCUMENT [FILE]`.
package func synopsis(of command: CommandDefinition) -> String {
    var words = ["canifly-store", command.name, "[options]"]
    if command.arguments.last?.kind == .program { words.append("--") }
    words += command.arguments.map(\.synopsis)
    return words.joined(separator: " ")
}

extension OptionDefinition {
    /// `-q, --quiet`, `--store DIR`.
    var label: String {
        var label = "--\(name)"
        if let short { label = "-\(short), " + label }
        if let valueName { label += " \(valueName)" }
        return label
    }
}

/// The commands under the headings of help, the manual and the completions.
struct CommandGroup {
    var heading: String
    var commands: [CommandDefinition]

    static func groups(of table: CommandTable) -> [CommandGroup] {
        let headings: [(CommandEffect, String)] = [
            (.reads, "Looking, without changing anything"), (.writes, "Changing"),
            (.locks, "The lock"), (.none, "Help"),
        ]
        return headings.compactMap { effect, heading in
            let commands = table.commands.filter { $0.effect == effect }
            return commands.isEmpty ? nil : CommandGroup(heading: heading, commands: commands)
        }
    }
}

/// What a newcomer should see first.
let firstExamples: [CommandExample] = [
    CommandExample("canifly-store status", "One screen about the store and what to do next."),
    CommandExample("canifly-store verify", "Check every document."),
    CommandExample(
        "canifly-store get accounts.json /Accounts/0/Name", "Look at one value of a document."),
    CommandExample(
        "canifly-store put config.json < new.json", "Replace a document, durably or not at all."),
]
