import Testing

@testable import CanIFlyStore

/// A transaction that is committed and not carried out: the power went before its documents and the
/// catalog were written. What recovery is going to do to a document is no damage to it.
@Suite("While a transaction waits")
struct WaitingTransactionTests {
    private static let catalog = ".canifly-store/catalog"

    private func makeStore() throws -> HistoryStore {
        let store = try HistoryStore(["a.json": "1", "b.json": "2"])
        try store.initialize()
        try store.snapshot()
        return store
    }

    /// Does something and lets all but the log forget it.
    private func interrupt(_ store: HistoryStore, _ change: () throws -> Void) throws {
        let catalog = try #require(store.bytes(Self.catalog))
        try change()
        try store.overwrite(Self.catalog, with: catalog)
    }

    @Test("a document that it is to make is not missing, and is made")
    func creation() throws {
        let store = try makeStore()
        try interrupt(store) {
            try store.put("new.json", "3")
            try store.remove("new.json")
        }
        #expect(try store.allFindings().map(\.code) == [.logPending])
        #expect(try store.store.status().missingDocuments == 0)
        let plan = try store.store.repairPlan(RepairRequest())
        #expect(plan.steps.map(\.action) == [.finishTransaction] && plan.notes.isEmpty)
        let report = try store.repair()
        #expect(report.actions.map(\.action) == [.finishTransaction])
        #expect(report.remaining.isEmpty)
        #expect(store.read("new.json") == "3")
        #expect(try store.allFindings().isEmpty)
    }

    @Test("a document that it is to remove is not untracked, and is removed")
    func removal() throws {
        let store = try makeStore()
        try interrupt(store) {
            try store.delete("b.json")
            try store.write("b.json", "2")
        }
        #expect(try store.allFindings().map(\.code) == [.logPending])
        #expect(try store.store.status().untrackedDocuments == 0)
        let report = try store.repair()
        #expect(report.actions.map(\.action) == [.finishTransaction])
        #expect(report.remaining.isEmpty)
        #expect(store.read("b.json") == nil)
        #expect(try store.allFindings().isEmpty)
    }

    @Test("a document that it is to replace is not changed, and is replaced")
    func replacement() throws {
        let store = try makeStore()
        try interrupt(store) {
            try store.put("a.json", "10")
            try store.write("a.json", "1")
        }
        #expect(try store.allFindings().map(\.code) == [.logPending])
        let report = try store.repair()
        #expect(report.actions.map(\.action) == [.finishTransaction])
        #expect(store.read("a.json") == "10")
        #expect(try store.allFindings().isEmpty)
    }

    @Test("a document that it has nothing to do with is missing all the same, and comes back")
    func other() throws {
        let store = try makeStore()
        try interrupt(store) {
            try store.put("a.json", "10")
            try store.write("a.json", "1")
        }
        try store.remove("b.json")
        #expect(try store.allFindings().map(\.code) == [.logPending, .missing])
        let report = try store.repair()
        #expect(report.actions.map(\.action) == [.finishTransaction, .restore])
        #expect(store.read("a.json") == "10" && store.read("b.json") == "2")
        #expect(report.remaining.isEmpty)
    }
}
