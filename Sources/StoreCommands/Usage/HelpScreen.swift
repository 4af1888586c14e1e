/// Help about one command: examples first, since they answer most questions.
func drawHelp(about command: CommandDefinition, on screen: inout Screen) {
    screen.paragraph(
        "canifly-store \(command.name): \(lowercasedFirst(command.summary))", .strong)
    drawExamples(command.examples, on: &screen)
    heading("Usage", on: &screen)
    screen.paragraph(synopsis(of: command), indent: 2)
    for paragraph in command.description {
        screen.line()
        screen.paragraph(paragraph)
    }
    drawOptions("Options", command.allOptions, on: &screen)
    drawOptions("Common options", CommonOptions.all, on: &screen)
    drawExitStatuses(command.exitStatuses, heading: "Exit status", on: &screen)
    if !command.exitStatuses.isEmpty {
        screen.paragraph("The other statuses are those of 'canifly-store help'.", indent: 2)
    }
}

/// Help about the program.
func drawHelp(about table: CommandTable, on screen: inout Screen) {
    screen.paragraph(
        "canifly-store \(programVersion): keeps directories of JSON documents whole", .strong)
    drawExamples(firstExamples, on: &screen)
    heading("Usage", on: &screen)
    screen.paragraph("canifly-store [options] COMMAND [options] [arguments]", indent: 2)
    let labelColumns = table.commands.map { displayWidth($0.name) }.max() ?? 0
    for group in CommandGroup.groups(of: table) {
        heading(group.heading, on: &screen)
        for command in group.commands {
            screen.entry(
                command.name, command.summary, labelColumns: labelColumns, labelEmphasis: .strong)
        }
    }
    drawOptions("Common options", CommonOptions.all, on: &screen)
    drawExitStatuses(
        ExitStatus.table.map { ($0.status, $0.meaning) }, heading: "Exit status", on: &screen)
    screen.line()
    screen.paragraph("'canifly-store help COMMAND' tells all about one command.")
}

private func drawExamples(_ examples: [CommandExample], on screen: inout Screen) {
    guard !examples.isEmpty else { return }
    heading("Examples", on: &screen)
    for example in examples {
        // Not wrapped: a broken command line cannot be copied.
        screen.line("  " + screen.styled(example.line, .good))
        screen.paragraph(example.purpose, indent: 6)
    }
}

private func drawOptions(
    _ title: String, _ options: [OptionDefinition], on screen: inout Screen
) {
    guard !options.isEmpty else { return }
    heading(title, on: &screen)
    let labelColumns = min(options.map { displayWidth($0.label) }.max() ?? 0, 28)
    for option in options {
        screen.entry(
            option.label, option.summary, labelColumns: labelColumns, labelEmphasis: .strong)
    }
}

private func drawExitStatuses(
    _ statuses: [(status: ExitStatus, meaning: String)], heading title: String,
    on screen: inout Screen
) {
    guard !statuses.isEmpty else { return }
    heading(title, on: &screen)
    for (status, meaning) in statuses {
        screen.entry(String(status.code), meaning, labelColumns: 2)
    }
}

private func heading(_ title: String, on screen: inout Screen) {
    screen.line()
    screen.line(title, .strong)
}

func lowercasedFirst(_ text: String) -> String {
    guard let first = text.first else { return text }
    return first.lowercased() + text.dropFirst()
}
