import Foundation
import StoreCodecs
import StoreCommands
import StoreTestSupport
import Testing

@Suite("apply")
struct ApplyTests {
    private func digest(_ text: String) -> String { Digest.of(Array(text.utf8)).hexadecimal }

    @Test("carries out every kind of operation, in order, as one transaction")
    func everyOperation() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{\"n\": 1.10, \"x\": null}")
        try store.write("old.txt", "old")
        let lines = """
            {"op": "test", "document": "a.json", "sha256": "\(digest("{\"n\": 1.10, \"x\": null}"))"}
            {"op": "test", "document": "new.json", "absent": true}

            {"op": "put", "document": "new.json", "json": {"k" : 1.50}}
            {"op": "put", "document": "t.txt", "text": "Zeile\\n", "mode": "0640"}
            {"op": "put", "document": "b.bin", "base64": "AAEC/w=="}
            {"op": "patch", "document": "a.json", "patch": [{"op": "add", "path": "/b", "value": 2}]}
            {"op": "merge", "document": "a.json", "merge": {"x": 3}}
            \t
            {"op": "delete", "document": "old.txt"}
            """
        let report = try store.json("apply", "--message", "all", input: lines)
        #expect(report.member(named: "transaction")?.integer == 1)
        #expect(report.member(named: "changes")?.count == 5)
        #expect(try store.read("new.json") == "{\"k\" : 1.50}")
        #expect(try store.read("t.txt") == "Zeile\n")
        #expect(try Data(contentsOf: store.url("b.bin")) == Data([0, 1, 2, 255]))
        #expect(!FileManager.default.fileExists(atPath: store.url("old.txt").path))
        let patched = store.run("get", "a.json").output
        #expect(patched.contains("\"n\": 1.10"))
        #expect(store.run("get", "a.json", "/b").output == "2\n")
        #expect(store.run("get", "a.json", "/x").output == "3\n")
    }

    @Test(
        "refuses a line that is no operation, names it, and does nothing",
        arguments: [
            ("{", "json-truncated"), ("[]", "operation-malformed"), ("nonsense", "json-malformed"),
            ("{}", "operation-malformed"), ("{\"op\": 1}", "operation-malformed"),
            ("{\"op\": \"putt\", \"document\": \"a\"}", "operation-malformed"),
            ("{\"op\": \"put\", \"document\": \"a.txt\"}", "operation-malformed"),
            (
                "{\"op\": \"put\", \"document\": \"a.txt\", \"text\": \"\", \"json\": 1}",
                "operation-malformed"
            ),
            (
                "{\"op\": \"put\", \"document\": \"a.txt\", \"text\": \"x\", \"mod\": \"0600\"}",
                "operation-malformed"
            ),
            (
                "{\"op\": \"put\", \"document\": \"a.txt\", \"text\": \"x\", \"mode\": 384}",
                "operation-malformed"
            ),
            (
                "{\"op\": \"put\", \"document\": \"a.txt\", \"base64\": \"AA\"}",
                "operation-malformed"
            ),
            ("{\"op\": \"put\", \"document\": \"../a\", \"text\": \"x\"}", "name-unsafe"),
            ("{\"op\": \"put\", \"document\": 1, \"text\": \"x\"}", "operation-malformed"),
            ("{\"op\": \"patch\", \"document\": \"a.json\", \"patch\": {}}", "operation-malformed"),
            ("{\"op\": \"test\", \"document\": \"a.json\"}", "operation-malformed"),
            (
                "{\"op\": \"test\", \"document\": \"a.json\", \"absent\": false}",
                "operation-malformed"
            ),
            (
                "{\"op\": \"test\", \"document\": \"a.json\", \"sha256\": \"12\"}",
                "operation-malformed"
            ),
            (
                "{\"op\": \"delete\", \"document\": \"a.json\", \"document\": \"b.json\"}",
                "json-duplicate-key"
            ),
        ])
    func malformedLines(line: String, code: String) throws {
        let store = try ScratchStore()
        let input = "{\"op\":\"put\",\"document\":\"first.txt\",\"text\":\"x\"}\n\n\(line)\n"
        let outcome = store.run("apply", "--json", input: input)
        #expect(outcome.status == 65)
        #expect(
            outcome.output.contains("\"code\":\"\(code)\",\"message\":\"line 3: "),
            "\(outcome.output)")
        #expect(outcome.error.contains("error: line 3: "))
        #expect(!FileManager.default.fileExists(atPath: store.url("first.txt").path))
    }

    @Test("does nothing at all where one operation cannot be done")
    func allOrNothing() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{}")
        let first = "{\"op\":\"put\",\"document\":\"b.json\",\"json\":1}\n"
        for (line, status) in [
            ("{\"op\":\"delete\",\"document\":\"nothing\"}", Int32(66)),
            ("{\"op\":\"test\",\"document\":\"a.json\",\"absent\":true}", 75),
            ("{\"op\":\"put\",\"document\":\"c.json\",\"text\":\"{\"}", 65),
            (
                "{\"op\":\"patch\",\"document\":\"a.json\",\"patch\":[{\"op\":\"remove\",\"path\":\"/x\"}]}",
                66
            ),
        ] {
            let outcome = store.run("apply", "--json", input: first + line)
            #expect(outcome.status == status, "\(line): \(outcome.output)")
            #expect(outcome.error.contains("line 2"))
            #expect(!FileManager.default.fileExists(atPath: store.url("b.json").path))
        }
    }

    @Test("seals and packs what a put asks to")
    func sealing() throws {
        let store = try ScratchStore()
        let line =
            #"{"op":"put","document":"s.json","json":{"a":1},"seal":true,"schema_version":3,"pack":true}"#
        #expect(store.run("apply", input: line).status == 0)
        #expect(FileManager.default.fileExists(atPath: store.url("s.json.gz").path))
        #expect(store.run("get", "s.json", "/version").output == "3\n")
        #expect(store.run("get", "s.json", "--unsealed").output.contains("{\"a\":1}"))
        let alone = #"{"op":"put","document":"t.json","json":{},"schema_version":3}"#
        #expect(store.run("apply", input: alone).status == 65)
    }

    @Test("of nothing is no transaction")
    func nothing() throws {
        let store = try ScratchStore()
        #expect(store.run("apply", input: "\n\n").output == "Nothing to change.\n")
        #expect(store.run("apply", "/nonexistent").status == 66)
    }
}
