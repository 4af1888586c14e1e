import CanIFlyStore
import CanIFlyStoreCodable
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Versions of sealed documents")
struct SchemaVersionTests {
    private struct First: Codable { var full: String }
    private struct Second: Codable { var given: String, family: String }
    private struct Third: Codable, Equatable { var given: String, family: String, age: Int }

    private static let versions = SchemaVersions(current: 3)
        .migrating(from: 1, First.self) { old in
            let words = old.full.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { throw Unsplittable() }
            return Second(given: String(words[0]), family: String(words[1]))
        }
        .migrating(from: 2) { json in
            Array(String(decoding: json, as: UTF8.self).dropLast().utf8) + Array(#","age":0}"#.utf8)
        }
    private struct Unsplittable: Error {}

    @Test("older data is brought to the current version in memory, and nothing is written")
    func loading() throws {
        let store = try ValueStore()
        try store.store.save(First(full: "Ada King"), to: "a.json", schemaVersion: 1)
        let before = store.text("a.json")
        let stored = try store.store.loadStored(
            Third.self, from: "a.json", versions: Self.versions)
        #expect(stored.value == Third(given: "Ada", family: "King", age: 0))
        #expect(stored.schemaVersion == 1 && stored.isSealed)
        #expect(store.text("a.json") == before)
    }

    @Test("an update writes the current version, with what a step on the text kept")
    func updating() throws {
        let store = try ValueStore()
        struct SecondAndMore: Codable { var given = "Ada", family = "King", note = "kept" }
        try store.store.save(SecondAndMore(), to: "a.json", schemaVersion: 2)
        try store.store.update(Third.self, at: "a.json", versions: Self.versions) { $0.age = 36 }
        let stored = try store.store.loadStored(
            Third.self, from: "a.json", requiresSeal: true, versions: Self.versions)
        #expect(stored.schemaVersion == 3 && stored.value.age == 36)
        #expect(store.text("a.json")?.contains("kept") == true)
        #expect(
            try store.store.update(Third.self, at: "a.json", versions: Self.versions) { _ in }
                .transaction == nil)
    }

    @Test("an update brings the version even where the closure changes nothing")
    func updatingOnlyTheVersion() throws {
        let store = try ValueStore()
        try store.store.save(First(full: "Ada King"), to: "a.json", schemaVersion: 1)
        try store.store.update(Third.self, at: "a.json", versions: Self.versions) { _ in }
        #expect(
            try store.store.loadStored(Third.self, from: "a.json").schemaVersion == 3)
    }

    @Test("data without a version is refused, or taken for the one that is named, and sealed then")
    func unversioned() throws {
        let store = try ValueStore(["a.json": #"{"full": "Ada King"}"#])
        #expect(
            code { _ = try store.store.load(Third.self, from: "a.json", versions: Self.versions) }
                == "not-versioned")
        let versions = SchemaVersions(current: 2, unversioned: 1)
            .migrating(from: 1, First.self) { Second(given: $0.full, family: "") }
        for _ in 1...2 {
            try store.store.update(Second.self, at: "a.json", versions: versions) {
                $0.family += "!"
            }
        }
        let stored = try store.store.loadStored(
            Second.self, from: "a.json", requiresSeal: true, versions: versions)
        #expect(stored.value.given == "Ada King" && stored.value.family == "!!")
        #expect(stored.schemaVersion == 2)
    }

    @Test("a newer version, a missing step and a failing step are told apart")
    func failures() throws {
        let store = try ValueStore()
        try store.store.save(First(full: "x"), to: "newer.json", schemaVersion: 4)
        try store.store.save(First(full: "x"), to: "fails.json", schemaVersion: 1)
        try store.store.save(First(full: "x"), to: "gap.json", schemaVersion: 0)
        try store.store.save([1], to: "other.json", schemaVersion: 1)
        func failure(_ name: String) -> String? {
            code { _ = try store.store.load(Third.self, from: name, versions: Self.versions) }
        }
        #expect(failure("newer.json") == "schema-newer")
        #expect(failure("fails.json") == "migration-failed")
        #expect(failure("gap.json") == "migration-missing")
        #expect(failure("other.json") == "value-mismatch")
    }

    @Test("an update of a sealed document keeps its form and gives it a new checksum")
    func sealStays() throws {
        let store = try ValueStore()
        try store.store.save(["a": 1], to: "a.json", schemaVersion: 7)
        let sealed = try #require(store.text("a.json"))
        store.place("a.json", sealed.replacing(#"{"a":1}"#, with: #"{ "a": 1 }"#))
        try store.store.update([String: Int].self, at: "a.json") { $0["a"] = 2 }
        let stored = try store.store.loadStored(
            [String: Int].self, from: "a.json", requiresSeal: true)
        #expect(stored.value == ["a": 2] && stored.schemaVersion == 7)
        #expect(store.text("a.json")?.contains(#"{ "a": 2 }"#) == true)
    }
}
