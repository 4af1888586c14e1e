/// Completions for zsh 5 and later.
func zshCompletions(of table: CommandTable) -> String {
    var text = """
        #compdef canifly-store
        # zsh completion for canifly-store, made by 'canifly-store completions zsh'.

        # What the program says, with the store that the command line names.
        _canifly_store_ask() {
            local -a where
            local index=${_canifly_store_words[(I)--store]}
            if (( index > 0 )); then
                where=(--store "${(Q)_canifly_store_words[index + 1]}")
            else
                index=${_canifly_store_words[(I)--store=*]}
                (( index > 0 )) && where=("${(Q)_canifly_store_words[index]}")
            fi
            "${(Q)_canifly_store_words[1]}" $where --color never "$@" 2>/dev/null
        }

        _canifly_store_documents() {
            local -a documents
            documents=("${(@f)$(_canifly_store_ask list --names)}")
            compadd -a -- documents
        }

        _canifly_store_transactions() {
            local -a lines numbers
            lines=("${(@f)$(_canifly_store_ask log)}")
            lines=("${(@M)lines:#[ ]#<->*}")
            numbers=("${(@)${(@)lines## #}%% *}")
            compadd -V transactions -l -d lines -a -- numbers
        }


        """
    for command in table.commands {
        text +=
            "_canifly_store_command_\(functionName(of: command.name))() {\n    _arguments -S \\\n"
        var specs = (command.allOptions + CommonOptions.all).flatMap { optionSpecs($0, table) }
        for (index, argument) in command.arguments.enumerated() {
            specs.append(argumentSpec(argument, index: index, table))
        }
        text += specs.map { "        \($0)" }.joined(separator: " \\\n") + "\n}\n\n"
    }
    for group in table.firstWords where table.hasSubcommands(RawArgument(group)) {
        text += dispatcher(
            "_canifly_store_command_\(group)", table.subcommands(of: RawArgument(group)),
            prefix: group + " ", table)
    }
    text += dispatcher("_canifly_store", table.firstWords, prefix: "", table)
    text += """
        # Loaded by itself from $fpath it completes at once; sourced, it only makes itself known.
        if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
            _canifly_store "$@"
        else
            compdef _canifly_store canifly-store
        fi

        """
    return text
}

/// A function that completes the first word among commands, and hands on to the command's own.
private func dispatcher(
    _ name: String, _ words: [String], prefix: String, _ table: CommandTable
) -> String {
    let isOutermost = prefix.isEmpty
    let entries = words.map { word -> String in
        let summary =
            table.command(named: RawArgument(prefix + word))?.summary
            ?? table.subcommands(of: RawArgument(word)).joined(separator: ", ")
        return "        " + shellQuoted("\(word):\(summary)")
    }
    let options = CommonOptions.all.flatMap { optionSpecs($0, table) }
        .map { "        \($0)" }.joined(separator: " \\\n")
    return """
        \(name)() {
            \(isOutermost ? "local -a _canifly_store_words=(\"${words[@]}\")" : "")
            local context state state_descr line curcontext=$curcontext
            typeset -A opt_args
            local -a commands
            commands=(
        \(entries.joined(separator: "\n"))
            )
            _arguments -C -S -A '-*' \\
        \(options) \\
                '1: :->command' '*:: :->rest' && return
            case $state in
                command) _describe command commands ;;
                rest)
                    local chosen=$words[1]
                    (( $+functions[_canifly_store_command_\(functionName(of: prefix))$chosen] )) &&
                        _canifly_store_command_\(functionName(of: prefix))$chosen ;;
            esac
        }


        """
}

private func optionSpecs(_ option: OptionDefinition, _ table: CommandTable) -> [String] {
    let summary = escapedForSpec(option.summary)
    let repetition = option.isRepeatable && option.takesValue ? "*" : ""
    var tail = "[\(summary)]"
    if let valueName = option.valueName {
        tail +=
            ":\(escapedForSpec(valueName)):\(action(CompletionSource(option.kind, table: table)))"
    }
    var specs = [shellQuoted("\(repetition)--\(option.name)\(option.takesValue ? "=" : "")\(tail)")]
    if let short = option.short { specs.append(shellQuoted("-\(short)\(tail)")) }
    return specs
}

private func argumentSpec(
    _ argument: ArgumentDefinition, index: Int, _ table: CommandTable
) -> String {
    let name = escapedForSpec(argument.name)
    let action = action(CompletionSource(argument.kind, table: table))
    switch argument.count {
    case .one: return shellQuoted("\(index + 1):\(name):\(action)")
    case .optional: return shellQuoted("\(index + 1)::\(name):\(action)")
    case .any, .oneOrMore: return shellQuoted("*:\(name):\(action)")
    }
}

private func action(_ source: CompletionSource) -> String {
    switch source {
    case .documents: "_canifly_store_documents"
    case .transactions: "_canifly_store_transactions"
    case .files: "_files"
    case .directories: "_files -/"
    case .programs: "_command_names -e"
    case .words(let words): "(\(words.joined(separator: " ")))"
    case .nothing: ""
    }
}

/// Brackets, colons and backslashes mean something in a specification of `_arguments`.
private func escapedForSpec(_ text: String) -> String {
    var escaped = ""
    for character in text {
        if "[]:\\".contains(character) { escaped += "\\" }
        escaped.append(character)
    }
    return escaped
}
