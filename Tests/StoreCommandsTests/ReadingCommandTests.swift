import CanIFlyStore
import Foundation
import LosslessJSON
import StoreCommands
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Commands that only read")
struct ReadingCommandTests {
    @Test(
        "change no byte, mode or time of a directory never seen before", arguments: Fixtures.samples
    )
    func changeNothing(sample: String) throws {
        let store = try ScratchStore(sample: sample)
        let before = try store.everything()
        for words in [
            ["status"], ["verify"], ["verify", "--quick"], ["verify", "--deep"], ["list"],
            ["list", "--long"], ["log"], ["lock", "status"],
        ] {
            for json in [[], ["--json"]] {
                let outcome = store.run(words + json)
                #expect(outcome.status == 0, "\(words): \(outcome.output)\(outcome.error)")
                // There is nothing to list: that is said.
                #expect(outcome.error.isEmpty == (words != ["log"]))
                #expect(!outcome.output.contains("\u{1B}"))
            }
        }
        #expect(try store.everything() == before)
    }

    @Test("say that a store is not there, and where it was looked for")
    func noStore() throws {
        var program = TestProgram()
        program.environment = ["HOME": "/nonexistent"]
        for words in [["status"], ["verify"], ["list"], ["get", "a.json"], ["log"]] {
            let outcome = program.run(words)
            #expect(outcome.status == 66)
            #expect(outcome.error.contains("/nonexistent/.config/canifly"))
            #expect(program.run(words + ["--json"]).status == 66)
        }
        program.environment = ["XDG_CONFIG_HOME": "/nonexistent/x", "HOME": "/y"]
        #expect(program.run("status").error.contains("/nonexistent/x/canifly"))
        program.environment["CANIFLY_STORE"] = "/nonexistent/z"
        #expect(program.run("status").error.contains("/nonexistent/z"))
        #expect(program.run("status", "--store", "/nonexistent/o").error.contains("/nonexistent/o"))
        program.environment = [:]
        #expect(program.run("status").status == 78)
        program.environment = ["XDG_CONFIG_HOME": "relative", "HOME": "/nonexistent"]
        #expect(program.run("status").error.contains("/nonexistent/.config/canifly"))
    }

    @Test("refuse a name that is no safe path as invalid data")
    func unsafeNames() throws {
        let store = try ScratchStore(sample: "0.5.0")
        for name in ["../x", "/etc/passwd", "a//b", "a/../b", "", "a\u{1B}b", "a\nb"] {
            let outcome = store.run("get", name)
            #expect(outcome.status == 65, "\(name)")
            #expect(outcome.error.contains("canifly-store: error: the name"))
            #expect(store.run("get", name, "--json").status == 65)
        }
        let raw = store.program.run(words: [RawArgument("get"), RawArgument([0x61, 0xFF])])
        #expect(raw.status == 65)
        #expect(raw.error.contains("a\\xff"))
    }

    @Test("give out a document byte for byte, and a value as it is spelt")
    func get() throws {
        let store = try ScratchStore()
        let text = "{\"n\": 1.10, \"s\": \"a\\u0041\\n\", \"o\": {\"~\": [9007199254740993]}}\n"
        try store.write("a.json", text)
        #expect(store.run("get", "a.json").output == text)
        #expect(store.run("get", "a.json", "/n").output == "1.10\n")
        #expect(store.run("get", "a.json", "/o/~0/0").output == "9007199254740993\n")
        #expect(store.run("get", "a.json", "/s").output == "\"a\\u0041\\n\"\n")
        #expect(store.run("get", "a.json", "/s", "--raw").output == "aA\n\n")
        #expect(store.run("get", "a.json", "/n", "--raw").output == "1.10\n")
        #expect(store.run("get", "a.json", "").output == String(text.dropLast()) + "\n")
        #expect(
            try store.json("get", "a.json", "/n").member(named: "value")?.rawNumber.map {
                Array($0)
            } == Array("1.10".utf8))
        #expect(
            try store.json("get", "a.json").member(named: "bytes")?.integer
                == Int64(text.utf8.count))
        #expect(store.run("get", "a.json", "--quiet").output == text)
    }

    @Test("tell no value, no document, no pointer and no JSON apart")
    func getRefusals() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{\"a\": 1}")
        try store.write("b.json", "{\"a\": ")
        try store.write("c.txt", "text")
        func check(_ words: [String], _ status: Int32, _ code: String) throws {
            #expect(store.run(words).status == status, "\(words)")
            #expect(store.run(words).output.isEmpty)
            let outcome = store.run(words + ["--json"])
            let error = try JSONDocument(outcome.bytes).root.member(named: "error")
            #expect(error?.member(named: "code")?.string == code)
        }
        try check(["get", "a.json", "/b"], 66, "pointer-not-found")
        try check(["get", "a.json", "b"], 64, "pointer-malformed")
        try check(["get", "a.json", "/~2"], 64, "pointer-malformed")
        try check(["get", "nothing.json"], 66, "no-such-document")
        try check(["get", "b.json", "/a"], 65, "json-truncated")
        try check(["get", "c.txt", "/a"], 65, "json-malformed")
        try check(["get", "a.json", "--at", "soon"], 64, "invalid-value")
        #expect(store.run("get", "a.json", "--at", "7").status == 66)
    }

    @Test("spell out on a terminal what could act on it, and leave a pipe its bytes")
    func hostileContents() throws {
        var store = try ScratchStore()
        let text = "\"\u{9B}2J\u{202E}\\u001b[2J\tx\"\n"
        try store.write("a.json", text)
        #expect(store.run("get", "a.json").output == text)
        store.program.terminalColumns = 80
        let shown = store.run("get", "a.json")
        #expect(shown.output == "\"\\u{009b}2J\\u{202e}\\u001b[2J\tx\"\n")
        let raw = store.run("get", "a.json", "", "--raw")
        #expect(!raw.output.unicodeScalars.contains { isHostile($0) && $0 != "\t" })
        let json = store.run("get", "a.json", "--json")
        #expect(json.output.contains("\\u009b2J\\u202e"))
    }

    @Test("list documents with what is known of them")
    func list() throws {
        let store = try ScratchStore(sample: "0.5.0")
        let lines = store.run("list").lines
        #expect(lines.contains { $0.hasPrefix("untracked") && $0.hasSuffix("  accounts.json") })
        #expect(store.run("list", "--names", "plans/*.txt").lines.filter { !$0.isEmpty }.count == 5)
        #expect(store.run("list", "nothing.json", "plans/*").status == 66)
        #expect(store.run("list", "--names", "nothing.json").status == 66)
        #expect(store.run("list", "nothing*").status == 0)
        let entry = store.run("list", "secret.key", "--json").output
        #expect(entry.contains("\"mode\":\"0600\"") && entry.contains("\"secret\":true"))
        #expect(store.run("list", "--json").output.contains("\"document\":\"plans/侦察 101.txt\""))
        #expect(store.run("list", "--long", "secret.key").output.contains("mode 0600"))
        let narrow = store.screen(columns: 40, "list", "plans/*")
        #expect(narrow.allSatisfy { displayWidth($0) <= 40 })
    }

    @Test("tell of a free lock, of a holder, and of one that is gone")
    func lock() throws {
        let store = try ScratchStore(sample: "0.5.0")
        #expect(store.run("lock", "status").output == "free\n")
        let own = ProcessInfo.processInfo.processIdentifier
        try store.write(".lock", "\(own)\nlinux\n2026-11-01T08:00:00-04:00\n")
        let held = try store.json("lock", "status")
        #expect(held.member(named: "held")?.boolean == true)
        #expect(held.member(named: "pid")?.integer == Int64(own))
        #expect(held.member(named: "owner")?.string == "canifly")
        #expect(store.run("lock", "status").output.hasPrefix("held by canifly, process \(own)"))
        try store.write(".lock", "4194000\nlinux\n2026-11-01T08:00:00-04:00\n")
        #expect(try store.json("lock", "status").member(named: "stale")?.boolean == true)
        try store.write(".lock", "")
        #expect(try store.json("lock", "status").member(named: "empty")?.boolean == true)
        #expect(store.run("lock", "status").output.contains("refuses to start"))
    }
}
