/// `canifly-store(1)` in the man(7) macros, made from the table.
func manualPage(of table: CommandTable) -> String {
    var page = ManualWriter()
    page.macro(
        ".TH CANIFLY-STORE 1 \(releaseDate) \"canifly-store \(programVersion)\" \"User Commands\"")
    page.section("NAME")
    page.text("canifly-store - keeps directories of JSON documents whole")
    page.section("SYNOPSIS")
    page.macro(".B canifly-store")
    page.macro(".RI [ options ]")
    page.macro(".I COMMAND")
    page.macro(".RI [ options \"] [\" arguments ]")
    page.section("DESCRIPTION")
    page.text(
        "Looks after a directory of documents that some application owns: durable atomic "
            + "writes, one writer at a time, transactions over several documents, recovery after "
            + "a crash, verification and history. The documents stay plain files.")
    page.text(
        "Options may stand anywhere; -- ends them. --name value and --name=value are the same.")
    page.section("EXAMPLES")
    for example in firstExamples { page.example(example) }
    page.section("COMMANDS")
    for command in table.commands { page.command(command) }
    page.section("COMMON OPTIONS")
    for option in CommonOptions.all { page.option(option) }
    page.section("EXIT STATUS")
    for (status, meaning) in ExitStatus.table { page.item(String(status.code), meaning) }
    page.item("128+N", "ended by signal N")
    page.section("ENVIRONMENT")
    for (name, meaning) in EnvironmentVariable.documented { page.item(name, meaning) }
    page.section("FILES")
    page.item("~/.config/canifly", "the store, where nothing else is named")
    page.item(
        ".canifly-store/",
        "in the store: the log, the catalog and the history; made by the first command that writes")
    page.item(".lock", "in the store: there while somebody writes")
    return page.text
}

private struct ManualWriter {
    private(set) var text = ""
    /// A heading begins a paragraph by itself.
    private var isAfterHeading = false

    mutating func macro(_ line: String) {
        text += line + "\n"
        isAfterHeading = false
    }

    mutating func section(_ title: String) {
        macro(".SH \"\(title)\"")
        isAfterHeading = true
    }

    mutating func text(_ paragraph: String) {
        if !isAfterHeading { macro(".PP") }
        macro(escaped(paragraph))
    }

    mutating func item(_ label: String, _ meaning: String) {
        macro(".TP")
        macro(".B \(quoted(label))")
        macro(escaped(meaning))
    }

    mutating func option(_ option: OptionDefinition) { item(option.label, option.summary) }

    mutating func example(_ example: CommandExample) {
        text(example.purpose)
        macro(".PP")
        macro(".RS 4")
        macro(".EX")
        macro(escaped(example.line))
        macro(".EE")
        macro(".RE")
    }

    mutating func command(_ command: CommandDefinition) {
        macro(".SS \(quoted(synopsis(of: command)))")
        isAfterHeading = true
        text(command.summary + ".")
        for paragraph in command.description { text(paragraph) }
        for option in command.allOptions { self.option(option) }
        if !command.exitStatuses.isEmpty {
            text("Exit status:")
            for (status, meaning) in command.exitStatuses {
                item(String(status.code), meaning)
            }
        }
        for example in command.examples { self.example(example) }
    }

    /// A text line: no dot or apostrophe at its start is taken for a macro, dashes stay dashes.
    private func escaped(_ text: String) -> String {
        var line = ""
        for character in text {
            switch character {
            case "\\": line += "\\e"
            case "-": line += "\\-"
            case "'": line += "\\(aq"
            case "^": line += "\\(ha"
            case "~": line += "\\(ti"
            case "`": line += "\\(ga"
            case "…": line += "..."
            default: line.append(character)
            }
        }
        return line.hasPrefix(".") ? "\\&" + line : line
    }

    private func quoted(_ text: String) -> String {
        "\""
            + escaped(text).split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\\(dq") + "\""
    }
}
