import Foundation
import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

@Suite("restore, diff and get --at")
struct HistoryCommandTests {
    @Test("restore brings back one document or all, and says what it did")
    func restore() throws {
        let store = try ScratchStore()
        try store.write("a.json", "1")
        try store.write("b.json", "1")
        #expect(store.run("snapshot").status == 0)
        #expect(store.run("put", "a.json", input: "2").status == 0)
        #expect(store.run("put", "b.json", input: "2").status == 0)
        let one = store.run("restore", "a.json", "--at", "1")
        #expect(one.status == 0 && one.output == "Transaction 4: 1 document restored.\n")
        #expect(try store.read("a.json") == "1")
        #expect(try store.read("b.json") == "2")
        let undone = try store.json("restore", "--before", "4", "--message", "after all")
        #expect(undone.member(named: "transaction")?.integer == 5)
        #expect(undone.member(named: "changes")?.count == 1)
        #expect(try store.read("a.json") == "2")
        #expect(store.run("log", "--limit", "1").output.contains("restore: after all"))
        let dry = try store.json("restore", "--at", "1", "--dry-run")
        #expect(dry.member(named: "dry_run")?.boolean == true)
        #expect(dry.member(named: "changes")?.count == 2)
        #expect(try store.read("b.json") == "2")
        #expect(store.run("restore", "--at", "5").output == "Nothing to change.\n")
    }

    @Test("restore refuses what it cannot know with the right status and a hint")
    func refusals() throws {
        let store = try ScratchStore()
        try store.write("a.json", "1")
        #expect(store.run("init").status == 0)
        try store.write("a.json", "2")
        func check(_ words: [String], _ status: Int32, _ code: String) throws {
            let outcome = store.run(words + ["--json"])
            #expect(outcome.status == status, "\(words)")
            #expect(outcome.output.contains("\"code\":\"\(code)\""), "\(words) \(outcome.output)")
        }
        try check(["restore"], 64, "option-missing")
        try check(["restore", "--at", "1", "--before", "1"], 64, "options-conflict")
        try check(["restore", "--at", "yesterday"], 64, "invalid-value")
        try check(["restore", "--before", "x"], 64, "invalid-value")
        try check(["restore", "--at", "7"], 66, "no-such-transaction")
        try check(["restore", "--at", "1"], 66, "content-not-kept")
        try check(["restore", "never.json", "--at", "1"], 66, "no-such-document")
        try check(["restore", "--at", "2020-01-01T00:00:00Z"], 66, "no-such-transaction")
        try check(["restore", "../x", "--at", "1"], 65, "name-unsafe")
        try check(["get", "a.json", "--at", "1"], 66, "content-not-kept")
        try check(["diff", "--to", "never"], 64, "invalid-value")
        try check(["diff", "never.json"], 66, "no-such-document")
        let own = ProcessInfo.processInfo.processIdentifier
        try store.write(".lock", "\(own)\nlinux\n2026-11-01T08:00:00-04:00\n")
        try check(["restore", "--at", "1", "--lock-wait", "0"], 75, "lock-held")
    }

    @Test("get shows a value as of a transaction, a time, and just before a transaction")
    func getAt() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{\"a\": [1.0]}")
        #expect(store.run("snapshot").status == 0)
        try store.write("a.json", "{\"a\": [2.0]}")
        #expect(store.run("put", "a.json", input: "{\"a\": [3.0]}").status == 0)
        #expect(store.run("get", "a.json", "/a/0", "--at", "1").output == "1.0\n")
        #expect(store.run("get", "a.json", "/a/0", "--before", "2").output == "2.0\n")
        #expect(
            store.run("get", "a.json", "--at", "2999-01-01T00:00:00Z").output == "{\"a\": [3.0]}")
        #expect(store.run("get", "a.json", "/b", "--at", "1").status == 66)
        #expect(store.run("get", "a.json", "--at", "3").status == 66)
        #expect(store.run("get", "b.json", "--at", "1").status == 66)
    }

    @Test("diff shows values and lines, and tells by its status where it is asked to")
    func diff() throws {
        let store = try ScratchStore()
        #expect(store.run("diff").output.hasPrefix("Nothing has been recorded yet"))
        #expect(store.run("diff", "--exit-code").status == 0)
        try store.write("a.json", "{\"a\":1}")
        try store.write("b.txt", "one\ntwo\n")
        #expect(store.run("snapshot").status == 0)
        #expect(store.run("diff", "--exit-code").output == "No differences.\n")
        try store.write("a.json", "{\"a\":\"\\u001b\"}")
        try store.write("b.txt", "one\nt\u{1B}wo\n")
        let outcome = store.run("diff", "--exit-code")
        #expect(outcome.status == 1 && outcome.error.isEmpty)
        #expect(
            outcome.lines == [
                "~ a.json", "    ~ /a", "      was 1", "      is  \"\\u001b\"", "~ b.txt",
                "    2 - two", "    2 + t\\x1bwo", "",
            ])
        #expect(store.run("diff").status == 0)
        let report = try store.json("diff", "b.txt")
        let lines = report.member(named: "documents")?.element(at: 0)?.member(named: "lines")
        #expect(lines?.element(at: 1)?.member(named: "text")?.string == "t\u{1B}wo")
        #expect(lines?.element(at: 1)?.member(named: "line")?.integer == 2)
        #expect(store.run("diff", "--before", "1", "--to", "1").output == "No differences.\n")
        #expect(store.run("diff", "b.txt", "--quiet").output.isEmpty)
        for columns in [40, 80] {
            let screen = store.screen(columns: columns, "diff", "a.json")
            #expect(screen.contains("~ a.json"))
        }
    }

    @Test("diff changes nothing in a directory, recorded or not")
    func readsOnly() throws {
        let store = try ScratchStore(sample: "0.5.0")
        let untouched = try store.everything()
        #expect(store.run("diff").status == 0)
        #expect(try store.everything() == untouched)
        #expect(store.run("snapshot").status == 0)
        try store.write("config.json", "{}")
        let recorded = try store.everything()
        #expect(store.run("diff").status == 0)
        #expect(store.run("get", "config.json", "--at", "1").status == 0)
        #expect(store.run("restore", "--at", "1", "--dry-run").status == 0)
        #expect(try store.everything() == recorded)
    }

    // MARK: Secrets

    /// Every string in secret places of a sample, and of what `replacing` makes of it: the values at
    /// well-known names, all of the session documents, the key.
    private func secrets(in text: String, of document: String) -> Set<String> {
        var found: Set<String> = []
        func collect(_ value: JSONValue, isSecret: Bool) {
            switch value.kind {
            case .object:
                for member in value.members {
                    let key = member.key.string ?? ""
                    let names = ["access_token", "refresh_token", "EVEClientSecret", "session_id"]
                    collect(member.value, isSecret: isSecret || names.contains(key))
                    if isSecret, key.count > 20 { found.insert(key) }
                }
            case .array: for element in value.elements { collect(element, isSecret: isSecret) }
            default:
                // Account names in sessions are in other documents, too.
                if isSecret, let string = value.string, string.count > 5,
                    string.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
                {
                    found.insert(string)
                }
            }
        }
        if let json = try? JSONDocument(Array(text.utf8)) {
            let isSecret = ["sessions.json", "login_states.json"].contains(document)
            collect(json.root, isSecret: isSecret)
        } else if document == "secret.key" {
            found.insert(text)
        }
        return found
    }

    @Test("no secret is in any output of diff, restore or log", arguments: Fixtures.samples)
    func noSecrets(sample: String) throws {
        let store = try ScratchStore(sample: sample)
        let names = try FileManager.default.subpathsOfDirectory(atPath: store.scratch.path)
            .filter { name in
                var isDirectory: ObjCBool = false
                _ = FileManager.default.fileExists(
                    atPath: store.url(name).path, isDirectory: &isDirectory)
                return !isDirectory.boolValue
            }
        #expect(store.run("snapshot").status == 0)
        var secrets: Set<String> = []
        for name in names {
            guard let text = try? store.read(name) else { continue }
            let old = self.secrets(in: text, of: name)
            // Other secrets of the same length in their places; the last character is another one.
            var changed = text
            for secret in old {
                let last: Character = secret.last == "A" ? "B" : "A"
                changed = changed.replacingOccurrences(
                    of: secret, with: String(secret.dropLast()) + String(last))
            }
            secrets.formUnion(old)
            secrets.formUnion(self.secrets(in: changed, of: name))
            try store.write(name, changed)
        }
        #expect(secrets.count >= 4, "\(secrets)")
        var outputs: [TestProgram.Outcome] = []
        func show(_ words: String...) {
            for form in [[], ["--verbose"], ["--json"]] { outputs.append(store.run(words + form)) }
        }
        show("diff")
        #expect(outputs.allSatisfy { $0.status == 0 })
        #expect(outputs[0].output.contains("<secret>"))
        show("diff", "--at", "1")
        show("restore", "--at", "1", "--dry-run")
        // Torn in the middle of everything, and a copy under a name that nobody knows.
        for name in names {
            guard let text = try? store.read(name), !text.isEmpty else { continue }
            try store.write(name + ".old", text)
            try store.write(name, String(text.dropLast(text.count / 3)))
        }
        show("diff")
        show("log")
        show("restore", "--at", "1")
        show("diff", "--before", "2")
        for name in names { try FileManager.default.removeItem(at: store.url(name)) }
        show("diff")
        show("diff", "--before", "2", "--to", "2")
        for (index, outcome) in outputs.enumerated() {
            let text = outcome.output + outcome.error
            let shown = secrets.filter { text.contains($0) }
            #expect(shown.isEmpty, "output \(index) shows \(shown.count)")
        }
    }
}
