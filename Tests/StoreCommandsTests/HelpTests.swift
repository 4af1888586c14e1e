import CanIFlyStore
import StoreCommands
import Testing

@Suite("Help")
struct HelpTests {
    @Test("begins with examples and keeps to the terminal's width", arguments: [40, 80, 200])
    func widths(columns: Int) {
        for command in [nil] + CommandTable.standard.commands.map(\.name) {
            var program = TestProgram()
            program.terminalColumns = columns
            program.environment["NO_COLOR"] = "1"
            let outcome = program.run(["help"] + (command.map { [$0] } ?? []))
            #expect(outcome.status == 0)
            let lines = outcome.lines
            let first = lines.firstIndex { !$0.hasPrefix(" ") && $0 == "Examples" }
            #expect(first == lines.firstIndex(of: "")! + 1, "\(command ?? "overview")")
            for line in lines where !isCommandLine(line) {
                #expect(displayWidth(line) <= columns, "\(command ?? "overview"): \(line)")
                #expect(!line.hasSuffix(" "))
            }
        }
    }

    /// Command lines are never broken, so that they can be copied.
    private func isCommandLine(_ line: String) -> Bool {
        line.hasPrefix("  ") && !line.hasPrefix("   ") && line.contains("canifly-store")
    }

    @Test(
        "is the same by --help and by help", arguments: CommandTable.standard.commands.map(\.name))
    func sameByOption(name: String) {
        let byCommand = TestProgram().run("help", name)
        let byOption = TestProgram().run(name.split(separator: " ").map(String.init) + ["--help"])
        #expect(byCommand.output == byOption.output)
        #expect(byOption.status == 0)
    }

    @Test("about the first word of several commands is about each of them")
    func group() {
        let output = TestProgram().run("help", "lock").output
        for name in CommandTable.standard.subcommands(of: RawArgument("lock")) {
            #expect(output.contains("canifly-store lock \(name): "))
        }
        #expect(TestProgram().run("lock", "--help").output == output)
    }

    @Test("about what does not exist names what is near")
    func unknown() {
        let outcome = TestProgram().run("help", "verfy")
        #expect(outcome.status == 64)
        #expect(outcome.error.contains("did you mean 'verify'?"))
    }

    @Test("as JSON lists commands and options")
    func json() {
        let outcome = TestProgram().run("help", "verify", "--json")
        #expect(outcome.output.contains("\"name\":\"verify\""))
        #expect(outcome.output.contains("\"name\":\"--deep\""))
    }
}

@Suite("Explanations")
struct ExplanationTests {
    @Test("exist for every code, and name commands that exist", arguments: FindingCode.allCases)
    func complete(code: FindingCode) {
        let explanation = explanation(of: code)
        #expect(explanation.meaning.hasSuffix("."))
        #expect(explanation.consequence.hasSuffix("."))
        #expect(!explanation.steps.isEmpty)
        let outcome = TestProgram().run("explain", code.rawValue)
        #expect(outcome.status == 0)
        #expect(outcome.lines.first == code.rawValue)
        // Something to do is left, whichever commands there are.
        #expect(!outcome.output.hasSuffix("What to do\n"))
        for line in outcome.lines where line.contains("  canifly-store ") {
            let command = line.drop { $0 == " " }.dropFirst("canifly-store ".count)
            #expect(CommandTable.standard.command(inLine: String(command)) != nil, "\(line)")
        }
    }

    @Test("are listed, and one that does not exist is refused with the nearest")
    func listAndRefusal() {
        let list = TestProgram().run("explain").output
        for code in FindingCode.allCases { #expect(list.contains(code.rawValue + "\n")) }
        let outcome = TestProgram().run("explain", "digest-mismach")
        #expect(outcome.status == 64)
        #expect(outcome.error.contains("did you mean 'digest-mismatch'?"))
    }
}
