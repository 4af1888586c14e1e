import Foundation
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

@Suite("Repairing documents")
struct DocumentRepairTests {
    @Test(
        "after a snapshot each damage to each document of each layout is undone byte for byte",
        arguments: Fixtures.samples, Damage.allCases)
    func everyDamage(sample: String, damage: Damage) throws {
        let store = try HistoryStore(sample: sample)
        try store.initialize()
        try store.snapshot()
        let whole = try store.everything()
        var repaired = 0
        for name in try store.documents {
            let original = try #require(store.bytes(name))
            try store.damage(name, damage)
            let damaged = store.bytes(name)
            let isDeletion = damage == .deleted
            if !isDeletion, try store.findings(of: name).isEmpty, !(damage == .emptied) {
                // Half a text may be a text that somebody has written so.
                #expect(damage == .cutInHalf && name.hasSuffix(".txt"), "\(name) is not found out")
                try store.write(name, original)
                try store.snapshot()
                continue
            }
            let report = try store.repair(name)
            #expect(store.bytes(name) == original, "\(name)")
            #expect(report.errors.isEmpty, "\(name): \(report.errors)")
            let step = try #require(report.step(of: name), "\(name)")
            #expect(step.action == .restore)
            if !isDeletion, let damaged {
                #expect(try store.quarantine().contains(damaged), "\(name)")
                let place = try #require(step.quarantined)
                #expect(store.bytes(place) == damaged)
                #expect(try store.mode(place) == 0o600)
                #expect(store.read(place + ".json")!.contains("\"document\": \""))
            }
            repaired += 1
        }
        #expect(repaired >= 5)
        if damage != .cutInHalf { #expect(try store.everything() == whole) }
        #expect(try store.isSound())
        let again = try store.repair()
        #expect(again.actions.isEmpty && again.transaction == nil)
    }

    @Test("several damaged documents come back in one transaction")
    func oneTransaction() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.initialize()
        try store.snapshot()
        let whole = try store.everything()
        try store.damage("accounts.json", .cutInHalf)
        try store.damage("config.json", .emptied)
        try store.damage("secret.key", .deleted)
        let report = try store.repair()
        #expect(report.transaction == 3)
        #expect(report.actions.map(\.document) == ["accounts.json", "config.json", "secret.key"])
        #expect(report.actions.allSatisfy { $0.source == "transaction 2" })
        #expect(try store.everything() == whole)
        // What was there is in history, too.
        try store.restore(at: .before(3))
        #expect(store.bytes("config.json") == [])
    }

    @Test("a document that may go in ordinary use comes back only when it is named")
    func ordinaryDeletion() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.initialize()
        try store.snapshot()
        try store.remove("plans/Barge_Mining.txt")
        #expect(try store.repair().actions.isEmpty)
        #expect(store.read("plans/Barge_Mining.txt") == nil)
        #expect(try store.repair("plans/Barge_Mining.txt").actions.count == 1)
        #expect(store.read("plans/Barge_Mining.txt") != nil)
    }

    @Test("the mode of a secret is tightened again")
    func mode() throws {
        let store = try HistoryStore(sample: "0.5.0")
        // Nobody reaches anything through a private directory.
        try store.setMode("", 0o755)
        try store.setMode("accounts.json", 0o600)
        try store.initialize()
        try store.snapshot()
        let whole = try store.everything()
        for name in ["sessions.json", "secret.key", "login_states.json", "accounts.json"] {
            try store.setMode(name, 0o644)
        }
        #expect(
            try store.repair().actions.map(\.action) == Array(repeating: .restoreMode, count: 4))
        #expect(try store.everything() == whole)
        // A mode that the application gives at each save is no damage.
        try store.put("accounts.json", store.read("accounts.json")! + "\n", mode: 0o644)
        #expect(try store.repair().actions.isEmpty)
    }

    @Test("without a snapshot it says what it cannot bring back, and changes nothing")
    func withoutSnapshot() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.initialize()
        try store.damage("accounts.json", .flippedBit)
        try store.damage("config.json", .onlyNULs)
        let tree = try store.wholeTree()
        let report = try store.repair()
        #expect(report.actions.isEmpty && report.transaction == nil)
        #expect(report.errors.map(\.document) == ["accounts.json", "config.json"])
        #expect(report.notes.contains { $0.hasPrefix("no good copy of accounts.json is known") })
        #expect(try store.wholeTree() == tree)
    }

    @Test("an older content is taken where the newest was not kept, and what is lost is told")
    func olderContent() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.snapshot()
        try store.write("a.json", "2")
        // Records the digest and keeps no content.
        try store.initialize()
        try store.write("a.json", "[")
        let report = try store.repair()
        #expect(store.read("a.json") == "1")
        let step = try #require(report.step(of: "a.json"))
        #expect(step.source == "transaction 1")
        #expect(step.lost.count == 2)
        #expect(step.lost[0].hasPrefix("what transaction 2 recorded"))
    }

    @Test("a content that was damaged already when it was recorded is passed over")
    func recordedDamage() throws {
        let store = try HistoryStore(["a.json": "[1]"])
        try store.snapshot()
        try store.write("a.json", "[1")
        try store.snapshot()
        try store.repair()
        #expect(store.read("a.json") == "[1]")
    }

    @Test("a content of history that is damaged itself is not taken")
    func damagedHistory() throws {
        let store = try HistoryStore(["a.json": "\"first content\""])
        try store.snapshot()
        try store.put("a.json", "\"second content\"")
        try store.write("a.json", "[")
        let log = ".canifly-store/log/00000001.log"
        let text = try #require(store.bytes(log))
        let second = Array("second content".utf8)
        let place = try #require(text.indices.first { text[$0...].starts(with: second) })
        try store.flipBit(of: log, at: place)
        let report = try store.repair()
        #expect(store.read("a.json") == "\"first content\"")
        #expect(report.step(of: "a.json")?.lost.isEmpty == false)
    }

    @Test("only the documents named are repaired")
    func named() throws {
        let store = try HistoryStore(["a.json": "1", "b.json": "2"])
        try store.snapshot()
        try store.write("a.json", "[")
        try store.write("b.json", "[")
        let report = try store.repair("b.json")
        #expect(store.read("a.json") == "[" && store.read("b.json") == "2")
        #expect(report.errors.map(\.document) == ["a.json"])
    }

    @Test("a dry run changes nothing and tells the same steps")
    func dryRun() throws {
        let store = try HistoryStore(sample: "0.1.5")
        try store.initialize()
        try store.snapshot()
        try store.damage("accounts.json", .cutInHalf)
        try store.write(".lock", "")
        try store.setModified(".lock", 1_600_000_000)
        try store.flipBit(of: ".canifly-store/catalog", at: 600)
        let tree = try store.wholeTree()
        let planned = try store.repair(isDryRun: true)
        #expect(planned.isDryRun)
        #expect(planned.actions.map(\.action) == [.breakLock, .rebuildCatalog, .restore])
        #expect(try store.wholeTree() == tree)
        let done = try store.repair()
        #expect(done.actions.map(\.action) == planned.actions.map(\.action))
        #expect(done.errors.isEmpty)
    }

    @Test("steps that nobody has confirmed are not taken")
    func confirmation() throws {
        let store = try HistoryStore(["a.json": "1", "b.json": "2"])
        try store.snapshot()
        try store.write("a.json", "[")
        let plan = try store.store.repairPlan(RepairRequest())
        try store.write("b.json", "[")
        let report = try store.store.repair(
            RepairRequest(), WriteOptions(command: "repair"), confirmed: plan)
        #expect(store.read("a.json") == "1" && store.read("b.json") == "[")
        #expect(report.errors.map(\.document) == ["b.json"])
    }

    @Test("a sealed and a packed document come back as they lay there")
    func forms() throws {
        let store = try HistoryStore()
        try store.initialize()
        var request = PutRequest(document: try StorePath("s.json"), bytes: Array("[1]".utf8))
        request.seals = true
        _ = try store.store.put(request, WriteOptions(command: "put"))
        request = PutRequest(document: try StorePath("p.json"), bytes: Array("[2]".utf8))
        request.packs = true
        _ = try store.store.put(request, WriteOptions(command: "put"))
        let sealed = try #require(store.bytes("s.json"))
        let packed = try #require(store.bytes("p.json.gz"))
        try store.write("s.json", sealed.map { $0 == UInt8(ascii: "1") ? UInt8(ascii: "7") : $0 })
        try store.write("p.json.gz", Array(packed.dropLast(3)))
        let report = try store.repair()
        #expect(store.bytes("s.json") == sealed)
        #expect(store.bytes("p.json.gz") == packed)
        #expect(report.errors.isEmpty)
    }
}
