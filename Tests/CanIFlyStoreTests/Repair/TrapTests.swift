import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

@Suite("The traps that the application sets for itself")
struct TrapTests {
    private static let metadata = "config/fuzzworks/fuzzworks_metadata.json"
    private static let table = "config/fuzzworks/invTypes.csv"

    @Test(
        "a CSV that is lost or rotten is fetched again once its description is gone",
        arguments: [Damage.deleted, .cutInHalf, .emptied, .onlyNULs], [false, true])
    func describedFile(damage: Damage, isRecorded: Bool) throws {
        let store = try HistoryStore(sample: "0.5.0")
        if isRecorded { try store.initialize() }
        let original = try #require(store.read(Self.metadata))
        try store.damage(Self.table, damage)
        let damaged = store.bytes(Self.table)
        let report = try store.repair()
        let text = try #require(store.read(Self.metadata))
        #expect(text.contains("\"inv_types\": null"))
        #expect(text.contains("\"solar_systems\": {"))
        #expect(original.contains("\"inv_types\": {"))
        #expect(store.bytes(Self.table) == nil)
        #expect(report.errors.isEmpty, "\(report.errors)")
        if let damaged { #expect(try store.quarantine().contains(damaged)) }
        #expect(try store.findings(of: Self.table).isEmpty)
        #expect(try store.repair().actions.isEmpty)
    }

    @Test("a CSV of which history has a copy comes back, and keeps its description")
    func keptFile() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.initialize()
        try store.snapshot()
        let whole = try store.everything()
        try store.damage(Self.table, .deleted)
        #expect(try store.repair().actions.map(\.document) == [Self.table])
        #expect(try store.everything() == whole)
    }

    @Test("an update of a plan that was interrupted before the new plan was there is finished")
    func interruptedUpdate() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.initialize()
        try store.snapshot()
        try store.remove("plans/Barge_Mining.txt")
        try store.write("plans/_temp_Barge_Mining_1762000000000000000.txt", "Mining 4\n")
        let report = try store.repair()
        #expect(store.read("plans/Barge_Mining.txt") == "Mining 4\n")
        #expect(store.bytes("plans/_temp_Barge_Mining_1762000000000000000.txt") == nil)
        #expect(report.actions.count == 1)
        #expect(report.errors.isEmpty)
        #expect(try store.quarantine() == [Array("Mining 4\n".utf8)])
    }

    @Test("what an update has left beside the plan is set aside")
    func leftByUpdate() throws {
        let store = try HistoryStore(sample: "0.5.0")
        let plan = store.read("plans/Barge_Mining.txt")
        let name = "plans/_temp_Barge_Mining_1762000000000000000.txt"
        try store.write(name, "Mining 4\n")
        try store.write("plans/_temp_Other_1.txt", "no number")
        let report = try store.repair()
        #expect(report.actions.map(\.action) == [.setAside, .setAside])
        #expect(store.read("plans/Barge_Mining.txt") == plan)
        #expect(store.bytes(name) == nil && store.bytes("plans/Other.txt") == nil)
        #expect(try store.quarantine().count == 2)
    }

    @Test("a plan line that the application cannot read is mended, and shown before")
    func planLines() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.write("plans/Mine.txt", "Mining IV\nHull Upgrades 3\n")
        let plan = try store.repair(isDryRun: true)
        #expect(plan.actions.map(\.action) == [.mendLines])
        #expect(plan.actions[0].detail == "line 1 becomes \"Mining 4\"")
        #expect(store.read("plans/Mine.txt") == "Mining IV\nHull Upgrades 3\n")
        try store.repair()
        #expect(store.read("plans/Mine.txt") == "Mining 4\nHull Upgrades 3\n")
        #expect(try store.findings(of: "plans/Mine.txt").filter { $0.severity == .error } == [])

        // What each line means is not beyond doubt, and history has nothing.
        try store.write("plans/New.txt", "Hull Upgrades 3\nnonsense\nMining two\n")
        try store.repair()
        let text = store.read("plans/New.txt")
        #expect(text == "Hull Upgrades 3\n# nonsense\n# Mining two\n")
    }

    @Test("a plan that history has whole comes back from there, unless its meaning is certain")
    func planFromHistory() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.snapshot()
        let whole = store.read("plans/Barge_Mining.txt")
        try store.write("plans/Barge_Mining.txt", "Mining")
        #expect(try store.repair().actions.map(\.action) == [.restore])
        #expect(store.read("plans/Barge_Mining.txt") == whole)
        try store.write("plans/Barge_Mining.txt", "Mining V\n")
        #expect(try store.repair().actions.map(\.action) == [.mendLines])
        #expect(store.read("plans/Barge_Mining.txt") == "Mining 5\n")
    }

    @Test(
        "an empty document that was never recorded is set aside: the application starts without it")
    func emptyDocument() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.write("config.json", "")
        let report = try store.repair()
        #expect(report.actions.map(\.action) == [.setAside])
        #expect(store.bytes("config.json") == nil)
        #expect(try store.findings(of: "config.json").isEmpty)
    }

    @Test("a newer temporary is offered, and taken when asked for or when nothing else is left")
    func temporaries() throws {
        let store = try HistoryStore(["a.json": "1", "b.json": "1"])
        try store.setModified("a.json", 1_700_000_000)
        try store.setModified("b.json", 1_700_000_000)
        try store.write("a.json.tmp.123", "2")
        try store.write("b.json.tmp", "[")
        let offered = try store.repair()
        #expect(offered.actions.isEmpty)
        #expect(
            offered.notes == ["a.json.tmp.123 is whole and newer than a.json: --adopt takes it"])
        try store.repair(adopts: true)
        #expect(store.read("a.json") == "2" && store.read("b.json") == "1")
        #expect(store.bytes("a.json.tmp.123") == nil)

        // Damaged, and never recorded: taken without being asked for.
        let second = try HistoryStore(["c.json": "["])
        try second.setModified("c.json", 1_700_000_000)
        try second.write("c.json.tmp.9", "3")
        let report = try second.repair()
        #expect(second.read("c.json") == "3")
        #expect(report.step(of: "c.json")?.source == "temporary c.json.tmp.9")
        // An older one is not.
        let third = try HistoryStore(["d.json": "[", "d.json.tmp": "4"])
        try third.setModified("d.json.tmp", 1_600_000_000)
        #expect(try third.repair().actions.isEmpty)
    }
}
