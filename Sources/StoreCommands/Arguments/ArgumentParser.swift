package import CanIFlyStore

/// What a command line asks for.
package enum Request: Sendable {
    case run(ParsedArguments)
    /// `--help`, about the command or the group that the words name; none: about all.
    case help([RawArgument])
    case version
}

/// Reads a command line over the table. Options may stand anywhere before `--`, before the command
/// as well, so the command is looked for first and the options are judged by it afterwards.
package struct ArgumentParser {
    package let table: CommandTable

    package init(_ table: CommandTable) { self.table = table }

    package func parse(_ words: [RawArgument]) throws(StoreError) -> Request {
        if let group = groupAskingForHelp(words) { return .help([group]) }
        guard let (command, nameIndices) = try findCommand(words) else {
            return try parseWithoutCommand(words)
        }
        var parsed = ParsedArguments(command: command)
        let known = command.allOptions + CommonOptions.all
        var index = 0
        var onlyPositionals = false
        while index < words.count {
            defer { index += 1 }
            if nameIndices.contains(index) { continue }
            let word = words[index]
            if onlyPositionals || !word.isOption {
                parsed.positionals.append(word)
            } else if word.isTerminator {
                onlyPositionals = true
            } else {
                let (name, inlineValue) = word.splitOption
                guard let option = known.first(where: { $0.isNamed(name) }) else {
                    throw unknownOption(word, command: command, known: known)
                }
                let value = try value(
                    of: option, inlineValue, words, &index, skipping: nameIndices)
                if !option.isRepeatable, parsed.has(option) {
                    throw usage(
                        "repeated-option", "--\(option.name) is given twice", about: command)
                }
                parsed.options.append((option.name, value))
            }
        }
        if parsed.has(CommonOptions.help) { return .help([RawArgument(command.name)]) }
        if parsed.has(CommonOptions.version) { return .version }
        try checkPositionals(parsed)
        return .run(parsed)
    }

    // MARK: Finding the command

    /// The command, and which words name it.
    private func findCommand(
        _ words: [RawArgument]
    ) throws(StoreError) -> (CommandDefinition, Set<Int>)? {
        var first: (word: RawArgument, index: Int)?
        var index = 0
        var onlyPositionals = false
        while index < words.count {
            defer { index += 1 }
            let word = words[index]
            if word.isTerminator, !onlyPositionals {
                onlyPositionals = true
            } else if word.isOption, !onlyPositionals {
                if try optionSwallowsNext(word, words, index) { index += 1 }
            } else if let first {
                guard let command = table.command(named: first.word, word) else {
                    throw unknownSubcommand(of: first.word, given: word)
                }
                return (command, [first.index, index])
            } else if let command = table.command(named: word) {
                return (command, [index])
            } else if table.hasSubcommands(word) {
                first = (word, index)
            } else {
                throw unknownCommand(word)
            }
        }
        guard let first else { return nil }
        throw unknownSubcommand(of: first.word, given: nil)
    }

    /// Whether the word after an option is its value, judged without knowing the command. Where
    /// commands disagree on an option, a word that names a command is one.
    private func optionSwallowsNext(
        _ word: RawArgument, _ words: [RawArgument], _ index: Int
    ) throws(StoreError) -> Bool {
        let (name, inlineValue) = word.splitOption
        let meanings = table.everyOption.filter { $0.isNamed(name) }
        if meanings.isEmpty {
            throw unknownOption(word, command: nil, known: table.everyOption)
        }
        guard inlineValue == nil, index + 1 < words.count else { return false }
        guard meanings.contains(where: \.takesValue) else { return false }
        if meanings.allSatisfy(\.takesValue) { return true }
        let next = words[index + 1]
        return !next.isOption && table.command(named: next) == nil && !table.hasSubcommands(next)
    }

    /// `lock --help`: the first word of several commands, and no second one.
    private func groupAskingForHelp(_ words: [RawArgument]) -> RawArgument? {
        guard words.count == 2, table.hasSubcommands(words[0]),
            words[1].isNamed(CommonOptions.help)
        else { return nil }
        return words[0]
    }

    private func parseWithoutCommand(_ words: [RawArgument]) throws(StoreError) -> Request {
        let options = words.prefix { !$0.isTerminator }
        if options.contains(where: { $0.isNamed(CommonOptions.help) }) { return .help([]) }
        if options.contains(where: { $0.isNamed(CommonOptions.version) }) { return .version }
        throw StoreError(
            .usage, code: "no-command", "no command given",
            hint: "'canifly-store help' lists them; 'canifly-store status' is a good start")
    }

    // MARK: Values

    private func value(
        of option: OptionDefinition, _ inlineValue: RawArgument?, _ words: [RawArgument],
        _ index: inout Int, skipping nameIndices: Set<Int>
    ) throws(StoreError) -> RawArgument? {
        guard option.takesValue else {
            if inlineValue != nil {
                throw usage("unexpected-value", "--\(option.name) takes no value", about: nil)
            }
            return nil
        }
        var value = inlineValue
        if value == nil {
            var next = index + 1
            while nameIndices.contains(next) { next += 1 }
            guard next < words.count else {
                throw usage(
                    "missing-value", "--\(option.name) needs a value: \(option.valueName ?? "")",
                    about: nil)
            }
            value = words[next]
            index = next
        }
        if let value {
            try checkValue(value, option.kind, name: "--\(option.name)")
        }
        return value
    }

    private func checkPositionals(_ parsed: ParsedArguments) throws(StoreError) {
        let definitions = parsed.command.arguments
        let required = definitions.count { $0.count == .one || $0.count == .oneOrMore }
        if parsed.positionals.count < required {
            throw usage(
                "missing-argument",
                "'\(parsed.command.name)' needs \(definitions[parsed.positionals.count].name)",
                about: parsed.command)
        }
        let last = definitions.last?.count
        if last != .any, last != .oneOrMore, parsed.positionals.count > definitions.count {
            let extra = parsed.positionals[definitions.count]
            throw usage(
                "extra-argument", "'\(parsed.command.name)' has no use for '\(extra.shown)'",
                about: parsed.command)
        }
        for (index, value) in parsed.positionals.enumerated() {
            let definition = definitions[min(index, definitions.count - 1)]
            try checkValue(value, definition.kind, name: definition.name)
        }
    }

    // MARK: Refusals

    private func unknownCommand(_ word: RawArgument) -> StoreError {
        let names = table.firstWords
        var hint = "'canifly-store help' lists the commands"
        if let nearest = nearestName(to: word.bytes, among: names) {
            hint = "did you mean '\(nearest)'? " + hint
        }
        return StoreError(
            .usage, code: "unknown-command", "unknown command '\(word.shown)'", hint: hint)
    }

    private func unknownSubcommand(of first: RawArgument, given: RawArgument?) -> StoreError {
        let names = table.subcommands(of: first)
        let list = names.map { "'\(first.shown) \($0)'" }.joined(separator: ", ")
        guard let given else {
            return StoreError(
                .usage, code: "no-command", "'\(first.shown)' alone says nothing",
                hint: "there are \(list)")
        }
        var hint = "there are \(list)"
        if let nearest = nearestName(to: given.bytes, among: names) {
            hint = "did you mean '\(first.shown) \(nearest)'? " + hint
        }
        return StoreError(
            .usage, code: "unknown-command", "unknown command '\(first.shown) \(given.shown)'",
            hint: hint)
    }

    private func unknownOption(
        _ word: RawArgument, command: CommandDefinition?, known: [OptionDefinition]
    ) -> StoreError {
        let (name, _) = word.splitOption
        let shownName = name.shown
        var hint = "see 'canifly-store help\(command.map { " " + $0.name } ?? "")'"
        let plainName = name.withoutDashes.bytes
        if command?.arguments.last?.kind == .program {
            hint = "put '--' before the program to run; " + hint
        } else if let apart = shortOptions(in: word) {
            hint = "short options stand apart: \(apart)"
        } else if plainName.count > 1,
            let nearest = nearestName(to: plainName, among: known.map(\.name))
        {
            hint = "did you mean '--\(nearest)'? " + hint
        }
        let place = command.map { " for '\($0.name)'" } ?? ""
        return StoreError(
            .usage, code: "unknown-option", "unknown option '\(shownName)'\(place)", hint: hint)
    }

    /// `-q -v` for `-qv`; nil where a letter is none of them.
    private func shortOptions(in word: RawArgument) -> String? {
        let letters = word.bytes.dropFirst()
        guard word.bytes.first == UInt8(ascii: "-"), letters.count > 1 else { return nil }
        let known = CommonOptions.all.compactMap(\.short).map { Array("\($0)".utf8) }
        guard letters.allSatisfy({ known.contains([$0]) }) else { return nil }
        return letters.map { "-\(Character(UnicodeScalar($0)))" }.joined(separator: " ")
    }

    private func usage(
        _ code: String, _ message: String, about command: CommandDefinition?
    ) -> StoreError {
        StoreError(
            .usage, code: code, message,
            hint: command.map { "usage: " + synopsis(of: $0) } ?? "see 'canifly-store help'")
    }
}

extension RawArgument {
    private static let dash = UInt8(ascii: "-")

    /// Begins with a dash, and is not the lone dash that stands for the standard input.
    var isOption: Bool { bytes.count > 1 && bytes[0] == Self.dash }
    /// `--`.
    var isTerminator: Bool { bytes == [Self.dash, Self.dash] }

    /// The part before a `=`, dashes included, and the part after it.
    var splitOption: (name: RawArgument, value: RawArgument?) {
        guard bytes.starts(with: [Self.dash, Self.dash]),
            let sign = bytes.firstIndex(of: UInt8(ascii: "="))
        else { return (self, nil) }
        return (RawArgument(Array(bytes[..<sign])), RawArgument(Array(bytes[(sign + 1)...])))
    }

    var withoutDashes: RawArgument { RawArgument(Array(bytes.drop { $0 == Self.dash })) }

    func isNamed(_ option: OptionDefinition) -> Bool { option.isNamed(self) }
}

extension OptionDefinition {
    /// Whether a word, dashes included, is this option.
    func isNamed(_ word: RawArgument) -> Bool {
        if let short, word.bytes.elementsEqual("-\(short)".utf8) { return true }
        return word.bytes.elementsEqual("--\(name)".utf8)
    }
}
