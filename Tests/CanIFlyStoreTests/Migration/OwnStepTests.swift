import CanIFlyStore
import Foundation
import LosslessJSON
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

/// Steps that somebody wrote.
@Suite struct OwnStepTests {
    static func store(_ documents: [String: String] = ["a.json": #"{"n": 1}"#]) throws
        -> MigrationStore
    {
        let store = try MigrationStore(documents)
        _ = try store.store.initialize(
            profile: .named("generic"), WriteOptions(command: "init"))
        return store
    }

    @Test("each operation does what it says, in order, and the way back undoes it")
    func everyOperation() throws {
        let store = try Self.store([
            "a.json": "{\n  \"n\": 12345678901234567890,\n  \"name\": \"x\"\n}\n",
            "notes/1.json": #"{"t": 1}"#, "notes/2.json": #"{"t": 2}"#, "notes/2.txt": "text",
            "old.txt": "old",
        ])
        try store.writeStep(
            "0001-notes.json",
            """
            {"description": "notes get a kind",
             "operations": [
               {"op": "require", "document": "notes/*.json", "schema": {"required": ["t"]}},
               {"op": "rename", "from": "a.json", "to": "settings.json"},
               {"op": "patch", "document": "settings.json",
                "patch": [{"op": "add", "path": "/kind", "value": "s"}]},
               {"op": "merge", "document": "notes/*.json", "merge": {"kind": "note"}},
               {"op": "copy", "from": "old.txt", "to": "copy.txt"},
               {"op": "delete", "document": "old.txt"},
               {"op": "run", "document": "copy.txt", "command": ["tr", "a-z", "A-Z"]}],
             "back": [
               {"op": "run", "document": "copy.txt", "command": ["/usr/bin/tr", "A-Z", "a-z"]},
               {"op": "rename", "from": "copy.txt", "to": "old.txt"},
               {"op": "merge", "document": "notes/*.json", "merge": {"kind": null}},
               {"op": "patch", "document": "settings.json",
                "patch": [{"op": "remove", "path": "/kind"}]},
               {"op": "rename", "from": "settings.json", "to": "a.json"}]}
            """)
        let before = try store.everything()
        let report = try store.migrate()
        #expect(report.from == 0 && report.to == 1)
        #expect(
            store.text("settings.json")
                == "{\n  \"n\": 12345678901234567890,\n  \"name\": \"x\",\n  \"kind\": \"s\"\n}\n")
        #expect(store.text("notes/1.json") == #"{"t": 1, "kind": "note"}"#)
        #expect(store.text("notes/2.txt") == "text")
        #expect(store.text("copy.txt") == "OLD")
        #expect(store.read("a.json") == nil && store.read("old.txt") == nil)
        #expect(try store.layout == 1)
        try store.migrate(to: 0)
        #expect(try store.everything() == before)
        #expect(try store.layout == 0)
    }

    @Test("several steps are one transaction, and each is recorded with its digest")
    func recorded() throws {
        let store = try Self.store()
        let texts = (1...3).map {
            #"[{"op": "patch", "document": "a.json", "patch": [{"op": "replace", "path": "/n", "value": \#($0 + 1)}]}]"#
        }
        for (index, text) in texts.enumerated() {
            try store.writeStep("000\(index + 1)-count.json", text)
        }
        let report = try store.migrate()
        #expect(report.write.transaction == 2)
        #expect(store.text("a.json") == #"{"n": 4}"#)
        let record = try store.json(".canifly-store/layout.json")
        #expect(try record.at("/layout").integer == 3)
        for (index, text) in texts.enumerated() {
            #expect(
                try record.at("/steps/\(index)/sha256").string
                    == Digest.of(Array(text.utf8)).hexadecimal)
        }
        let again = try store.migrate()
        #expect(again.write.transaction == nil)
        #expect(try store.isSound())
    }

    @Test("a step that fails at the last document changes nothing")
    func failsAtTheLast() throws {
        var documents: [String: String] = [:]
        for number in 1...9 { documents["d\(number).json"] = #"{"n": 1}"# }
        documents["d9.json"] = #"{"m": 1}"#
        let store = try Self.store(documents)
        try store.writeStep(
            "0001-x.json",
            """
            [{"op": "delete", "document": "d1.json"},
             {"op": "patch", "document": "d*.json",
              "patch": [{"op": "replace", "path": "/n", "value": 2}]}]
            """)
        let error = try store.refusal { try store.migrate() }
        #expect(error.document?.text == "d9.json")
        #expect(error.message.hasPrefix("step 0001-x.json, operation 2: "))
        #expect(try store.layout == nil || store.layout == 0)
    }

    @Test("a result that does not fit the new layout is refused", arguments: ["no json", "[1,]"])
    func resultDoesNotFit(_ text: String) throws {
        let store = try Self.store()
        try store.writeStep(
            "0001-x.json",
            #"[{"op": "run", "document": "a.json", "command": ["printf", "%s", "\#(text)"]}]"#)
        let error = try store.refusal { try store.migrate() }
        #expect(error.kind == .invalidData)
    }

    @Test("a profile's own layouts hold own steps to their schemas")
    func ownProfile() throws {
        let store = try MigrationStore(["notes.json": #"{"version": 1}"#])
        let profile = """
            {"profile": "notes", "layouts": [
              {"layout": 1, "recognised_by": "notes.json",
               "documents": [{"path": "notes.json", "kind": "json"}]},
              {"layout": 2, "recognised_by": "book.json",
               "documents": [{"path": "book.json", "kind": "json", "mode": "0640",
                              "schema": {"type": "object", "required": ["title"]}}]}]}
            """
        _ = try store.store.initialize(
            profile: .file(Array(profile.utf8)), WriteOptions(command: "init"))
        try store.writeStep(
            "0002-book.json", #"[{"op": "rename", "from": "notes.json", "to": "book.json"}]"#)
        let error = try store.refusal { try store.migrate() }
        #expect(error.kind == .invalidData && error.message.contains("layout 2"))
        try store.writeStep(
            "0002-book.json",
            """
            {"operations": [{"op": "rename", "from": "notes.json", "to": "book.json"},
                            {"op": "merge", "document": "book.json", "merge": {"title": ""}}],
             "back": [{"op": "merge", "document": "book.json", "merge": {"title": null}},
                      {"op": "rename", "from": "book.json", "to": "notes.json"}]}
            """)
        try store.migrate()
        #expect(try store.layout == 2)
        try store.migrate(to: 1)
        #expect(store.text("notes.json") == #"{"version": 1}"#)
    }

    // MARK: Refused

    @Test("a step that was edited after it was applied is refused, with both digests")
    func editedStep() throws {
        let store = try Self.store()
        let step = #"[{"op": "merge", "document": "a.json", "merge": {"x": 1}}]"#
        try store.writeStep("0001-x.json", step)
        try store.migrate()
        let edited = step + "\n"
        try store.writeStep("0001-x.json", edited)
        try store.writeStep("0002-y.json", step)
        let error = try store.refusal { try store.migrate() }
        #expect(error.kind == .configuration && error.code == "step-edited")
        for text in [step, edited] {
            #expect(error.message.contains(Digest.of(Array(text.utf8)).hexadecimal))
        }
        #expect(error.message.contains("0001-x.json"))
    }

    @Test(
        "steps with a gap are refused, and so are two of one number",
        arguments: [
            (["0001-a.json", "0003-c.json"], "step-missing"),
            (["0002-b.json"], "step-missing"), (["0001-a.json", "0001-b.json"], "step-twice"),
            (["0001-a.json", "12-c.json"], "step-name"), (["0000-a.json"], "step-name"),
        ])
    func gap(_ names: [String], _ code: String) throws {
        let store = try Self.store()
        for name in names {
            try store.writeStep(name, #"[{"op": "merge", "document": "a.json", "merge": {}}]"#)
        }
        let error = try store.refusal { try store.migrate() }
        #expect(error.kind == .configuration && error.code == code, "\(error)")
    }

    @Test(
        "a store that is newer than every known step is refused, and so is one whose step is gone")
    func newerStore() throws {
        let store = try Self.store()
        let step = #"[{"op": "merge", "document": "a.json", "merge": {"x": 1}}]"#
        for number in 1...2 { try store.writeStep("000\(number)-x.json", step) }
        try store.migrate()
        try store.remove(".canifly-store/migrations/0002-x.json")
        let newer = try store.refusal { try store.migrate(to: 1) }
        #expect(newer.kind == .configuration && newer.code == "store-newer")
        #expect(newer.message.contains("0002-x.json"))
        #expect(newer.message.contains(Digest.of(Array(step.utf8)).hexadecimal))
        try store.remove(".canifly-store/migrations/0001-x.json")
        try store.writeStep("0002-x.json", step)
        try store.writeStep("0003-x.json", step)
        let gone = try store.refusal { try store.migrate() }
        #expect(gone.kind == .configuration && gone.code == "step-missing")
        #expect(gone.message.contains("0001-x.json"))
    }

    @Test("without a way back there is none, and a layout that nobody knows is wrong usage")
    func noWayBack() throws {
        let store = try Self.store()
        try store.writeStep(
            "0001-x.json", #"[{"op": "merge", "document": "a.json", "merge": {"x": 1}}]"#)
        try store.migrate()
        let error = try store.refusal { try store.migrate(to: 0) }
        #expect(error.kind == .configuration && error.code == "step-without-way-back")
        #expect(try store.refusal { try store.migrate(to: 2) }.kind == .usage)
    }

    @Test("an own step cannot take the place of one that the program carries")
    func takenStep() throws {
        let store = try MigrationStore(samples: "0.0.58")
        try store.writeStep("0003-mine.json", "[]")
        let error = try store.refusal { try store.migrate() }
        #expect(error.kind == .configuration && error.code == "step-taken")
        try store.remove(".canifly-store/migrations/0003-mine.json")
        try store.writeStep(
            "0005-mine.json",
            """
            {"operations": [{"op": "merge", "document": "config.json", "merge": {"mine": true}}],
             "back": [{"op": "merge", "document": "config.json", "merge": {"mine": null}}]}
            """)
        try store.migrate()
        #expect(try store.layout == 5)
        #expect(try store.isSound())
        try store.migrate(to: 2)
        #expect(try store.layout == 2)
    }

    @Test(
        "malformed steps are refused with their place",
        arguments: [
            ("{", "line 1"), ("7", "array"), (#"{"operations": 1}"#, "operations"),
            (#"{"operations": [], "bak": []}"#, "member"), (#"[1]"#, "operation 1"),
            (#"[{"op": "rename", "from": "a.json"}]"#, "'to'"),
            (#"[{"op": "rename", "from": "a.json", "to": "../b"}]"#, "'to'"),
            (#"[{"op": "rename", "from": "a.json", "to": ".canifly-store/x"}]"#, "'to'"),
            (#"[{"op": "move", "from": "a", "to": "b"}]"#, "'op'"),
            (#"[{"op": "patch", "document": "a.json", "patch": {}}]"#, "'patch'"),
            (#"[{"op": "patch", "document": "a.json", "patch": [], "pach": 1}]"#, "pach"),
            (#"[{"op": "require", "document": "a.json", "schema": {"type": "int"}}]"#, "'schema'"),
            (#"[{"op": "run", "document": "a.json", "command": "tr a b"}]"#, "'command'"),
            (
                #"[{"op": "run", "document": "a.json", "command": ["cat"], "time_limit": 0}]"#,
                "limit"
            ),
            (#"[{"op": "delete", "document": "a//b*"}]"#, "'document'"),
            (#"{"operations": [], "back": [{"op": "delete"}]}"#, "way back"),
        ])
    func malformedSteps(_ text: String, _ word: String) throws {
        let store = try Self.store()
        try store.writeStep("0001-x.json", text)
        let error = try store.refusal { try store.migrate() }
        #expect(error.kind == .configuration && error.code == "step-malformed")
        #expect(error.message.contains("0001-x.json") && error.message.contains(word), "\(error)")
    }

    // MARK: Programs

    @Test("a program gets no shell, a clean environment, and no more time than its limit")
    func programs() throws {
        let store = try Self.store(["a.txt": "x"])
        try store.writeStep(
            "0001-env.json", #"[{"op": "run", "document": "a.txt", "command": ["env"]}]"#)
        try store.migrate()
        let environment = Set(
            try #require(store.text("a.txt")).split(separator: "\n").map {
                String($0.prefix { $0 != "=" })
            })
        #expect(environment.isSubset(of: ["PATH", "LANG", "LC_ALL", "TZ"]), "\(environment)")
        try store.writeStep(
            "0002-echo.json",
            #"[{"op": "run", "document": "a.txt", "command": ["printf", "%s", "$HOME; *"]}]"#)
        try store.migrate()
        #expect(store.text("a.txt") == "$HOME; *")
        for (command, word) in [
            (#"["sleep", "60"], "time_limit": 1"#, "longer than 1 s"), (#"["false"]"#, "status 1"),
            (#"["sh", "-c", "kill -9 $$"]"#, "signal 9"),
        ] {
            try store.writeStep(
                "0003-bad.json",
                #"[{"op": "run", "document": "a.txt", "command": \#(command)}]"#)
            let error = try store.refusal { try store.migrate() }
            #expect(error.code == "step-failed" && error.message.contains(word), "\(error)")
        }
        try store.writeStep(
            "0003-bad.json",
            #"[{"op": "run", "document": "a.txt", "command": ["/no/such/program"]}]"#)
        #expect(try store.refusal { try store.migrate() }.kind == .configuration)
    }

    @Test("a program gets none of our descriptors")
    func descriptors() throws {
        let store = try Self.store(["a.txt": "x"])
        // One that is not close-on-exec, as a shell hands them on.
        let inherited = open("/dev/null", O_RDONLY)
        defer { close(inherited) }
        try store.writeStep(
            "0001-list.json",
            #"[{"op": "run", "document": "a.txt", "command": ["ls", "/proc/self/fd"]}]"#)
        try store.migrate()
        let listed = try #require(store.text("a.txt")).split(separator: "\n").map(String.init)
        // What `ls` itself opens to look is the fourth.
        #expect(listed == ["0", "1", "2", "3"])
    }

    @Test("packed documents stay packed, and sealed ones sealed")
    func packedAndSealed() throws {
        let store = try Self.store([:])
        var sealed = PutRequest(
            document: try StorePath("s.json"), bytes: Array(#"{"n": 1}"#.utf8))
        sealed.seals = true
        var packed = PutRequest(document: try StorePath("p.json"), bytes: Array(#"{"n": 1}"#.utf8))
        packed.packs = true
        for request in [sealed, packed] {
            _ = try store.store.put(request, WriteOptions(command: "put"))
        }
        try store.writeStep(
            "0001-x.json",
            """
            [{"op": "merge", "document": "p.json", "merge": {"n": 2}},
             {"op": "rename", "from": "p.json", "to": "q.json"},
             {"op": "merge", "document": "s.json", "merge": {"data": {"n": 2}}}]
            """)
        try store.migrate()
        #expect(store.read("q.json.gz") != nil && store.read("p.json.gz") == nil)
        #expect(try store.store.content(of: try StorePath("q.json")) == Array(#"{"n": 2}"#.utf8))
        #expect(try store.json("s.json").at("/data/n").integer == 2)
        #expect(try store.isSound())
    }

    @Test("steps are found in another folder, too")
    func otherFolder() throws {
        let store = try Self.store()
        try store.writeBeside(
            "steps/0001-x.json",
            Array(#"[{"op": "merge", "document": "a.json", "merge": {"x": 1}}]"#.utf8))
        let folder = store.scratch.path("steps")
        #expect(
            try store.store.pendingMigration(
                MigrationRequest(.layout(nil), stepFolder: folder)
            ).steps.count == 1)
        try store.migrate(steps: folder)
        #expect(store.text("a.json") == #"{"n": 1, "x": 1}"#)
        #expect(
            try store.refusal { try store.migrate(steps: store.scratch.path("none")) }.kind
                == .notFound)
    }
}
