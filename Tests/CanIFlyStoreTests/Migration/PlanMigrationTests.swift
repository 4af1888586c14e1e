import CanIFlyStore
import Foundation
import StoreFiles
import StoreTestSupport
import Testing

/// Plans: beside the store in layout 1, with comments from layout 3 on.
@Suite struct PlanMigrationTests {
    static func store(inside: [String: String], beside: [String: String]) throws -> MigrationStore {
        let store = try MigrationStore(["accounts/accounts.json": "[]"])
        for (name, text) in inside { try store.write("plans/\(name)", text) }
        for (name, text) in beside { try store.writeBeside("plans/\(name)", Array(text.utf8)) }
        return store
    }

    @Test("plans beside the store are copied in, and stay where they are")
    func copiedIn() throws {
        let store = try Self.store(
            inside: ["Old.txt": "Gunnery 1\n"],
            beside: ["New.txt": "Mining 2\n", "notes.md": "no plan", "sub.txt/x": "no file"])
        try store.migrate(to: 2)
        #expect(store.text("plans/New.txt") == "Mining 2\n")
        #expect(try store.mode("plans/New.txt") == 0o644)
        #expect(store.text("plans/Old.txt") == "Gunnery 1\n")
        #expect(store.read("plans/notes.md") == nil)
        #expect(try store.everything()["plans/New.txt"] != nil)
        try store.migrate(to: 1)
        #expect(store.read("plans/New.txt") == nil)
        #expect(store.text("plans/Old.txt") == "Gunnery 1\n")
    }

    @Test("of two plans of one name the one beside the store is the newer, and the other is kept")
    func displacedPlan() throws {
        let store = try Self.store(
            inside: ["A.txt": "Gunnery 1\n"], beside: ["A.txt": "Gunnery 5\n"])
        try store.migrate(to: 2)
        #expect(store.text("plans/A.txt") == "Gunnery 5\n")
        #expect(store.kept("layout-0/plans/A.txt") == Array("Gunnery 1\n".utf8))
        try store.migrate(to: 1)
        #expect(store.text("plans/A.txt") == "Gunnery 1\n")
        #expect(store.kept("layout-0/plans/A.txt") == nil)
    }

    @Test(
        "a plan that was edited in layout 2 outlives the one beside the store, unless that is newer"
    )
    func editedPlan() throws {
        let store = try Self.store(
            inside: [:], beside: ["A.txt": "Gunnery 5\n", "B.txt": "Mining 1\n"])
        try store.migrate(to: 2)
        try store.write("plans/A.txt", "Gunnery 4\n")
        try store.write("plans/B.txt", "Mining 2\n")
        try store.migrate(to: 1)
        #expect(store.text("plans/A.txt") == "Gunnery 4\n")
        // The old version of the application is used for a while.
        try store.writeBeside("plans/B.txt", Array("Mining 3\n".utf8))
        try store.migrate(to: 2)
        #expect(store.text("plans/A.txt") == "Gunnery 4\n")
        #expect(store.text("plans/B.txt") == "Mining 3\n")
        #expect(store.kept("layout-0/plans/B.txt") == Array("Mining 2\n".utf8))
        #expect(store.kept("layout-2.json") == nil)
    }

    static let commented = "# icon: 990002\r\n# first\r\n\r\nGunnery 1\r\n # second\r\nMining 2"

    @Test("comments go on the way down and come back")
    func comments() throws {
        let store = try MigrationStore([
            "accounts.json": #"{"Accounts": [], "Associations": []}"#,
            "plans/A.txt": Self.commented,
        ])
        try store.migrate(to: 2)
        #expect(store.text("plans/A.txt") == "\r\nGunnery 1\r\nMining 2")
        #expect(try store.isSound())
        try store.migrate(to: 3)
        #expect(store.text("plans/A.txt") == Self.commented)
        #expect(store.kept("layout-3/plans/A.txt") == nil)
    }

    @Test("a plan that was edited in layout 2 gets its icon back, and the other comments stay kept")
    func editedPlanWithComments() throws {
        let store = try MigrationStore([
            "accounts.json": #"{"Accounts": [], "Associations": []}"#,
            "plans/A.txt": Self.commented, "plans/B.txt": "# icon: 7\nGunnery 1\n",
            "plans/C.txt": "# icon: 8\nGunnery 1\n",
        ])
        try store.migrate(to: 2)
        try store.write("plans/A.txt", "Mining 5\n")
        try store.write("plans/B.txt", "Mining 5\n")
        try store.remove("plans/C.txt")
        let report = try store.migrate(to: 3)
        #expect(store.text("plans/A.txt") == "# icon: 990002\r\n# first\r\n\r\nMining 5\n")
        #expect(store.text("plans/B.txt") == "# icon: 7\nMining 5\n")
        #expect(store.read("plans/C.txt") == nil)
        #expect(store.kept("layout-3/plans/A.txt") == Array(Self.commented.utf8))
        #expect(store.kept("layout-3/plans/B.txt") == nil)
        #expect(report.write.notes.contains { $0.contains("plans/A.txt") })
    }

    @Test("a plan beside the store that layout 2 could not read is refused")
    func unreadablePlan() throws {
        let store = try Self.store(inside: [:], beside: ["A.txt": "Gunnery V\n"])
        let error = try store.refusal { try store.migrate(to: 2) }
        #expect(error.kind == .invalidData)
        #expect(error.document?.text == "plans/A.txt")
    }
}
