import Foundation
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

@Suite("Repairing the store's own records")
struct RecordRepairTests {
    private static let catalog = ".canifly-store/catalog"
    private static let log = ".canifly-store/log/00000001.log"

    /// Recorded, kept, changed and deleted documents.
    private func makeStore() throws -> HistoryStore {
        let store = try HistoryStore(["a.json": "1", "b.json": "2", "c.json": "3"])
        try store.initialize()
        try store.snapshot()
        try store.put("a.json", "10")
        try store.delete("b.json")
        return store
    }

    @Test("each flipped byte of the catalog is survived, and history goes on")
    func flippedCatalog() throws {
        let original = try makeStore()
        let bytes = try #require(original.bytes(Self.catalog))
        for offset in stride(from: 3, to: bytes.count, by: 97) {
            let store = try makeStore()
            let count = try #require(store.bytes(Self.catalog)).count
            try store.flipBit(of: Self.catalog, at: min(offset, count - 1))
            let report = try store.repair()
            #expect(report.errors.isEmpty, "byte \(offset): \(report.errors)")
            #expect(store.read("a.json") == "10" && store.read("b.json") == nil)
            #expect(try store.isSound(), "byte \(offset)")
            #expect(try store.content("a.json", at: .transaction(2)) == "1", "byte \(offset)")
            #expect(try store.put("a.json", "11") == 5, "byte \(offset)")
        }
    }

    @Test("a catalog cut anywhere is made whole from the log")
    func cutCatalog() throws {
        let length = try #require(try makeStore().bytes(Self.catalog)).count
        for count in stride(from: 0, through: length - 1, by: 256) {
            let store = try makeStore()
            let catalog = try #require(store.bytes(Self.catalog))
            try store.overwrite(Self.catalog, with: Array(catalog.prefix(count)))
            let report = try store.repair()
            #expect(report.errors.isEmpty, "\(count) bytes: \(report.errors)")
            #expect(store.read("a.json") == "10" && store.read("c.json") == "3")
            #expect(try store.content("a.json", at: .transaction(2)) == "1", "\(count) bytes")
            #expect(try store.put("a.json", "11") == 5, "\(count) bytes")
        }
    }

    @Test("a lost catalog is made anew, and what it knew alone is told")
    func lostCatalog() throws {
        let store = try makeStore()
        let documents = try store.everything()
        try store.remove(Self.catalog)
        #expect(try store.findings().map(\.code) == [.catalogCorrupt])
        let report = try store.repair()
        let step = try #require(report.step(of: nil))
        #expect(step.action == .rebuildCatalog && step.quarantined == nil)
        #expect(step.lost.count == 2)
        #expect(step.lost[0].hasPrefix("what transaction 1 recorded"))
        #expect(step.lost[1].hasPrefix("the signatures of "))
        #expect(report.errors.isEmpty)
        #expect(try store.everything() == documents)
        let history = try store.store.history()
        #expect(history.map(\.number) == [4, 3, 2, 1])
        #expect(history.map(\.command) == ["delete", "put", "snapshot", "unknown"])
        #expect(try store.content("b.json", at: .transaction(3)) == "2")
        // Everything works on.
        try store.write("c.json", "[")
        try store.repair()
        #expect(store.read("c.json") == "3")
    }

    @Test("the damaged catalog is kept")
    func quarantinedCatalog() throws {
        let store = try makeStore()
        try store.flipBit(of: Self.catalog, at: 600)
        let damaged = try #require(store.bytes(Self.catalog))
        let report = try store.repair()
        let place = try #require(report.step(of: nil)?.quarantined)
        #expect(store.bytes(place) == damaged)
        // All groups but the one that was hit are as they were, signatures included.
        #expect(report.step(of: nil)?.lost.allSatisfy { !$0.contains("signatures") } == true)
    }

    @Test("damaged documents come back even where the catalog is damaged as well")
    func both() throws {
        let store = try makeStore()
        try store.remove(Self.catalog)
        try store.write("a.json", "[")
        try store.write("c.json", "[")
        let plan = try store.store.repairPlan(RepairRequest())
        let report = try store.store.repair(
            RepairRequest(), WriteOptions(command: "repair"), confirmed: plan)
        #expect(store.read("a.json") == "10" && store.read("c.json") == "3")
        #expect(report.errors.isEmpty)
    }

    @Test("where neither catalog nor log can be read, the store begins anew")
    func nothingLeft() throws {
        let store = try makeStore()
        try store.flipBit(of: Self.catalog, at: 3)
        try store.flipBit(of: Self.log, at: 3)
        try store.overwrite(Self.catalog, with: Array("garbage".utf8))
        let report = try store.repair()
        #expect(report.step(of: nil)?.lost.isEmpty == false)
        #expect(report.errors.isEmpty)
        #expect(try store.quarantine().count == 2)
        #expect(try store.initialize() == 1)
        #expect(store.read("a.json") == "10")
    }

    @Test("a log whose newest segment cannot be read is kept, and goes on in a new one")
    func damagedSegment() throws {
        for damage in ["flip", "cut", "remove"] {
            let store = try makeStore()
            let segment = try #require(store.bytes(Self.log))
            switch damage {
            case "flip": try store.flipBit(of: Self.log, at: 20)
            case "cut": try store.overwrite(Self.log, with: Array(segment.prefix(200)))
            default: try store.remove(Self.log)
            }
            #expect(try store.findings().map(\.code) == [.logCorrupt], "\(damage)")
            let damaged = store.bytes(Self.log)
            let report = try store.repair()
            #expect(report.actions.map(\.action) == [.beginSegment], "\(damage)")
            #expect(report.errors.isEmpty, "\(damage): \(report.errors)")
            if damage == "flip" {
                let place = try #require(report.actions[0].quarantined)
                #expect(store.bytes(place) == damaged)
            }
            #expect(try store.put("a.json", "11") == 5, "\(damage)")
            #expect(try store.content("a.json", at: .transaction(5)) == "11")
        }
    }

    @Test("a transaction that was interrupted is finished, or its contents serve the repair")
    func pending() throws {
        let store = try makeStore()
        // As if the power had gone before the documents and the catalog were written.
        let catalog = try #require(store.bytes(Self.catalog))
        try store.put("a.json", "20")
        try store.overwrite(Self.catalog, with: catalog)
        try store.write("a.json", "10")
        let report = try store.repair()
        #expect(report.actions.map(\.action) == [.finishTransaction])
        #expect(store.read("a.json") == "20")
        #expect(report.errors.isEmpty)

        let second = try makeStore()
        let before = try #require(second.bytes(Self.catalog))
        try second.put("a.json", "20")
        try second.overwrite(Self.catalog, with: before)
        // Neither what was before nor what was to be, but ruins.
        try second.write("a.json", "2")
        try second.write("a.json", "[")
        let salvaged = try second.repair()
        #expect(second.read("a.json") == "20")
        #expect(salvaged.step(of: "a.json")?.source == "log")
        #expect(salvaged.errors.isEmpty)
    }

    @Test("an empty lock and one that a dead command has left on guard are removed")
    func locks() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.initialize()
        try store.write(".lock", "")
        try store.setModified(".lock", 1_600_000_000)
        let report = try store.repair()
        #expect(report.actions.map(\.action) == [.breakLock])
        #expect(store.bytes(".lock") == nil)
        #expect(report.errors.isEmpty)
    }

    @Test("a repair of a sound store writes nothing")
    func nothingToDo() throws {
        let store = try makeStore()
        let tree = try store.wholeTree()
        let report = try store.repair()
        #expect(report.actions.isEmpty && report.remaining.isEmpty)
        #expect(try store.wholeTree() == tree)
    }
}
