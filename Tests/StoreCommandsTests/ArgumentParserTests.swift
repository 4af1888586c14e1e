import CanIFlyStore
import StoreCommands
import Testing

@Suite("The command line")
struct ArgumentParserTests {
    private func parse(_ words: String...) throws(StoreError) -> Request {
        try ArgumentParser(.standard).parse(words.map { RawArgument($0) })
    }

    private func parsed(_ words: [String]) throws -> ParsedArguments {
        let request = try ArgumentParser(.standard).parse(words.map { RawArgument($0) })
        guard case .run(let parsed) = request else {
            throw StoreError(.internalError, code: "test", "not a command to run")
        }
        return parsed
    }

    private func refusal(_ words: [String]) -> StoreError? {
        do throws(StoreError) {
            _ = try ArgumentParser(.standard).parse(words.map { RawArgument($0) })
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "takes options anywhere before --",
        arguments: [
            ["help", "explain", "--store", "D"], ["--store", "D", "help", "explain"],
            ["help", "--store=D", "explain"], ["--store=D", "help", "explain"],
            ["help", "--store", "D", "--", "explain"], ["--store", "D", "--", "help", "explain"],
        ])
    func optionsAnywhere(words: [String]) throws {
        let parsed = try parsed(words)
        #expect(parsed.command.name == "help")
        #expect(try parsed.text("store") == "D")
        #expect(parsed.positionals == [RawArgument("explain")])
    }

    @Test("takes an option's value even where it looks like a command or an option")
    func valuesAreValues() throws {
        let parsed = try parsed(["--store", "explain", "help"])
        #expect(parsed.command.name == "help")
        #expect(try parsed.text("store") == "explain")
        #expect(try self.parsed(["help", "--store", "--json"]).text("store") == "--json")
        #expect(try self.parsed(["help", "--store=a=b"]).text("store") == "a=b")
        #expect(try self.parsed(["help", "--store="]).text("store") == "")
    }

    @Test("takes what follows -- as it is, dashes and all")
    func afterTerminator() throws {
        let parsed = try parsed(["help", "--", "--json", "-q", "--"])
        #expect(parsed.positionals == ["--json", "-q", "--"].map { RawArgument($0) })
        #expect(!parsed.has("json"))
    }

    @Test("takes a lone dash as an argument")
    func loneDash() throws {
        #expect(try parsed(["help", "-"]).positionals == [RawArgument("-")])
    }

    @Test("knows the short options and no others")
    func shortOptions() throws {
        let parsed = try parsed(["help", "-q", "-v"])
        #expect(parsed.has("quiet") && parsed.has("verbose"))
        #expect(refusal(["help", "-x"])?.code == "unknown-option")
        #expect(refusal(["help", "-qv"])?.code == "unknown-option")
    }

    @Test("gives a switch as often as it likes, a value once")
    func repetitions() throws {
        #expect(try parsed(["help", "--json", "--json"]).has("json"))
        #expect(refusal(["help", "--store", "a", "--store", "b"])?.code == "repeated-option")
    }

    @Test(
        "refuses what the table does not have, with the nearest name",
        arguments: [
            (["hepl"], "unknown-command", "did you mean 'help'?"),
            (["complet"], "unknown-command", "did you mean 'completions'?"),
            (["zzzzzz"], "unknown-command", "'canifly-store help' lists the commands"),
            (["help", "--jsno"], "unknown-option", "did you mean '--json'?"),
            (["--sotre", "x", "help"], "unknown-option", "did you mean '--store'?"),
            (["--colour", "x"], "unknown-option", "did you mean '--color'?"),
            ([], "no-command", "'canifly-store help' lists them"),
            (["--json"], "no-command", ""), (["help", "--json=1"], "unexpected-value", ""),
            (["help", "--store"], "missing-value", ""),
            (["completions"], "missing-argument", "usage: canifly-store completions"),
            (["completions", "bash", "zsh"], "extra-argument", "usage: "),
            (["completions", "tcsh"], "invalid-value", ""),
            (["help", "--color", "blue"], "invalid-value", ""),
            (["help", "--lock-wait", "soon"], "invalid-value", ""),
            (["help", "--lock-wait", "-1"], "invalid-value", ""),
            (["help", "--lock-wait", "1e3"], "invalid-value", ""),
        ])
    func refusals(words: [String], code: String, hint: String) {
        let refusal = refusal(words)
        #expect(refusal?.kind == .usage)
        #expect(refusal?.code == code)
        #expect(refusal?.hint.hasPrefix(hint) == true)
    }

    @Test("does not take letters for others that only look the same to Unicode")
    func comparesBytes() {
        // U+212A KELVIN SIGN is canonically equivalent to K, U+0065 U+0301 to U+00E9.
        #expect(refusal(["help", "--store", "a", "--\u{212A}"])?.code == "unknown-option")
        #expect(refusal(["cafe\u{301}"])?.code == "unknown-command")
    }

    @Test("keeps the bytes of an argument that is no UTF-8, and never repairs them")
    func rawBytes() throws {
        let word = RawArgument([0x66, 0xFF, 0x66])
        #expect(word.text == nil)
        #expect(word.shown == "f\\xfff")
        let request = try ArgumentParser(.standard).parse([RawArgument("help"), word])
        guard case .run(let parsed) = request else {
            Issue.record("help does not run")
            return
        }
        #expect(parsed.positionals == [word])
        let option = [RawArgument("help"), RawArgument("--store"), word]
        guard case .run(let withOption) = try ArgumentParser(.standard).parse(option) else {
            Issue.record("help does not run")
            return
        }
        #expect(throws: StoreError.self) { try withOption.text("store") }
    }

    @Test("shows help about the command that is named, whatever else is missing")
    func help() throws {
        guard case .help(let words) = try parse("completions", "--help") else {
            Issue.record("no help")
            return
        }
        #expect(words == [RawArgument("completions")])
        guard case .help([]) = try parse("-h") else {
            Issue.record("no help")
            return
        }
    }

    @Test("reads seconds with up to nine decimals and nothing else")
    func seconds() {
        #expect(nanoseconds(fromSeconds: "2") == 2_000_000_000)
        #expect(nanoseconds(fromSeconds: "0.5") == 500_000_000)
        #expect(nanoseconds(fromSeconds: "0.000000001") == 1)
        for text in [
            "", ".", "1.", ".5", "-1", "+1", "1e3", "0x1", "99999999999999", "1.0000000001",
        ] {
            #expect(nanoseconds(fromSeconds: text) == nil, "\(text)")
        }
    }

    @Test("measures how far two names are apart")
    func distances() {
        func distance(_ left: String, _ right: String) -> Int {
            editDistance(Array(left.utf8), Array(right.utf8))
        }
        #expect(distance("status", "status") == 0)
        #expect(distance("", "abc") == 3)
        #expect(distance("stauts", "status") == 1)
        #expect(distance("kitten", "sitting") == 3)
        #expect(nearestName(to: Array("x".utf8), among: ["status", "verify"]) == nil)
        #expect(nearestName(to: [], among: ["status"]) == nil)
        #expect(
            nearestName(to: [UInt8](repeating: 0x61, count: 100_000), among: ["status"]) == nil)
    }
}

@Suite("The table of commands")
struct CommandTableTests {
    @Test("gives every command a summary, examples and options that no other option contradicts")
    func complete() {
        for command in CommandTable.standard.commands {
            #expect(!command.summary.isEmpty && !command.summary.hasSuffix("."), "\(command.name)")
            #expect(!command.examples.isEmpty, "\(command.name)")
            let names = (command.allOptions + CommonOptions.all).map(\.name)
            #expect(Set(names).count == names.count, "\(command.name) has an option twice")
            for option in command.allOptions { #expect(option.short == nil) }
            let counts = command.arguments.dropLast().map(\.count)
            #expect(!counts.contains { $0 == .any || $0 == .oneOrMore }, "\(command.name)")
        }
        let names = CommandTable.standard.commands.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test(
        "is kept by its own examples: each parses",
        arguments: CommandTable.standard.commands.map(\.name))
    func examplesParse(name: String) throws {
        let command = try #require(CommandTable.standard.command(named: RawArgument(name)))
        for example in command.examples {
            // The part of a pipeline that is this program's, without redirections.
            let part = try #require(
                example.line.split(separator: "|").last { $0.contains("canifly-store") })
            let words = shellWords(String(part)).drop { $0 != "canifly-store" }.dropFirst()
            let request = try ArgumentParser(.standard).parse(words.map { RawArgument($0) })
            guard case .run(let parsed) = request else { continue }
            #expect(parsed.command.name == command.name, "\(example.line)")
        }
    }

    /// Words as a shell splits them: single quotes, redirections and `||` lists left out.
    private func shellWords(_ line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for character in line + " " {
            switch character {
            case "'": isQuoted.toggle()
            case " " where !isQuoted:
                if !word.isEmpty { words.append(word) }
                word = ""
            default: word.append(character)
            }
        }
        if let redirection = words.firstIndex(where: { $0 == ">" || $0 == "<" }) {
            words.removeSubrange(redirection...)
        }
        return words
    }
}
