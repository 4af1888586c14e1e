import CanIFlyStore
import CanIFlyStoreCodable
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Transactions over values")
struct TransactionTests {
    @Test("all operations are one transaction, and loads see what was saved before them")
    func severalDocuments() throws {
        let store = try ValueStore(["old.json": "[1]", "c.json": #"{"id": 1,  "name": "c"}"#])
        let report = try store.store.transaction { transaction in
            let numbers = try transaction.load([Int].self, from: "old.json")
            try transaction.save(numbers + [2], to: "new.json", sealed: true, schemaVersion: 4)
            #expect(try transaction.load([Int].self, from: "new.json") == [1, 2])
            try transaction.delete("old.json")
            #expect(try transaction.loadIfPresent([Int].self, from: "old.json") == nil)
            try transaction.update(Account.self, at: "c.json") { $0.name = "d" }
            try transaction.update(Account.self, at: "c.json") { $0.id = 2 }
            try transaction.save(bytes: Array("text\n".utf8), to: "notes.txt")
        }
        #expect(
            report.changes.map(\.document.text) == [
                "c.json", "new.json", "notes.txt", "old.json",
            ])
        #expect(try store.transactions() == 1)
        #expect(store.text("old.json") == nil)
        #expect(store.text("c.json") == #"{"id": 2,  "name": "d"}"#)
        #expect(store.text("notes.txt") == "text\n")
        #expect(try store.store.loadStored([Int].self, from: "new.json").schemaVersion == 4)
    }

    @Test("where one operation cannot be done, none is")
    func allOrNothing() throws {
        let store = try ValueStore(["a.json": "[1]"])
        #expect(
            code {
                try store.store.transaction { transaction in
                    try transaction.save([2], to: "a.json")
                    try transaction.save([3], to: "b.json", ifMatch: .absent)
                    try transaction.delete("c.json")
                }
            } == "no-such-document")
        #expect(store.text("a.json") == "[1]")
        #expect(store.text("b.json") == nil)
    }

    @Test("a document that was only read must still be the same, and one that was absent absent")
    func readings() throws {
        let store = try ValueStore(["limit.json": "[10]"])
        var attempts = 0
        try store.store.transaction { transaction in
            attempts += 1
            let limit = try transaction.load([Int].self, from: "limit.json")[0]
            let seen = try transaction.loadIfPresent([Int].self, from: "seen.json")
            if attempts == 1 { store.place("limit.json", "[20]") }
            if attempts == 2 { store.place("seen.json", "[5]") }
            try transaction.save([limit, seen?[0] ?? 0], to: "result.json")
        }
        #expect(attempts == 3)
        #expect(store.text("result.json") == "[20,5]")
    }

    @Test("a precondition of the caller that fails is not tried again")
    func preconditionsAreFinal() throws {
        let store = try ValueStore(["a.json": "[1]"])
        var attempts = 0
        #expect(
            code {
                try store.store.transaction { transaction in
                    attempts += 1
                    try transaction.save([2], to: "a.json", ifMatch: .absent)
                }
            } == "precondition-failed")
        #expect(attempts == 1)
    }

    @Test("a transaction that changes nothing leaves no trace")
    func nothing() throws {
        let store = try ValueStore(["a.json": "[1]"])
        let report = try store.store.transaction { transaction in
            _ = try transaction.load([Int].self, from: "a.json")
        }
        #expect(report.transaction == nil)
        #expect(store.disk.status(at: "/store/.canifly-store") == nil)
    }

    @Test("a packed document is read, changed and compared as its content")
    func packed() throws {
        let store = try ValueStore()
        try store.store.save(["a": 1], to: "a.json.gz")
        #expect(store.bytes("a.json") == nil && store.bytes("a.json.gz") != nil)
        try store.store.transaction { transaction in
            var value = try transaction.load([String: Int].self, from: "a.json")
            value["b"] = 2
            try transaction.save(value, to: "a.json")
            try transaction.save([1], to: "b.json", packed: true)
        }
        #expect(store.bytes("a.json") == nil && store.bytes("b.json.gz") != nil)
        #expect(
            try store.store.load([String: Int].self, from: "a.json.gz") == ["a": 1, "b": 2])
    }

    @Test("a dry run says what would change and changes nothing")
    func dryRun() throws {
        let store = try ValueStore()
        var options = WriteOptions(command: "try")
        options.isDryRun = true
        let report = try store.store.transaction(options: options) { transaction in
            try transaction.save([1], to: "a.json")
        }
        #expect(report.isDryRun && report.changes.count == 1)
        #expect(store.bytes("a.json") == nil)
    }
}
