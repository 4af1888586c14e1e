/// Completions for fish 3 and later.
func fishCompletions(of table: CommandTable) -> String {
    var lines = [
        "# fish completion for canifly-store, made by 'canifly-store completions fish'.",
        "",
        "# What the program says, with the store that the command line names.",
        "function __canifly_store_ask",
        "    set -l words (commandline -opc)",
        "    set -l where",
        "    for index in (seq 2 (count $words))",
        "        if test $words[$index] = --store; and test $index -lt (count $words)",
        "            set where --store $words[(math $index + 1)]",
        "        else if string match -q -- '--store=*' $words[$index]",
        "            set where $words[$index]",
        "        end",
        "    end",
        "    $words[1] $where --color never $argv 2>/dev/null",
        "end",
        "",
        "# Succeeds where the words before the cursor, options left out, begin with these and",
        "# nothing but its arguments follows; with -n the number of those arguments is asked for too.",
        "function __canifly_store_at",
        "    set -l count $argv[1]",
        "    set -l wanted $argv[2..-1]",
        "    set -l words",
        "    set -l skip 0",
        "    for word in (commandline -opc)[2..-1]",
        "        if test $skip = 1",
        "            set skip 0",
        "        else if contains -- $word \(optionsWithValue(table).joined(separator: " "))",
        "            set skip 1",
        "        else if not string match -q -- '-*' $word",
        "            set -a words $word",
        "        end",
        "    end",
        "    test (count $words) -ge (count $wanted); or return 1",
        "    for index in (seq (count $wanted))",
        "        test $words[$index] = $wanted[$index]; or return 1",
        "    end",
        "    test $count = any; or test (count $words) -eq (math (count $wanted) + $count)",
        "end",
        "",
        "complete -c canifly-store -f",
    ]
    for option in CommonOptions.all {
        lines.append(optionLine(option, condition: nil, table: table))
    }
    for group in table.firstWords {
        let summary =
            table.command(named: RawArgument(group))?.summary
            ?? table.subcommands(of: RawArgument(group)).joined(separator: ", ")
        lines.append(
            "complete -c canifly-store -n '__canifly_store_at 0' -a \(group) -d \(shellQuoted(summary))"
        )
        for subcommand in table.subcommands(of: RawArgument(group)) {
            let summary =
                table.command(named: RawArgument(group), RawArgument(subcommand))?.summary ?? ""
            lines.append(
                "complete -c canifly-store -n '__canifly_store_at 0 \(group)' -a \(subcommand) "
                    + "-d \(shellQuoted(summary))")
        }
    }
    for command in table.commands {
        for option in command.allOptions {
            lines.append(
                optionLine(
                    option, condition: "__canifly_store_at any \(command.name)", table: table))
        }
        for (index, argument) in command.arguments.enumerated() {
            let isRepeated = argument.count == .any || argument.count == .oneOrMore
            let condition = "__canifly_store_at \(isRepeated ? "any" : "\(index)") \(command.name)"
            guard let values = values(CompletionSource(argument.kind, table: table)) else {
                continue
            }
            lines.append("complete -c canifly-store -n \(shellQuoted(condition)) \(values)")
        }
    }
    return lines.joined(separator: "\n") + "\n"
}

private func optionsWithValue(_ table: CommandTable) -> [String] {
    var names: [String] = []
    for option in table.everyOption where option.takesValue && !names.contains("--\(option.name)") {
        names.append("--\(option.name)")
    }
    return names
}

private func optionLine(
    _ option: OptionDefinition, condition: String?, table: CommandTable
) -> String {
    var line = "complete -c canifly-store"
    if let condition { line += " -n \(shellQuoted(condition))" }
    line += " -l \(option.name)"
    if let short = option.short { line += " -s \(short)" }
    if option.takesValue {
        let values = values(CompletionSource(option.kind, table: table))
        // Beside the values of an option that takes one, fish offers files unless -x forbids it.
        line += values == "-F" ? " -r" : " -x"
        if let values { line += " \(values)" }
    }
    return line + " -d \(shellQuoted(option.summary))"
}

private func values(_ source: CompletionSource) -> String? {
    switch source {
    case .documents: "-a '(__canifly_store_ask list --names)'"
    case .transactions:
        "-a '(__canifly_store_ask log | string replace -rf \"^ *([0-9]+) +(.*)\" \"\\$1\\t\\$2\")'"
    case .files: "-F"
    case .directories: "-a '(__fish_complete_directories)'"
    case .programs: "-a '(__fish_complete_command)'"
    case .words(let words): "-a \(shellQuoted(words.joined(separator: " ")))"
    case .nothing: nil
    }
}
