import CanIFlyStore
import StoreCommands
import StoreFiles
import Testing

@Suite("The program")
struct ProgramTests {
    @Test("prints its version and nothing else")
    func version() {
        for words in [["--version"], ["status", "--version"], ["--version", "--quiet"]] {
            let outcome = TestProgram().run(words)
            #expect(outcome.output == "canifly-store 0.1.0\n")
            #expect(outcome.error.isEmpty)
            #expect(outcome.status == 0)
        }
    }

    @Test("says in one voice what is wrong and what to do")
    func voice() {
        let outcome = TestProgram().run("stauts")
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(
            outcome.error == """
                canifly-store: error: unknown command 'stauts'
                canifly-store: hint: did you mean 'status'? 'canifly-store help' lists the commands

                """)
    }

    @Test(
        "answers a wrong command line with one JSON object where --json is anywhere in it",
        arguments: [
            ["--json", "stauts"], ["stauts", "--json"], ["--json"], ["help", "--nope", "--json"],
        ])
    func jsonUsage(words: [String]) {
        let outcome = TestProgram().run(words)
        #expect(outcome.status == 64)
        #expect(outcome.lines.count == 2 && outcome.lines[1].isEmpty)
        #expect(
            outcome.output.hasPrefix(
                "{\"schema\":\"canifly-store/1\",\"command\":null,\"ok\":false,"))
        #expect(outcome.output.contains("\"exit\":64,\"error\":{\"code\":\""))
    }

    @Test("does not take a --json after -- for its own")
    func jsonAfterTerminator() {
        #expect(TestProgram().run("help", "--", "--json").output.isEmpty)
    }

    @Test("tells a full disk under its standard output from a reader that went away")
    func outputFailures() {
        var full = TestProgram()
        full.outputFailure = .noSpace
        let failed = full.run("help")
        #expect(failed.status == 74)
        #expect(failed.error.contains("the standard output cannot be written: no space left"))
        var gone = TestProgram()
        gone.outputFailure = .brokenPipe
        let ended = gone.run("help")
        #expect(ended.status == 128 + 13)
        #expect(ended.error.isEmpty)
    }

    @Test("keeps the exit status of an error whose message could not be written either")
    func failureOnFullDisk() {
        var full = TestProgram()
        full.outputFailure = .noSpace
        #expect(full.run("--json", "stauts").status == 64)
    }

    @Test("is coloured on a terminal, unless something speaks against it")
    func colourRules() {
        func isColored(_ words: [String], _ environment: [String: String], _ columns: Int?) -> Bool
        {
            var program = TestProgram()
            program.environment = environment
            program.terminalColumns = columns
            return program.run(["help"] + words).output.contains("\u{1B}")
        }
        #expect(isColored([], [:], 80))
        #expect(!isColored([], [:], nil))
        #expect(!isColored([], ["NO_COLOR": "1"], 80))
        #expect(isColored([], ["NO_COLOR": ""], 80))
        #expect(!isColored([], ["TERM": "dumb"], 80))
        #expect(!isColored(["--color", "never"], [:], 80))
        #expect(isColored(["--color", "always"], ["NO_COLOR": "1", "TERM": "dumb"], nil))
        #expect(isColored(["--color", "auto"], [:], 80))
    }

    @Test("refuses a clock that is no time, and says which variable it is")
    func wrongClock() {
        var program = TestProgram()
        program.environment["CANIFLY_STORE_NOW"] = "yesterday"
        let outcome = program.run("help")
        #expect(outcome.status == 78)
        #expect(outcome.error.contains("$CANIFLY_STORE_NOW 'yesterday' is no time"))
    }

    @Test(
        "cannot have its terminal taken over by what it is given",
        arguments: ["\u{1B}[2J", "a\u{202E}b", "x\r\ny", "\u{9B}31m", "\u{7}", "a\u{2028}b"])
    func hostileWords(word: String) {
        for words in [
            [word], ["help", word], ["explain", word], ["--\(word)"], ["help", "--color", word],
        ] {
            var program = TestProgram()
            program.terminalColumns = 80
            program.environment["NO_COLOR"] = "1"
            for json in [[], ["--json"]] {
                let outcome = program.run(words + json)
                #expect(outcome.status == 64)
                for stream in [outcome.output, outcome.error] {
                    #expect(!stream.unicodeScalars.contains { isHostile($0) })
                }
            }
        }
    }

    @Test("gives every kind of error its exit status")
    func statuses() {
        func status(_ kind: StoreError.Kind, signal: Int32? = nil) -> Int32 {
            StoreCommands.ExitStatus(StoreError(kind, code: "x", "x", signal: signal)).code
        }
        #expect(status(.usage) == 64)
        #expect(status(.invalidData) == 65)
        #expect(status(.notFound) == 66)
        #expect(status(.internalError) == 70)
        #expect(status(.cannotCreate) == 73)
        #expect(status(.inputOutput) == 74)
        #expect(status(.busy) == 75)
        #expect(status(.conflict) == 75)
        #expect(status(.permission) == 77)
        #expect(status(.configuration) == 78)
        #expect(status(.interrupted, signal: 15) == 143)
    }
}

/// A character that acts on a terminal; line ends between lines are no such thing.
func isHostile(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069,
        0x061C:
        true
    default: false
    }
}
