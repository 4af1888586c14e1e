/// Completions for bash 4 and later, with nothing but bash itself.
func bashCompletions(of table: CommandTable) -> String {
    """
    # bash completion for canifly-store, made by 'canifly-store completions bash'.

    # What the program says, a candidate a line; silent where it has nothing to say.
    _canifly_store_ask() {
        "${COMP_WORDS[0]}" "${_canifly_store_where[@]}" --color never "$@" 2>/dev/null
    }

    # Those candidates (a line each on the standard input) that begin with the word typed so far.
    _canifly_store_offer() {
        local candidate
        while IFS= read -r candidate; do
            [[ $candidate == "$_canifly_store_word"* ]] && COMPREPLY+=("$candidate")
        done
    }

    _canifly_store_values() {
        case $1 in
            documents)
                compopt -o filenames 2>/dev/null
                _canifly_store_offer < <(_canifly_store_ask list --names) ;;
            transactions)
                _canifly_store_offer < <(_canifly_store_ask log | sed -n 's/^ *\\([0-9][0-9]*\\) .*/\\1/p') ;;
            files)
                compopt -o filenames 2>/dev/null
                _canifly_store_offer < <(compgen -f -- "$_canifly_store_word") ;;
            directories)
                compopt -o filenames 2>/dev/null
                _canifly_store_offer < <(compgen -d -- "$_canifly_store_word") ;;
            programs)
                _canifly_store_offer < <(compgen -c -- "$_canifly_store_word") ;;
            words)
                shift
                _canifly_store_offer < <(printf '%s\\n' "$@") ;;
        esac
    }

    # Prints what the value of an option is completed from; fails where it takes none.
    _canifly_store_option_values() {
        case "$1 $2" in
    \(optionValueCases(table))
            *) return 1 ;;
        esac
    }

    _canifly_store() {
        local _canifly_store_word=${COMP_WORDS[COMP_CWORD]} _canifly_store_where=()
        local command='' position=0 only_arguments='' index word previous=''
        COMPREPLY=()
        # bash splits --name=value at the sign: to see the value whole, the sign is passed over.
        [[ $_canifly_store_word == '=' ]] && _canifly_store_word=''
        for ((index = 1; index < COMP_CWORD; index++)); do
            word=${COMP_WORDS[index]}
            [[ $word == '=' ]] && continue
            if [[ -n $previous ]]; then
                [[ $previous == --store ]] && _canifly_store_where=(--store "$word")
                previous=''
            elif [[ -n $only_arguments ]]; then
                ((position++))
            elif [[ $word == -- ]]; then
                only_arguments=yes
            elif [[ $word == -* ]]; then
                _canifly_store_option_values "$command" "$word" >/dev/null && previous=$word
            elif [[ -z $command ]]; then
                command=$word
            elif [[ $command == @(\(groupWords(table).joined(separator: "|"))) ]]; then
                command+=" $word"
            else
                ((position++))
            fi
        done
        if [[ -n $previous ]]; then
            local values
            mapfile -t values < <(_canifly_store_option_values "$command" "$previous")
            _canifly_store_values "${values[@]}"
            return
        fi
        if [[ $_canifly_store_word == -* && -z $only_arguments ]]; then
            case $command in
    \(optionCases(table))
            esac
            return
        fi
        case "$command $position" in
    \(argumentCases(table))
        esac
    }

    complete -F _canifly_store canifly-store

    """
}

/// The first words of commands of two words.
private func groupWords(_ table: CommandTable) -> [String] {
    let groups = table.firstWords.filter { table.hasSubcommands(RawArgument($0)) }
    // A pattern needs one word at least.
    return groups.isEmpty ? ["''"] : groups
}

private func values(_ source: CompletionSource) -> [String] {
    switch source {
    case .documents: ["documents"]
    case .transactions: ["transactions"]
    case .files: ["files"]
    case .directories: ["directories"]
    case .programs: ["programs"]
    case .words(let words): ["words"] + words.map(shellQuoted)
    case .nothing: ["nothing"]
    }
}

private func optionValueCases(_ table: CommandTable) -> String {
    func line(_ command: String, _ option: OptionDefinition) -> String {
        let words = values(CompletionSource(option.kind, table: table)).joined(separator: " ")
        let pattern = command == "*" ? "*" : shellQuoted(command)
        return "        \(pattern)' --\(option.name)') printf '%s\\n' \(words) ;;"
    }
    var lines = CommonOptions.all.filter(\.takesValue).map { line("*", $0) }
    for command in table.commands {
        lines += command.allOptions.filter(\.takesValue).map { line(command.name, $0) }
    }
    return lines.joined(separator: "\n")
}

private func optionCases(_ table: CommandTable) -> String {
    let common = CommonOptions.all.map { "--\($0.name)" }
    var lines = table.commands.map { command in
        let own = command.allOptions.map { "--\($0.name)" }
        let words = (own + common).joined(separator: " ")
        return "            \(shellQuoted(command.name))) _canifly_store_values words \(words) ;;"
    }
    lines.append("            *) _canifly_store_values words \(common.joined(separator: " ")) ;;")
    return lines.joined(separator: "\n")
}

private func argumentCases(_ table: CommandTable) -> String {
    var lines = [
        "        ' 0') _canifly_store_values words \(table.firstWords.joined(separator: " ")) ;;"
    ]
    for group in table.firstWords where table.hasSubcommands(RawArgument(group)) {
        let words = table.subcommands(of: RawArgument(group)).joined(separator: " ")
        lines.append("        '\(group) 0') _canifly_store_values words \(words) ;;")
    }
    for command in table.commands {
        for (index, argument) in command.arguments.enumerated() {
            let source = CompletionSource(argument.kind, table: table)
            guard source != .nothing else { continue }
            let isRepeated = argument.count == .any || argument.count == .oneOrMore
            let position = isRepeated ? "*" : "\(index)"
            let pattern = "\(shellQuoted(command.name + " "))\(position)"
            lines.append(
                "        \(pattern)) _canifly_store_values \(values(source).joined(separator: " ")) ;;"
            )
        }
    }
    return lines.joined(separator: "\n")
}
