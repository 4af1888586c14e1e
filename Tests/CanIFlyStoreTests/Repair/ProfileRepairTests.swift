import StoreCodecs
import StoreFiles
import Testing

@testable import CanIFlyStore

/// What `init --profile` chose is written by a transaction, as documents are, and is brought back
/// as they are.
@Suite("The chosen profile")
struct ProfileRepairTests {
    private static let profile = ".canifly-store/profile.json"
    private static let notes = """
        {"profile": "notes", "foreign": ["thumbs/"], "layouts": [{"layout": 1,
          "recognised_by": "a.json", "documents": [{"path": "a.json", "kind": "json"}]}]}
        """

    private func makeStore(profile: String = notes) throws -> HistoryStore {
        let store = try HistoryStore(["a.json": "1", "thumbs/b.json": "["])
        #expect(try store.choose(profile) == 1)
        return store
    }

    @Test("is recorded along with the documents, and its content is kept")
    func recorded() throws {
        let store = try makeStore()
        #expect(try store.allFindings().isEmpty)
        #expect(try store.store.history().map(\.number) == [1])
        #expect(try store.store.history()[0].changes.map(\.document.text) == ["a.json"])
        // Nothing to do the second time.
        #expect(try store.choose(Self.notes) == nil)
    }

    @Test("comes back byte for byte, whatever befalls it", arguments: Damage.allCases)
    func damaged(damage: Damage) throws {
        let store = try makeStore()
        let whole = try #require(store.bytes(Self.profile))
        try store.damage(Self.profile, damage)
        let findings = try store.allFindings()
        // What is foreign to the chosen profile stays so.
        #expect(findings.map(\.document) == [Self.profile])
        #expect(findings[0].code == (damage == .deleted ? .missing : .digestMismatch))
        #expect(findings[0].severity == .error)
        #expect(try store.repair(isDryRun: true).actions.map(\.action) == [.restore])
        let report = try store.repair()
        #expect(report.step(of: Self.profile)?.source == "transaction 1")
        #expect(report.remaining.isEmpty)
        #expect(store.bytes(Self.profile) == whole)
        #expect(try store.quarantine().count == (damage == .deleted ? 0 : 1))
        #expect(try store.allFindings().isEmpty)
        #expect(try store.repair().actions.isEmpty)
    }

    @Test("comes back along with a damaged catalog")
    func catalogAsWell() throws {
        let store = try makeStore()
        let whole = try #require(store.bytes(Self.profile))
        try store.damage(Self.profile, .flippedBit)
        try store.flipBit(of: ".canifly-store/catalog", at: 600)
        // The log's last transaction must be taken for one that was not carried out.
        let report = try store.repair()
        #expect(report.errors.isEmpty, "\(report)")
        #expect(store.bytes(Self.profile) == whole)
        #expect(try store.allFindings().filter { $0.severity > .info }.isEmpty)
    }

    @Test(
        "that nobody recorded and that cannot be read is told, and the documents are checked all the same"
    )
    func unreadable() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.snapshot()
        try store.write(Self.profile, "[")
        try store.damage("a.json", .flippedBit)
        let findings = try store.allFindings().filter { $0.severity == .error }
        #expect(findings.map(\.code) == [.schemaMismatch, .digestMismatch])
        #expect(findings.map(\.document) == [Self.profile, "a.json"])
        #expect(try store.repair().errors.map(\.document) == [Self.profile])
        #expect(store.read("a.json") == "1")
    }

    @Test("is never taken from a damaged file by a snapshot")
    func snapshotOfDamage() throws {
        let store = try makeStore()
        try store.overwrite(Self.profile, with: Array("{\"builtin\":\"generic\"}".utf8))
        try store.snapshot()
        #expect(
            try store.allFindings().contains {
                $0.code == .digestMismatch && $0.document == Self.profile
            })
        #expect(try store.repair().errors.isEmpty)
        #expect(store.read(Self.profile) == Self.notes)
    }

    @Test("can be chosen anew where it is damaged beyond reading")
    func chosenAnew() throws {
        let store = try makeStore()
        try store.write(Self.profile, "[")
        #expect(throws: StoreError.self) { try store.put("a.json", "2") }
        #expect(try store.choose(Self.notes) == 2)
        #expect(try store.allFindings().isEmpty)
        try store.put("a.json", "2")
    }

    @Test(
        "of a store that was made before profiles were recorded is told, and recorded by a snapshot"
    )
    func fromBefore() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.initialize()
        try store.write(Self.profile, "{\"builtin\":\"generic\"}")
        let finding = try #require(try store.allFindings().first)
        #expect(finding.code == .untracked && finding.document == Self.profile)
        #expect(finding.severity == .info)
        // `init` records its digest, `snapshot` keeps the content as well.
        try store.initialize()
        #expect(try store.allFindings().isEmpty)
        let whole = try #require(store.bytes(Self.profile))
        try store.damage(Self.profile, .flippedBit)
        let hopeless = try store.repair()
        #expect(hopeless.actions.isEmpty)
        #expect(hopeless.errors.map(\.document) == [Self.profile])
        #expect(hopeless.notes.contains { $0.contains("history has no good copy") })

        try store.overwrite(Self.profile, with: whole)
        try store.snapshot()
        try store.damage(Self.profile, .flippedBit)
        #expect(try store.repair().errors.isEmpty)
        #expect(store.bytes(Self.profile) == whole)
        #expect(try store.snapshot() == nil)
    }

    @Test("of a transaction that waits in the log is in force already")
    func waiting() throws {
        let store = try makeStore()
        let catalog = try #require(store.bytes(".canifly-store/catalog"))
        // Another one, of whose choice the power cut left the log alone.
        _ = try store.store.initialize(
            profile: .named("generic"), WriteOptions(command: "init"))
        try store.overwrite(".canifly-store/catalog", with: catalog)
        try store.write(Self.profile, Self.notes)
        #expect(try store.store.status().profile == "generic")
        try store.store.recover()
        #expect(store.read(Self.profile) == "{\"builtin\":\"generic\"}")
        #expect(try store.allFindings().filter { $0.document == Self.profile }.isEmpty)
    }

    @Test("survives a compaction that forgets when it was chosen")
    func compacted() throws {
        let store = try makeStore()
        for number in 2...5 { try store.put("a.json", "\(number)") }
        try store.write(".canifly-store/config.json", "{\"keep\": {\"last\": 1}}")
        _ = try store.store.compact(CompactRequest(), WriteOptions(command: "compact"))
        #expect(try store.store.history().map(\.number) == [5])
        try store.damage(Self.profile, .flippedBit)
        #expect(try store.repair().errors.isEmpty)
        #expect(store.read(Self.profile) == Self.notes)
    }
}

extension HistoryStore {
    @discardableResult
    func choose(_ profile: String) throws -> UInt64? {
        try store.initialize(
            profile: .file(Array(profile.utf8)), WriteOptions(command: "init")
        ).transaction
    }
}
