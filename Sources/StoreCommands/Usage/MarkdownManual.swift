/// The page of the commands for docs/, made from the table.
func markdownManual(of table: CommandTable) -> String {
    var page = """
        # Commands

        <!-- Made by `canifly-store help --markdown` from the table of commands: `make man` writes it. -->

        `canifly-store [options] COMMAND [options] [arguments]`. Options may stand anywhere; `--` ends
        them. `--name value` and `--name=value` are the same.

        Results go to the standard output; progress, warnings and errors to the standard error. Nothing
        but plain text is written where it is no terminal. With `--json` the standard output holds
        exactly one JSON object, also on failure (`list` and `log`: one a line); the schema of each
        stands in [schemas](schemas).


        """
    for group in CommandGroup.groups(of: table) {
        page += "## \(group.heading)\n\n| command | what it does |\n|---|---|\n"
        for command in group.commands {
            page += "| [`\(command.name)`](#\(anchor(command.name))) | \(command.summary) |\n"
        }
        page += "\n"
    }
    for command in table.commands { page += section(command) }
    page += "## Common options\n\n" + optionTable(CommonOptions.all)
    page += "## Exit status\n\n| status | when |\n|---|---|\n"
    for (status, meaning) in ExitStatus.table { page += "| \(status.code) | \(meaning) |\n" }
    page += "| 128+N | ended by signal N |\n\n"
    page += "## Environment\n\n| variable | meaning |\n|---|---|\n"
    for (name, meaning) in EnvironmentVariable.documented {
        page += "| `\(name)` | \(meaning) |\n"
    }
    return page
}

private func section(_ command: CommandDefinition) -> String {
    var text = "## \(command.name)\n\n\(command.summary).\n\n"
    text +=
        "```sh\n" + command.examples.map { "# \($0.purpose)\n\($0.line)\n" }.joined() + "```\n\n"
    text += "Usage: `\(synopsis(of: command))`\n\n"
    for paragraph in command.description { text += paragraph + "\n\n" }
    if !command.allOptions.isEmpty { text += optionTable(command.allOptions) }
    if !command.exitStatuses.isEmpty {
        text += "| exit status | when |\n|---|---|\n"
        for (status, meaning) in command.exitStatuses {
            text += "| \(status.code) | \(meaning) |\n"
        }
        text += "\n"
    }
    return text
}

private func optionTable(_ options: [OptionDefinition]) -> String {
    var text = "| option | meaning |\n|---|---|\n"
    for option in options {
        let label = option.label.split(separator: "|", omittingEmptySubsequences: false)
            .joined(separator: "\\|")
        text += "| `\(label)` | \(option.summary) |\n"
    }
    return text + "\n"
}

private func anchor(_ name: String) -> String {
    String(name.map { $0 == " " ? "-" : $0 })
}
