import CanIFlyStore
import CanIFlyStoreCodable
import FoundationEssentials
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Saving and loading values")
struct SavingAndLoadingTests {
    private let account = Account(id: 9_223_372_036_854_775_807, name: "a/b é")

    @Test("what was saved is loaded, and written without white space, its members sorted")
    func roundTrip() throws {
        let store = try ValueStore()
        let report = try store.store.save(account, to: "accounts.json")
        #expect(report.transaction == 1)
        #expect(
            store.text("accounts.json") == #"{"id":9223372036854775807,"name":"a/b é"}"#)
        #expect(try store.store.load(Account.self, from: "accounts.json") == account)
        #expect(try store.store.history().map(\.command) == ["save"])
    }

    @Test("indented documents have two spaces a level and a line end")
    func indented() throws {
        let store = try ValueStore()
        struct Nested: Codable {
            var empty: [Int] = []
            var list = [1, 2]
            var text = "\"\u{1f}"
        }
        try store.store.save(Nested(), to: "a.json", coding: .indented)
        #expect(
            store.text("a.json") == """
                {
                  "empty": [],
                  "list": [
                    1,
                    2
                  ],
                  "text": "\\"\\u001f"
                }

                """)
        try store.store.save(1, to: "b.json", coding: .indented)
        #expect(store.text("b.json") == "1\n")
    }

    @Test("saving the same value again writes nothing")
    func deterministic() throws {
        let store = try ValueStore()
        let values = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key \($0)", $0) })
        try store.store.save(values, to: "a.json")
        let again = Dictionary(
            uniqueKeysWithValues: (0..<50).reversed().map { ("key \($0)", $0) })
        #expect(try store.store.save(again, to: "a.json").transaction == nil)
    }

    @Test("dates are RFC 3339 in UTC, to the microsecond")
    func dates() throws {
        let store = try ValueStore()
        for (date, text) in [
            (Date(timeIntervalSince1970: 1_793_536_200), "2026-11-01T12:30:00Z"),
            (Date(timeIntervalSince1970: 0.25), "1970-01-01T00:00:00.25Z"),
            (Date(timeIntervalSince1970: -0.25), "1969-12-31T23:59:59.75Z"),
            (Date(timeIntervalSinceReferenceDate: 0.999_999_9), "2001-01-01T00:00:01Z"),
            (Date(timeIntervalSince1970: -62_135_596_800), "0001-01-01T00:00:00Z"),
        ] {
            try store.store.save([date], to: "a.json")
            #expect(store.text("a.json") == "[\"\(text)\"]")
        }
        store.place("a.json", "[\"2026-11-01T08:30:00.302117046-04:00\"]")
        let date = try store.store.load([Date].self, from: "a.json")[0]
        #expect(abs(date.timeIntervalSince1970 - 1_793_536_200.302117) < 0.000_001)
    }

    @Test(
        "dates that RFC 3339 cannot write, and numbers that are none, are refused",
        arguments: [Double.infinity, .nan, 1e300, -1e300])
    func unwritable(_ number: Double) throws {
        let store = try ValueStore()
        let date = Date(timeIntervalSinceReferenceDate: number)
        #expect(code { try store.store.save([date], to: "a.json") } == "value-not-encodable")
        guard !number.isFinite else { return }
        #expect(code { try store.store.save([number], to: "a.json") } == "value-not-encodable")
        #expect(store.bytes("a.json") == nil)
    }

    @Test("an error of reading names the place and no value")
    func mismatch() throws {
        let store = try ValueStore([
            "a.json": #"[{"id": 1, "name": "x"}, {"id": "hunter2", "name": "y"}]"#,
            "b.json": #"{"id": 1}"#, "c.json": "{\n  \"id\": 1,\n  \"id\": 2}",
            "d.json": #"{"id": 99999999999999999999, "name": ""}"#,
        ])
        func error(_ name: String) -> StoreError? {
            do throws(StoreError) {
                _ =
                    name == "a.json"
                    ? try store.store.load([Account].self, from: name).count
                    : Int(try store.store.load(Account.self, from: name).id)
                return nil
            } catch { return error }
        }
        #expect(error("a.json")?.code == "value-mismatch")
        #expect(error("a.json")?.message.contains("/1/id") == true)
        #expect(error("a.json")?.message.contains("hunter2") == false)
        #expect(error("b.json")?.message.contains("name") == true)
        #expect(error("c.json")?.code == "json-duplicate-key")
        #expect(error("c.json")?.message.contains("line 3") == true)
        #expect(error("d.json")?.code == "value-mismatch")
        #expect(error("d.json")?.message.contains("9999999") == false)
        #expect(error("e.json")?.code == "no-such-document")
    }

    @Test("a document that is not there is nil where that is asked for, and damage is not")
    func ifPresent() throws {
        let store = try ValueStore(["b.json": "{"])
        #expect(try store.store.loadIfPresent(Account.self, from: "a.json") == nil)
        #expect(
            code { _ = try store.store.loadIfPresent(Account.self, from: "b.json") }
                == "json-truncated")
    }

    @Test("a digest that was loaded guards a later save")
    func ifMatch() throws {
        let store = try ValueStore()
        try store.store.save(account, to: "a.json", packed: true, ifMatch: .absent)
        let stored = try store.store.loadStored(Account.self, from: "a.json")
        #expect(!stored.isSealed && stored.schemaVersion == nil)
        var changed = stored.value
        changed.name = "b"
        try store.store.save(changed, to: "a.json", ifMatch: .digest(stored.digest))
        #expect(
            code { try store.store.save(account, to: "a.json", ifMatch: .digest(stored.digest)) }
                == "precondition-failed")
        #expect(
            code { try store.store.save(account, to: "a.json", ifMatch: .absent) }
                == "precondition-failed")
        #expect(try store.store.load(Account.self, from: "a.json") == changed)
    }

    @Test("earlier states are loaded by transaction")
    func past() throws {
        let store = try ValueStore()
        try store.store.save([1], to: "a.json")
        try store.store.save([2], to: "a.json")
        #expect(try store.store.load([Int].self, from: "a.json", at: .transaction(1)) == [1])
        #expect(
            code { _ = try store.store.load([Int].self, from: "a.json", at: .transaction(9)) }
                == "no-such-transaction")
    }

    @Test("unsafe names are refused in words", arguments: ["", "/a.json", "../a.json", "a//b"])
    func unsafeNames(_ name: String) throws {
        let store = try ValueStore()
        #expect(code { try store.store.save([1], to: name) } == "path-unsafe")
        #expect(code { _ = try store.store.load([Int].self, from: name) } == "path-unsafe")
    }

    @Test("coders take the strategies they are given and keep the format")
    func strategies() throws {
        let store = try ValueStore()
        var coding = DocumentCoding.compact
        coding.configureEncoder = {
            $0.keyEncodingStrategy = .convertToSnakeCase
            $0.outputFormatting = .prettyPrinted
        }
        coding.configureDecoder = { $0.keyDecodingStrategy = .convertFromSnakeCase }
        struct Value: Codable { var longName: String }
        try store.store.save(Value(longName: "/"), to: "a.json", coding: coding)
        #expect(store.text("a.json") == #"{"long_name":"/"}"#)
        #expect(
            try store.store.load(Value.self, from: "a.json", coding: coding).longName == "/")
    }

    @Test("the real system calls are used where no others are named")
    func realFiles() throws {
        let scratch = ScratchDirectory()
        let store = try Store.open(at: scratch.path)
        try store.save(account, to: "accounts.json", mode: Store.Mode(0o640))
        #expect(try store.load(Account.self, from: "accounts.json") == account)
        #expect(try store.list(patterns: []).map(\.mode?.octal) == ["0640"])
        #expect(try store.verify(VerifyRequest()).errors == 0)
        #expect(code { _ = try Store.open(at: scratch.path("nowhere")) } == "no-such-store")
    }
}
