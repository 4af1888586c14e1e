import CanIFlyStore
import Foundation
import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

/// LAYOUTS.md, section 12, on the samples.
@Suite struct SampleMigrationTests {
    static let accountDocuments = [
        "accounts/accounts.json", "account_data.json", "accounts.json", "accounts.json",
    ]
    static let deletedDocuments = [
        "accounts/deleted.json", "deleted.json", "deleted_characters.json",
        "deleted_characters.json",
    ]
    static let ways: [(from: Int, to: Int)] = (1...4).flatMap { from in
        (1...4).filter { $0 != from }.map { (from, $0) }
    }

    static func store(inLayout layout: Int) throws -> MigrationStore {
        try MigrationStore(samples: Fixtures.samples[layout - 1])
    }

    /// The accounts as leaves, wherever the layout has them.
    static func accounts(
        _ store: MigrationStore, layout: Int
    ) throws -> [String: String] {
        let root = try store.json(accountDocuments[layout - 1])
        return leaves(of: layout == 1 ? root : try root.at("/Accounts"))
    }

    static func associations(
        _ store: MigrationStore, layout: Int
    ) throws -> [String: String] {
        layout == 1
            ? leaves(of: try store.json("config/config.json").at("/associations"))
            : leaves(of: try store.json(accountDocuments[layout - 1]).at("/Associations"))
    }

    static func settings(_ store: MigrationStore, layout: Int) throws -> [String: String] {
        let config = try store.json(layout == 1 ? "config/config.json" : "config.json")
        let selections =
            layout == 1
            ? try store.json("config/selections.json")
            : try config.at(
                "/DropDownSelections")
        return [
            "roles": try config.at("/Roles").text,
            "settings": try config.at("/SettingsDir").text,
            "backup": try config.at("/LastBackupDir").text,
        ].merging(leaves(of: selections)) { first, _ in first }
    }

    @Test("every layout is carried to every other one, value by value", arguments: ways)
    func everyValueArrives(_ way: (from: Int, to: Int)) throws {
        let store = try Self.store(inLayout: way.from)
        let accounts = try Self.accounts(store, layout: way.from)
        let associations = try Self.associations(store, layout: way.from)
        let settings = try Self.settings(store, layout: way.from)
        let deleted = store.read(Self.deletedDocuments[way.from - 1])
        let plans = try Fixtures.files(of: "0.0.42-beside").map {
            String(decoding: $0.path, as: UTF8.self)
        }

        try store.migrate(to: way.to)

        #expect(try store.layout == way.to)
        #expect(try store.isSound())
        var expected = accounts
        if way.from == 1 {
            for (pointer, _) in accounts where pointer.hasSuffix("/ID") {
                expected[pointer.dropLast(2) + "Visible"] = "true"
            }
            for (pointer, _) in accounts where pointer.hasSuffix("/Role") {
                expected[pointer.dropLast(4) + "CorporationName"] = "\"\""
                expected[pointer.dropLast(4) + "AllianceName"] = "\"\""
            }
        }
        if way.to == 1 {
            expected = expected.filter { pointer, _ in
                !["/Visible", "/CorporationName", "/AllianceName"].contains {
                    pointer.hasSuffix($0)
                }
            }
        }
        #expect(try Self.accounts(store, layout: way.to) == expected)
        #expect(try Self.associations(store, layout: way.to) == associations)
        #expect(try Self.settings(store, layout: way.to) == settings)
        #expect(store.read(Self.deletedDocuments[way.to - 1]) == deleted)
        for plan in plans where plan.hasSuffix(".txt") {
            #expect(store.read(plan) != nil, "\(plan) is lost")
        }
    }

    @Test("every layout comes back from every other one as it was", arguments: ways)
    func wayAndBack(_ way: (from: Int, to: Int)) throws {
        let store = try Self.store(inLayout: way.from)
        var before = try store.everything()
        try store.migrate(to: way.to)
        try store.migrate(to: way.from)
        #expect(try store.layout == way.from)
        // Derived, or expired and of another shape: dropped on the way, and in the history.
        for name in ["appstate_snapshot.json", "config/appstate_snapshot.json"]
        where min(way.from, way.to) <= 2 {
            before["canifly/" + name] = nil
        }
        if way.from <= 2, way.to > 2 {
            before["canifly/cache.json"] = nil
            before["canifly/accounts/cache.json"] = nil
        }
        #expect(try store.everything() == before)
        #expect(try store.isSound())
        // All that was kept has come back, but for the old documents of layout 1, and what layout 1
        // has no place for.
        let kept = try FileManager.default.subpathsOfDirectory(
            atPath: store.url(".canifly-store").path
        ).filter { $0.hasPrefix("kept/") && store.read(".canifly-store/" + $0) != nil }
        #expect(
            kept.allSatisfy {
                $0.hasPrefix("kept/layout-1/") || way.from == 1 && $0 == "kept/layout-2.json"
            }, "\(kept)")
    }

    @Test("a rollback brings the original bytes and modes back", arguments: ways)
    func rollback(_ way: (from: Int, to: Int)) throws {
        let store = try Self.store(inLayout: way.from)
        try store.setMode(Self.accountDocuments[way.from - 1], 0o640)
        let before = try store.everything()
        try store.migrate(to: way.to)
        let report = try store.rollback()
        #expect(report.from == way.to && report.to == way.from)
        #expect(try store.everything() == before)
        #expect(try store.layout == way.from)
        #expect(try store.isSound())
    }

    @Test("everything that is kept is private, and the plan tells of it", arguments: ways)
    func keptIsPrivate(_ way: (from: Int, to: Int)) throws {
        let store = try Self.store(inLayout: way.from)
        let plan = try store.store.planMigration(MigrationRequest(.layout(way.to)))
        #expect(plan.isPending)
        let before = try store.everything()
        #expect(store.read(".canifly-store/catalog") == nil, "a plan has written")
        #expect(try store.everything() == before)
        let done = try store.migrate(to: way.to)
        #expect(done.kept == plan.kept)
        #expect(done.documents.map(\.document) == plan.documents.map(\.document))
        for path in done.kept {
            #expect(try store.mode(path.text) == 0o600)
        }
    }

    @Test("what layout 4 cannot keep in layout 1 comes back one layout at a time")
    func oneLayoutAtATime() throws {
        let store = try Self.store(inLayout: 4)
        let before = try store.everything()
        for layout in [3, 2, 1, 2, 3, 4] {
            try store.migrate(to: layout)
            #expect(try store.layout == layout)
            #expect(try store.isSound())
        }
        #expect(try store.everything() == before)
    }

    @Test("a migration to the layout that is there does nothing")
    func nothingToDo() throws {
        let store = try Self.store(inLayout: 2)
        try store.migrate(to: 3)
        let report = try store.migrate(to: 3)
        #expect(report.write.transaction == nil)
        #expect(!report.isPending)
        #expect(try !store.store.pendingMigration(MigrationRequest(.layout(3))).isPending)
        #expect(try store.store.pendingMigration(MigrationRequest(.layout(nil))).isPending)
    }

    @Test("layout 4 without a sign-in is remembered, until the documents look otherwise")
    func rememberedLayout() throws {
        let store = try Self.store(inLayout: 3)
        #expect(try store.layout == 3)
        try store.migrate()
        #expect(try store.layout == 4)
        // An old version of the application starts on it.
        for name in ["accounts.json", "secret.key", "api_cache.json", "deleted_characters.json"] {
            try store.remove(name)
        }
        try FileManager.default.removeItem(at: store.url("config"))
        try store.write("account_data.json", #"{"Accounts": [], "Associations": []}"#)
        #expect(try store.layout == 2)
    }

    @Test("the store's history tells of the migration, and not of what is kept")
    func history() throws {
        let store = try Self.store(inLayout: 1)
        try store.migrate()
        let summary = try #require(try store.store.history().first)
        #expect(summary.command == "migrate")
        #expect(summary.message == "layout 1 to 4")
        #expect(!summary.changes.contains { $0.document.text.hasPrefix(".canifly-store") })
        let entries = try store.store.list(patterns: [])
        #expect(!entries.contains { $0.document.text.hasPrefix(".canifly-store") })
        #expect(try store.store.snapshot(WriteOptions(command: "snapshot")).changes.isEmpty)
    }
}
