import CanIFlyStore
import Foundation
import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

/// Undoing the last migration, also when documents have changed since.
@Suite struct RollbackTests {
    static let step = """
        {"operations": [{"op": "merge", "document": "*.json", "merge": {"kind": "x"}},
                        {"op": "rename", "from": "b.json", "to": "c.json"}],
         "back": [{"op": "rename", "from": "c.json", "to": "b.json"},
                  {"op": "merge", "document": "*.json", "merge": {"kind": null}}]}
        """

    static func store(_ step: String = step) throws -> MigrationStore {
        let store = try OwnStepTests.store([
            "a.json": "{\"n\": 1,   \"kind\": \"old\"}\n", "b.json": #"{"n": 2, "kind": "old"}"#,
        ])
        try store.setMode("a.json", 0o640)
        try store.writeStep("0001-x.json", step)
        return store
    }

    @Test("a document that changed since goes the way back, the others get their original")
    func changedSince() throws {
        let store = try Self.store()
        let before = try store.everything()
        try store.migrate()
        try store.write("c.json", #"{"n": 7, "kind": "x"}"#)
        let report = try store.rollback()
        #expect(report.steps.map(\.from) == [1])
        #expect(report.write.notes.contains { $0.contains("c.json") })
        // The original, white space, mode and the value that the step had overwritten.
        #expect(try store.everything()["canifly/a.json"] == before["canifly/a.json"])
        // What was changed is carried back; what the step had overwritten is not known any more.
        #expect(store.text("b.json") == #"{"n": 7}"#)
        #expect(store.read("c.json") == nil)
        #expect(try store.layout == nil || store.layout == 0)
        #expect(try store.isSound())
    }

    @Test("without a way back, a document that changed since is in the way")
    func noWayBack() throws {
        let store = try Self.store(
            #"[{"op": "merge", "document": "*.json", "merge": {"kind": "x"}}]"#)
        let before = try store.everything()
        try store.migrate()
        try store.write("a.json", #"{"n": 7}"#)
        let error = try store.refusal { try store.rollback() }
        #expect(error.kind == .configuration && error.code == "step-without-way-back")
        #expect(error.message.contains("a.json"))
        // As the migration had left it: then nothing is in the way.
        try store.write("a.json", "{\"n\": 1,   \"kind\": \"x\"}\n")
        try store.rollback()
        #expect(try store.everything() == before)
    }

    @Test("what came since is carried back as well")
    func cameSince() throws {
        let store = try SampleMigrationTests.store(inLayout: 3)
        let before = try store.everything()
        try store.migrate(to: 4)
        try store.write("sessions.json", "{}")
        #expect(try store.layout == 4)
        try store.rollback()
        #expect(try store.everything() == before)
        #expect(store.kept("layout-4/sessions.json") == Array("{}".utf8))
        #expect(try store.layout == 3)
    }

    @Test("one migration after the other is undone, and then there is nothing to undo")
    func oneAfterTheOther() throws {
        let store = try SampleMigrationTests.store(inLayout: 2)
        var states = [try store.everything()]
        for layout in [3, 4, 2] {
            try store.migrate(to: layout)
            states.append(try store.everything())
        }
        for state in states.dropLast().reversed() {
            try store.rollback()
            #expect(try store.everything() == state)
        }
        let error = try store.refusal { try store.rollback() }
        #expect(error.kind == .notFound && error.code == "nothing-to-roll-back")
    }

    @Test("history that was packed undoes a migration as before; pruned history refuses to")
    func afterCompaction() throws {
        for keep in ["{}", "{\"keep\": {\"last\": 2}}", "{\"keep\": {\"last\": 1}}"] {
            let store = try SampleMigrationTests.store(inLayout: 2)
            try store.migrate(to: 3)
            let before = try store.everything()
            try store.migrate(to: 4)
            let after = try store.everything()
            try store.write(".canifly-store/config.json", keep)
            _ = try store.store.compact(CompactRequest(), WriteOptions(command: "compact"))
            #expect(try store.layout == 4)
            #expect(try store.everything() == after)
            if keep.contains("1") {
                // What the first transaction that is left says was there before it is only half true.
                let error = try store.refusal { try store.rollback() }
                #expect(error.code == "history-missing")
                #expect(try store.everything() == after)
            } else {
                try store.rollback()
                #expect(try store.everything() == before)
            }
        }
    }

    @Test("an account that was added since survives the rollback")
    func accountAddedSince() throws {
        let store = try SampleMigrationTests.store(inLayout: 2)
        let accounts = store.read("account_data.json")
        try store.migrate(to: 3)
        let request = StoreOperation.patch(
            document: try StorePath("accounts.json"),
            patch: Array(
                #"[{"op": "add", "path": "/Accounts/-", "value": {"Name": "New", "Status": "Omega", "Characters": null, "ID": 5, "Visible": true}}]"#
                    .utf8))
        _ = try store.store.apply(
            [(line: 1, operation: request)], WriteOptions(command: "apply"))
        try store.rollback()
        let root = try store.json("account_data.json")
        #expect(try root.at("/Accounts").count == 4)
        #expect(try root.at("/Accounts/3/Name").string == "New")
        let old = try JSONDocument(try #require(accounts)).root
        for index in 0..<3 {
            #expect(
                leaves(of: try root.at("/Accounts/\(index)"))
                    == leaves(of: try old.at("/Accounts/\(index)")))
        }
    }

    @Test("restore brings the record of the layout back with the documents")
    func restore() throws {
        let store = try Self.store()
        try store.migrate()
        _ = try store.store.restore(
            RestoreRequest([], at: .before(2)), WriteOptions(command: "restore"))
        #expect(store.text("b.json") == #"{"n": 2, "kind": "old"}"#)
        #expect(store.read(".canifly-store/layout.json") == nil)
        #expect(try store.store.pendingMigration(MigrationRequest(.layout(nil))).isPending)
        #expect(try store.isSound())
    }
}
