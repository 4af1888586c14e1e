import CanIFlyStore
import Foundation
import LosslessJSON
import StoreCodecs
import StoreCommands
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Commands that write")
struct WritingCommandTests {
    /// Once it was accepted, as the application never reads that one back.
    @Test(
        "what is no JSON is refused also where the application could live with it",
        arguments: ["{} x", "{", "", "{\"a\": 1, \"a\": 2}"])
    func brokenButBearable(text: String) throws {
        let store = try ScratchStore(sample: "0.0.58")
        let outcome = store.run("put", "appstate_snapshot.json", input: text)
        #expect(outcome.status == 65, "\(outcome.error)")
    }

    private func digest(_ text: String) -> String { Digest.of(Array(text.utf8)).hexadecimal }

    @Test("put writes from a file or the standard input, byte for byte, as one transaction")
    func put() throws {
        let store = try ScratchStore()
        let text = "{\"a\": 1.10}\n"
        let outcome = store.run("put", "a.json", input: text)
        #expect(outcome.status == 0)
        #expect(outcome.output == "Transaction 1: 1 document written.\n")
        #expect(try store.read("a.json") == text)
        try store.write("outside", "new text")
        let report = try store.json("put", "b.txt", store.url("outside").path)
        #expect(report.member(named: "transaction")?.integer == 2)
        let change = report.member(named: "changes")?.element(at: 0)
        #expect(change?.member(named: "document")?.string == "b.txt")
        #expect(change?.member(named: "before")?.isNull == true)
        #expect(change?.member(named: "after")?.string == digest("new text"))
        #expect(try store.read("b.txt") == "new text")
        #expect(store.run("put", "c.txt", "-", input: "x").status == 0)
        #expect(try store.read("c.txt") == "x")
    }

    @Test("put of what is there already changes nothing and makes no transaction")
    func putSame() throws {
        let store = try ScratchStore()
        #expect(store.run("put", "a.json", input: "{}").status == 0)
        let again = store.run("put", "a.json", input: "{}")
        #expect(again.status == 0)
        #expect(again.output == "Nothing to change.\n")
        #expect(
            try store.json("put", "a.json", input: "{}").member(named: "transaction")?.isNull
                == true)
    }

    @Test("put refuses what is no sound JSON, and touches nothing")
    func putRefusals() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{}")
        for (text, code) in [
            ("{", "json-truncated"), ("{} x", "json-trailing"),
            ("{\"a\":1,\"a\":2}", "json-duplicate-key"),
            ("", "empty"), ("nux", "json-malformed"),
            (
                String(repeating: "[", count: 600) + String(repeating: "]", count: 600),
                "json-too-deep"
            ),
        ] {
            let outcome = store.run("put", "a.json", "--json", input: text)
            #expect(outcome.status == 65, "\(code)")
            #expect(outcome.output.contains("\"code\":\"\(code)\""), "\(outcome.output)")
            #expect(try store.read("a.json") == "{}")
        }
        #expect(store.run("put", "a.json", "/nonexistent").status == 66)
        #expect(store.run("put", "a.json", "/").status == 66)
        #expect(store.run("put", "../a.json", input: "{}").status == 65)
        #expect(store.run("put", "a.json.tmp", input: "{}").status == 65)
    }

    @Test("put --if-match looks before it writes")
    func ifMatch() throws {
        let store = try ScratchStore()
        #expect(store.run("put", "a.json", "--if-match", "absent", input: "{}").status == 0)
        #expect(store.run("put", "a.json", "--if-match", "absent", input: "[]").status == 75)
        #expect(
            store.run("put", "a.json", "--if-match", digest("[]"), "--json", input: "[]").status
                == 75)
        #expect(
            store.run("put", "a.json", "--if-match=\(digest("{}").uppercased())", input: "[]")
                .status == 0)
        #expect(store.run("put", "a.json", "--if-match", "abc", input: "[]").status == 64)
        #expect(try store.read("a.json") == "[]")
    }

    @Test(
        "put --mode gives the mode; without it a new document is private and an old one keeps its own"
    )
    func mode() throws {
        let store = try ScratchStore()
        func mode(_ name: String) throws -> Int {
            try FileManager.default.attributesOfItem(atPath: store.url(name).path)[
                .posixPermissions] as! Int
        }
        #expect(store.run("put", "a.json", input: "{}").status == 0)
        #expect(try mode("a.json") == 0o600)
        #expect(store.run("put", "a.json", "--mode", "0640", input: "[]").status == 0)
        #expect(store.run("put", "a.json", input: "[1]").status == 0)
        #expect(try mode("a.json") == 0o640)
        for mode in ["", "8", "rw", "00644", "-1"] {
            #expect(
                store.run("put", "a.json", "--mode=\(mode)", input: "{}").status == 64, "\(mode)")
        }
    }

    @Test("--dry-run tells what would be and changes nothing")
    func dryRun() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{}")
        let before = try store.everything()
        for words in [["put", "b.json"], ["delete", "a.json"], ["init"], ["snapshot"]] {
            let outcome = store.run(words + ["--dry-run"], input: "{}")
            #expect(outcome.status == 0, "\(words) \(outcome.error)")
            #expect(outcome.output.contains("nothing has been written"), "\(outcome.output)")
        }
        let report = try store.json("delete", "a.json", "--dry-run")
        #expect(report.member(named: "dry_run")?.boolean == true)
        #expect(report.member(named: "transaction")?.isNull == true)
        #expect(report.member(named: "changes")?.count == 1)
        let line = "{\"op\":\"delete\",\"document\":\"a.json\"}"
        #expect(store.run("apply", "--dry-run", input: line).status == 0)
        #expect(try store.everything() == before)
    }

    @Test("delete removes all or none, and what it removed can still be had")
    func delete() throws {
        let store = try ScratchStore()
        #expect(store.run("put", "a.json", input: "{}").status == 0)
        #expect(store.run("put", "b.json", input: "[]").status == 0)
        #expect(store.run("delete", "a.json", "c.json").status == 66)
        #expect(try store.read("a.json") == "{}")
        #expect(store.run("delete", "a.json", "b.json", "--message", "old").status == 0)
        #expect(!FileManager.default.fileExists(atPath: store.url("a.json").path))
        #expect(store.run("get", "a.json").status == 66)
        #expect(store.run("get", "a.json", "--at", "2").output == "{}")
        let log = store.run("log", "--json").lines.dropLast().map { line in
            try? JSONDocument(Array(line.utf8)).root
        }
        #expect(log.count == 3)
        #expect(log[0]?.member(named: "command")?.string == "delete")
        #expect(log[0]?.member(named: "message")?.string == "old")
        #expect(log[0]?.member(named: "changes")?.count == 2)
        #expect(store.run("log", "b.json", "--limit", "1").output.contains("delete: old"))
        #expect(store.run("log", "--limit", "0").status == 64)
    }

    @Test("log shows the newest first, its numbers in a column that completions read")
    func log() throws {
        let store = try ScratchStore()
        for number in 1...11 {
            #expect(store.run("put", "a.json", input: "[\(number)]").status == 0)
        }
        let numbers = store.run("log").lines.filter { !$0.hasPrefix("   ") && !$0.isEmpty }
            .map { String($0.drop { $0 == " " }.prefix { $0 != " " }) }
        #expect(numbers == (1...11).reversed().map(String.init))
        for columns in [40, 80] {
            #expect(
                store.screen(columns: columns, "log").allSatisfy { displayWidth($0) <= columns })
        }
        #expect(store.run("log", "--verbose").output.contains("      is  \(digest("[11]"))"))
    }

    @Test("--quiet says nothing on success and all on failure")
    func quiet() throws {
        let store = try ScratchStore()
        for words in [
            ["init"], ["put", "a.json"], ["snapshot"], ["status"], ["verify"],
            ["delete", "a.json"],
        ] {
            let outcome = store.run(words + ["--quiet"], input: "{}")
            #expect(outcome.status == 0)
            #expect(outcome.output.isEmpty && outcome.error.isEmpty, "\(words)")
        }
        #expect(!store.run("delete", "a.json", "-q").error.isEmpty)
        #expect(!store.run("put", "a.json", "-q", "--json", input: "{}").output.isEmpty)
    }

    @Test("a busy store is told from others, with who holds it and since when")
    func busy() throws {
        let store = try ScratchStore(sample: "0.5.0")
        let own = ProcessInfo.processInfo.processIdentifier
        try store.write(".lock", "\(own)\nlinux\n2026-11-01T08:00:00-04:00\n")
        let outcome = store.run("put", "config.json", "--lock-wait", "0", input: "{}")
        #expect(outcome.status == 75)
        #expect(outcome.error.contains("process \(own)"))
        #expect(outcome.error.contains("2026-11-01T12:00:00Z"))
        let json = store.run("put", "config.json", "--lock-wait", "0.01", "--json", input: "{}")
        #expect(json.output.contains("\"code\":\"lock-held\""))
    }

    @Test("a signal that has come ends a command before it writes")
    func signal() throws {
        var store = try ScratchStore()
        store.program.pendingSignal = 15
        let outcome = store.run("put", "a.json", "--json", input: "{}")
        #expect(outcome.status == 143)
        #expect(outcome.error.contains("ended by signal 15"))
        #expect(!FileManager.default.fileExists(atPath: store.url("a.json").path))
    }

    @Test("init takes a profile by its name, and refuses one that is not there")
    func initialize() throws {
        let store = try ScratchStore(sample: "0.5.0")
        let outcome = store.run("init")
        #expect(outcome.output.hasPrefix("Transaction 1: 15 documents recorded.\n"))
        #expect(store.run("verify").output.hasPrefix("No errors, no warnings"))
        #expect(store.run("list").lines.dropLast().allSatisfy { $0.hasPrefix("recorded") })
        #expect(store.run("init", "--profile", "generic").status == 0)
        #expect(try store.json("status").member(named: "profile")?.string == "generic")
        #expect(store.run("init", "--profile", "nope").status == 64)
        #expect(store.run("init", "--profile", "/nonexistent.json").status == 66)
    }

    @Test("snapshot makes what the application wrote restorable")
    func snapshot() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{}")
        #expect(store.run("snapshot", "--message", "first").status == 0)
        try store.write("a.json", "[1,2]")
        #expect(store.run("list").output.hasPrefix("changed"))
        #expect(store.run("get", "a.json", "--at", "1").output == "{}")
    }
}
