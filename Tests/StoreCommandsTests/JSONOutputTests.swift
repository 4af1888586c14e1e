import Foundation
import StoreCommands
import Testing

/// Every `--json` output of every test is held to its schema where the program is run
/// (`OutputSchemas.hold`). Here each command is made to end in each way it can.
@Suite("The JSON of every command")
struct JSONOutputTests {
    static let commands = CommandTable.standard.commands

    private func check(_ scenario: JSONScenario, _ change: (inout ScratchStore) -> Void = { _ in })
        throws
    {
        var store = try ScratchStore(sample: "0.5.0")
        try scenario.prepare(store)
        change(&store)
        let isAskedFor = scenario.words.contains("--json")
        let outcome = store.run(
            scenario.words + (isAskedFor ? [] : ["--json"]), input: scenario.input)
        #expect(outcome.status == scenario.status, "\(scenario.words): \(outcome.error)")
        let isEmptyByNature =
            scenario.status == 0 && ["list", "log", "lock"].contains(scenario.words[0])
        #expect(isEmptyByNature || !outcome.bytes.isEmpty, "\(scenario.words) says nothing")
        #expect(!outcome.bytes.contains(0x1B))
    }

    @Test("fits its schema whatever the arguments and documents", arguments: commands.map(\.name))
    func particular(name: String) throws {
        for scenario in try #require(JSONScenario.particular[name], "no scenario for \(name)") {
            try check(scenario)
        }
    }

    @Test(
        "is text without an escape byte on a pipe where none is asked for",
        arguments: commands.map(\.name))
    func text(name: String) throws {
        for scenario in JSONScenario.particular[name, default: []] {
            let store = try ScratchStore(sample: "0.5.0")
            try scenario.prepare(store)
            let words = scenario.words.filter { $0 != "--json" }
            let outcome = store.run(words, input: scenario.input)
            #expect(outcome.status == scenario.status)
            #expect(!outcome.bytes.contains(0x1B) && !outcome.error.utf8.contains(0x1B))
            #expect(!outcome.error.utf8.contains(0x0D), "\(words) shows progress on a pipe")
        }
    }

    @Test("is tried for success and every exit status that the command's help names")
    func complete() {
        for command in Self.commands {
            let tried = Set(JSONScenario.particular[command.name, default: []].map(\.status))
            // A lock that is held is tried with every command.
            let general: Set<Int32> =
                command.effect == .writes || command.effect == .locks ? [75] : []
            let named = Set(command.exitStatuses.map(\.status.code) + [0])
            #expect(
                named.subtracting(tried).subtracting(general).isEmpty,
                "\(command.name) is not tried for \(named.subtracting(tried).sorted())")
        }
    }

    @Test("fits its schema whatever goes wrong around it", arguments: commands.map(\.name))
    func general(name: String) throws {
        let command = try #require(CommandTable.standard.commands.first { $0.name == name })
        let first = try #require(JSONScenario.particular[name]?.first)
        func scenario(_ status: Int32, _ more: String...) -> JSONScenario {
            var words = first.words
            words.insert(contentsOf: more, at: words.firstIndex(of: "--") ?? words.count)
            return JSONScenario(words, status, input: first.input, prepare: first.prepare)
        }
        try check(scenario(64, "--no-such-option"))
        try check(scenario(78)) { $0.program.environment["CANIFLY_STORE_NOW"] = "noon" }
        if command.effect != .none {
            try check(scenario(66, "--store", "/nonexistent/store"))
            try check(scenario(78)) {
                $0.program.environment["CANIFLY_STORE"] = nil
                $0.program.environment["HOME"] = nil
            }
        }
        if command.effect == .writes || name == "lock run" {
            var locked = scenario(75, "--lock-wait", "0")
            let prepare = locked.prepare
            locked.prepare = {
                try prepare($0)
                try JSONScenario.lockByTheApplication($0)
            }
            try check(locked)
            try check(scenario(130)) { $0.program.pendingSignal = 2 }
        }
    }
}
