import CanIFlyStore
import Foundation
import LosslessJSON
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

/// What older layouts left behind, carried over into the live documents.
@Suite struct LeftBehindMigrationTests {
    /// A directory that went through all versions, and whose owner began anew with one account.
    static func store() throws -> MigrationStore {
        let store = try MigrationStore(samples: "0.5.0", "0.0.58", "0.0.42")
        try store.write("identity/1_identity.json", [1, 2, 3])
        try keepOnly(accounts: 1, characters: 1, associations: 1, in: store)
        return store
    }

    static func keepOnly(
        accounts: Int, characters: Int, associations: Int, in store: MigrationStore
    ) throws {
        let document = try JSONDocument(try #require(store.read("accounts.json")))
        var editor = JSONEditor(document)
        for index in (accounts..<3).reversed() {
            try editor.remove(try JSONPointer("/Accounts/\(index)"))
        }
        if accounts > 0 {
            let count = try document.root.at("/Accounts/0/Characters").count
            for index in (characters..<count).reversed() {
                try editor.remove(try JSONPointer("/Accounts/0/Characters/\(index)"))
            }
        }
        let count = try document.root.at("/Associations").count
        for index in (associations..<count).reversed() {
            try editor.remove(try JSONPointer("/Associations/\(index)"))
        }
        try store.write("accounts.json", editor.bytes)
    }

    @Test("exactly what is missing is added, nothing is overwritten, and a second run does nothing")
    func takeOver() throws {
        let store = try Self.store()
        try store.remove("plans/侦察 101.txt")
        let before = try store.json("accounts.json")
        let config = store.read("config.json")
        let old = try store.json("account_data.json")
        let others = try store.everything().filter { name, _ in
            ["canifly/secret.key", "canifly/sessions.json", "canifly/deleted_characters.json"]
                .contains(name) || name.hasPrefix("canifly/plans/") && name.hasSuffix(".txt")
        }
        let report = try store.takeOver()
        #expect(report.from == 4 && report.to == 4)
        #expect(try store.layout == 4)
        let now = try store.json("accounts.json")
        // What was there is there, at its place, as it was spelled.
        let leavesNow = leaves(of: now)
        for (pointer, value) in leaves(of: before) { #expect(leavesNow[pointer] == value) }
        // What was missing is as the newest of the old documents had it.
        #expect(try now.at("/Accounts").count == 3)
        for account in 0..<3 {
            #expect(
                try now.at("/Accounts/\(account)/Name").text
                    == old.at("/Accounts/\(account)/Name").text)
            let characters = try now.at("/Accounts/\(account)/Characters")
            #expect(try characters.count == old.at("/Accounts/\(account)/Characters").count)
            for (index, character) in characters.elements.enumerated()
            where account > 0 || index > 0 {
                #expect(
                    leaves(of: character)
                        == leaves(of: try old.at("/Accounts/\(account)/Characters/\(index)")))
            }
        }
        #expect(try now.at("/Accounts/2/ID").text == "1734101234")
        #expect(try now.at("/Associations").count == 7)
        #expect(store.read("config.json") == config)
        #expect(store.text("plans/侦察 101.txt")?.hasPrefix("Lantern Frigate 2") == true)
        let after = try store.everything()
        for (name, state) in others { #expect(after[name] == state, "\(name)") }
        // The old documents are kept aside.
        for name in ["account_data.json", "accounts/accounts.json", "identity/1_identity.json"] {
            #expect(store.read(name) == nil)
        }
        #expect(store.kept("layout-2/account_data.json") == old.textBytes)
        #expect(store.kept("layout-0/identity/1_identity.json") == [1, 2, 3])
        #expect(try store.mode(".canifly-store/kept/layout-2/account_data.json") == 0o600)
        #expect(try store.isSound())

        #expect(try store.takeOver().write.transaction == nil)
        #expect(try store.everything() == after)
        try store.rollback()
        #expect(store.read("account_data.json") == old.textBytes)
        #expect(store.read("accounts.json") == before.textBytes)
    }

    @Test("verify and status say what only the old documents hold")
    func told() throws {
        let store = try Self.store()
        let findings = try store.store.verify(VerifyRequest()).findings
            .filter { $0.code == .layoutLeftBehind }
        #expect(findings.count == 3)
        #expect(findings.contains { $0.severity == .warning && $0.detail.contains("2 accounts") })
        #expect(findings.contains { $0.detail.contains("6 characters") })
        let status = try store.store.status()
        #expect(status.leftBehind.contains { $0.hasPrefix("2 accounts") })
        #expect(status.next.contains { $0.contains("migrate --left-behind") })
        try store.takeOver()
        #expect(
            try !store.store.verify(VerifyRequest()).findings
                .contains { $0.code == .layoutLeftBehind })
        #expect(try store.store.status().leftBehind.isEmpty)
    }

    @Test("a live document that is missing is made of the old ones")
    func missingLiveDocuments() throws {
        let store = try Self.store()
        for name in ["accounts.json", "config.json", "deleted_characters.json"] {
            try store.remove(name)
        }
        try store.takeOver()
        #expect(try store.json("accounts.json").at("/Accounts").count == 3)
        #expect(try store.json("config.json").at("/Roles").count == 4)
        #expect(try store.json("deleted_characters.json").count == 2)
        #expect(try store.isSound())
    }

    @Test("lists that are null in the live documents are filled")
    func nullLists() throws {
        let store = try Self.store()
        try store.write("accounts.json", #"{"Accounts": null, "Associations": null, "x": 1}"#)
        try store.write(
            "config.json", #"{"Roles": null, "SettingsDir": "/mine", "DropDownSelections": null}"#)
        try store.takeOver()
        #expect(try store.json("accounts.json").at("/Accounts").count == 3)
        #expect(try store.json("accounts.json").at("/x").integer == 1)
        #expect(try store.json("config.json").at("/Roles").count == 4)
        #expect(try store.json("config.json").at("/SettingsDir").string == "/mine")
        #expect(try store.json("config.json").at("/DropDownSelections").count == 3)
    }

    @Test("an account whose characters are all elsewhere was renamed, and is not added again")
    func renamedAccount() throws {
        let store = try MigrationStore([
            "accounts.json": """
            {"Accounts": [\(CanIFlyStepTests.account(
                    "New name", id: "5", CanIFlyStepTests.identity("90")))], "Associations": []}
            """,
            "account_data.json": """
            {"Accounts": [
              \(CanIFlyStepTests.account("Old name", id: "5", CanIFlyStepTests.identity("90"))),
              \(CanIFlyStepTests.account("Other", id: "5", CanIFlyStepTests.identity("90"),
                    CanIFlyStepTests.identity("91"))),
              \(CanIFlyStepTests.account("Empty", id: "0"))],
             "Associations": []}
            """,
        ])
        try store.takeOver()
        let accounts = try store.json("accounts.json").at("/Accounts")
        #expect(
            accounts.elements.map { $0.member(named: "Name")?.string } == [
                "New name", "Other", "Empty",
            ])
        #expect(try accounts.at("/1/Characters").count == 1)
        #expect(try accounts.at("/1/Characters/0/Character/CharacterID").integer == 91)
        let identifiers = accounts.elements.map { $0.member(named: "ID")!.text }
        #expect(identifiers[0] == "5" && Set(identifiers).count == 3 && !identifiers.contains("0"))
    }

    @Test("where the accounts cannot be read, the copy of everything gives them")
    func accountsOfTheSnapshot() throws {
        let store = try Self.store()
        try store.write("account_data.json", "{\"Accounts\": [")
        try FileManager.default.removeItem(at: store.url("accounts"))
        let report = try store.takeOver()
        #expect(try store.json("accounts.json").at("/Accounts").count == 3)
        #expect(report.write.notes.contains { $0.contains("account_data.json cannot be read") })
        #expect(report.write.notes.contains { $0.contains("appstate_snapshot.json") })
        #expect(store.kept("layout-2/account_data.json") == Array("{\"Accounts\": [".utf8))
    }

    @Test("plans that the user deleted in layout 2 do not come back")
    func deletedPlans() throws {
        let store = try Self.store()
        try store.writeBeside("plans/Magic_14.txt", Array("Gunnery 1\n".utf8))
        try store.writeBeside("plans/Mine.txt", Array("Gunnery 2\n".utf8))
        try store.takeOver()
        #expect(store.text("plans/Mine.txt") == "Gunnery 2\n")
        #expect(store.read("plans/Magic_14.txt") == nil)
    }

    @Test("a live document that is damaged stays as it is, and nothing is carried over")
    func damagedLiveDocument() throws {
        let store = try Self.store()
        try store.write("accounts.json", "{\"Accounts\": [")
        let error = try store.refusal { try store.takeOver() }
        #expect(error.kind == .invalidData && error.document?.text == "accounts.json")
    }

    @Test("a directory of one layout has nothing left behind", arguments: Fixtures.samples)
    func nothingLeft(_ sample: String) throws {
        let store = try MigrationStore(samples: sample)
        let before = try store.everything()
        #expect(try store.takeOver().write.transaction == nil)
        #expect(try store.everything() == before)
    }

    /// Once they were taken for those of layout 0, which only `--left-behind` could save, and that put
    /// them away.
    @Test("plans that came down to layout 1 stay, and are told of")
    func plansInLayoutOne() throws {
        let store = try MigrationStore(samples: "0.0.58")
        let report = try store.migrate(to: 1)
        #expect(report.write.notes.contains { $0.contains("5 stay in plans/") })
        #expect(
            try !store.store.verify(VerifyRequest()).findings
                .contains { $0.code == .layoutLeftBehind })
        #expect(try store.takeOver().write.transaction == nil)
        #expect(store.read("plans/Barge_Mining.txt") != nil)
    }

    @Test("layout 2 takes over what layout 1 left as well")
    func layoutTwo() throws {
        let store = try MigrationStore(samples: "0.0.58", "0.0.42")
        try store.write("account_data.json", #"{"Accounts": [], "Associations": []}"#)
        try store.takeOver()
        #expect(try store.layout == 2)
        #expect(try store.json("account_data.json").at("/Accounts").count == 3)
        #expect(store.read("accounts/accounts.json") == nil)
        // And now the way is free.
        try store.migrate(to: 1)
        #expect(try store.json("accounts/accounts.json").count == 3)
    }
}

extension JSONValue {
    /// The text of the document that this is the whole of.
    var textBytes: [UInt8] { Array(bytes) }
}
