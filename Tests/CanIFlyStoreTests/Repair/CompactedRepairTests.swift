import Foundation
import StoreTestSupport
import Testing

@testable import CanIFlyStore

/// After a compaction the log lies in another folder and begins with a later transaction.
@Suite("Repairing the records of a store whose history was compacted")
struct CompactedRepairTests {
    private static let catalog = ".canifly-store/catalog"
    private static let firstLog = ".canifly-store/log"
    private static let log = ".canifly-store/log-2"
    private static let segment = ".canifly-store/log-2/00000002.log"

    /// Transactions 3 to 5 are kept of 1 to 5, and 6 was made since.
    private func makeStore() throws -> HistoryStore {
        let store = try makeUncompacted()
        try compact(store)
        #expect(try store.put("a.json", "12") == 6)
        return store
    }

    private func makeUncompacted() throws -> HistoryStore {
        let store = try HistoryStore(["a.json": "1", "b.json": "2", "c.json": "3"])
        try store.initialize()
        try store.snapshot()
        try store.put("a.json", "10")
        try store.delete("b.json")
        try store.put("a.json", "11")
        return store
    }

    private func compact(_ store: HistoryStore) throws {
        try store.write(".canifly-store/config.json", "{\"keep\": {\"last\": 3}}")
        let report = try store.store.compact(
            CompactRequest(), WriteOptions(command: "compact"))
        #expect(report.prunedTransactions == 2)
    }

    private func expectWhole(_ store: HistoryStore, _ what: Comment) throws {
        #expect(try store.isSound(), what)
        #expect(try store.content("a.json", at: .transaction(3)) == "10", what)
        #expect(try store.content("a.json", at: .transaction(5)) == "11", what)
        #expect(try store.content("c.json", at: .transaction(3)) == "3", what)
        #expect(try store.put("a.json", "13") == 7, what)
        try compactAgain(store, what)
    }

    /// The next generation gets a folder of its own again.
    private func compactAgain(_ store: HistoryStore, _ what: Comment) throws {
        _ = try store.store.compact(CompactRequest(), WriteOptions(command: "compact"))
        #expect(store.read("a.json") == "13", what)
        #expect(try store.isSound(), what)
    }

    @Test("each flipped byte of the catalog is survived, and history goes on")
    func flippedCatalog() throws {
        let count = try #require(try makeStore().bytes(Self.catalog)).count
        for offset in stride(from: 3, to: count, by: 97) {
            let store = try makeStore()
            let length = try #require(store.bytes(Self.catalog)).count
            try store.flipBit(of: Self.catalog, at: min(offset, length - 1))
            let report = try store.repair()
            #expect(report.errors.isEmpty, "byte \(offset): \(report.errors)")
            #expect(store.read("a.json") == "12" && store.read("b.json") == nil)
            try expectWhole(store, "byte \(offset)")
        }
    }

    @Test("a catalog that is lost or cut is made anew for the log that there is")
    func lostCatalog() throws {
        for count in [nil, 0, 100, 512, 1024, 1536] {
            let store = try makeStore()
            if let count {
                let catalog = try #require(store.bytes(Self.catalog))
                try store.overwrite(Self.catalog, with: Array(catalog.prefix(count)))
            } else {
                try store.remove(Self.catalog)
            }
            let report = try store.repair()
            #expect(report.errors.isEmpty, "\(count ?? -1) bytes: \(report.errors)")
            #expect(try store.store.history().map(\.number) == [6, 5, 4, 3])
            try expectWhole(store, "\(count ?? -1) bytes")
        }
    }

    @Test(
        "a compaction that was interrupted leaves two logs, and a lost catalog takes the one that goes on"
    )
    func twoLogs() throws {
        for isNewerComplete in [true, false] {
            let store = try makeUncompacted()
            let old = store.url(Self.firstLog)
            let aside = store.url("aside")
            try FileManager.default.copyItem(at: old, to: aside)
            try compact(store)
            try FileManager.default.moveItem(at: aside, to: old)
            if !isNewerComplete {
                let bytes = try #require(store.bytes(Self.segment))
                try store.overwrite(Self.segment, with: Array(bytes.prefix(1500)))
            }
            try store.remove(Self.catalog)
            let report = try store.repair()
            #expect(report.errors.isEmpty, "\(isNewerComplete): \(report.errors)")
            #expect(try store.content("a.json", at: .transaction(5)) == "11")
            #expect(try store.content("a.json", at: .transaction(3)) == "10")
            #expect(try store.isSound(), "\(isNewerComplete)")
            #expect(try store.put("a.json", "13") == 6)
            #expect(
                FileManager.default.fileExists(atPath: store.url(Self.log).path)
                    == isNewerComplete)
            #expect(FileManager.default.fileExists(atPath: old.path) != isNewerComplete)
        }
    }

    @Test("a log whose newest segment cannot be read is kept, and goes on in a new one")
    func damagedSegment() throws {
        for damage in ["flip", "cut", "remove"] {
            let store = try makeStore()
            let segment = try #require(store.bytes(Self.segment))
            switch damage {
            case "flip": try store.flipBit(of: Self.segment, at: 20)
            case "cut": try store.overwrite(Self.segment, with: Array(segment.prefix(200)))
            default: try store.remove(Self.segment)
            }
            let report = try store.repair()
            #expect(report.actions.map(\.action) == [.beginSegment], "\(damage)")
            #expect(report.errors.isEmpty, "\(damage): \(report.errors)")
            #expect(try store.put("a.json", "13") == 7, "\(damage)")
            #expect(try store.content("a.json", at: .transaction(7)) == "13")
        }
    }

    @Test("damaged documents come back from a history that was pruned and packed")
    func damagedDocuments() throws {
        let store = try makeStore()
        try store.write("a.json", "[")
        try store.remove("c.json")
        let report = try store.repair()
        #expect(report.errors.isEmpty)
        #expect(store.read("a.json") == "12" && store.read("c.json") == "3")
    }

    @Test("where neither catalog nor log can be read, the store begins anew")
    func nothingLeft() throws {
        let store = try makeStore()
        try store.overwrite(Self.catalog, with: Array("garbage".utf8))
        try store.flipBit(of: Self.segment, at: 3)
        let report = try store.repair()
        #expect(report.errors.isEmpty)
        #expect(try store.quarantine().count == 2)
        #expect(try store.initialize() == 1)
        #expect(try store.isSound())
        #expect(!FileManager.default.fileExists(atPath: store.url(Self.log).path))
    }
}
