import CanIFlyStore
import Foundation
import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

/// What the samples do not have.
@Suite struct CanIFlyStepTests {
    static func identity(_ identifier: String, _ more: String = "") -> String {
        """
        {"Token": {"access_token": "FAKE.a", "expiry": "0001-01-01T00:00:00Z"},
         "Character": {"CharacterID": \(identifier), "CharacterName": "Pilot \(identifier)"\(more)},
         "Role": "", "MCT": false, "Training": ""}
        """
    }

    static func account(_ name: String, id: String, _ characters: String...) -> String {
        """
        {"Name": "\(name)", "Status": "Omega", "Characters": [\(characters.joined(separator: ","))],
         "ID": \(id)}
        """
    }

    static let config1 = """
        {"Roles": null, "SettingsDir": "", "LastBackupDir": "", "settingsData": null,
         "associations": [{"userId": "7", "charId": "2199000001", "charName": "A"}],
         "userAccount": {"7": "One", "8": "gone", "9": "9"}}
        """

    @Test("digits, unknown members, accents and marks survive every way")
    func oddValues() throws {
        let composed = "Zo\u{00EB}"
        let decomposed = "Zoe\u{0308}"
        let marked = "\u{200F}שלום\u{200E} \u{202B}x\u{202C}"
        let digits = "123456789012345678901234567890"
        let odd = """
            , "unknown": \(digits), "ratio": -0.10, "big": 1e400, "\(composed)": "\(composed)",
             "\(decomposed)": "\(decomposed)", "mark": "\(marked)", "escaped": "\\u00eb\\/\\ud83d\\ude80"
            """
        let store = try MigrationStore([
            "accounts/accounts.json":
                "[" + Self.account("One", id: "9223372036854775807", Self.identity("7", odd))
                + "]",
            "config/config.json": Self.config1.replacingOccurrences(
                of: "{\"Roles\"", with: "{\"\(decomposed)\": \(digits), \"Roles\""),
        ])
        let before = leaves(of: try store.json("accounts/accounts.json"))
        let configBefore = leaves(of: try store.json("config/config.json"))
        for layout in [2, 3, 4] {
            try store.migrate(to: layout)
            let document = layout == 2 ? "account_data.json" : "accounts.json"
            let now = leaves(of: try store.json(document).at("/Accounts"))
            for (pointer, value) in before { #expect(now[pointer] == value, "\(pointer)") }
            #expect(now["/0/ID"] == "9223372036854775807")
            let config = leaves(of: try store.json("config.json"))
            #expect(
                config.first { $0.key.utf8.elementsEqual("/\(decomposed)".utf8) }?.value == digits)
        }
        try store.migrate(to: 1)
        let after = leaves(of: try store.json("accounts/accounts.json"))
        #expect(after == before)
        #expect(
            after.keys.contains {
                $0.utf8.elementsEqual("/0/Characters/0/Character/\(composed)".utf8)
            })
        #expect(leaves(of: try store.json("config/config.json")) == configBefore)
    }

    @Test("names are found without regard to case, as the application finds them")
    func namesInOtherCase() throws {
        let store = try MigrationStore([
            "account_data.json": """
            {"accounts": [{"name": "One", "CHARACTERS": null, "id": 0, "visible": false}],
             "associations": null, "More": [1]}
            """
        ])
        try store.migrate(to: 3)
        let root = try store.json("accounts.json")
        #expect(try root.at("/accounts/0/visible").text == "false")
        #expect(root.member(named: "Accounts") == nil)
        #expect(try root.at("/accounts/0").member(named: "Visible") == nil)
        #expect(try root.at("/accounts/0/id").integer != 0)
        try store.migrate(to: 1)
        #expect(try store.json("accounts/accounts.json").at("/0").member(named: "visible") == nil)
        try store.migrate(to: 2)
        #expect(try store.json("account_data.json").at("/Accounts/0/Visible").text == "false")
        #expect(try store.json("account_data.json").at("/More/0").text == "1")
    }

    @Test("ids that are 0 or another account's become new ones that no association names")
    func identifiers() throws {
        let clock = String(Fixtures.sampleClock.seconds * 1_000_000_000)
        let documents = [
            "account_data.json": """
            {"Accounts": [
              \(Self.account("A", id: "0")), \(Self.account("B", id: "5")),
              \(Self.account("C", id: "5")), {"Name": "D", "Status": "Alpha", "Characters": null},
              \(Self.account("E", id: "0"))],
             "Associations": [{"userId": "\(clock)", "charId": "1", "charName": ""},
                              {"userId": "5", "charId": "2", "charName": ""}]}
            """
        ]
        let store = try MigrationStore(documents)
        let associations = try store.json("account_data.json").at("/Associations").text
        let report = try store.migrate(to: 3)
        #expect(report.write.notes.contains { $0.contains("4 accounts get a new id") })
        let root = try store.json("accounts.json")
        let found = try root.at("/Accounts").elements.map {
            try #require($0.member(named: "ID")).text
        }
        #expect(found[1] == "5")
        #expect(Set(found).count == 5)
        #expect(!found.contains("0") && !found.contains(clock))
        #expect(found.allSatisfy { $0 == "5" || $0.count == 19 })
        #expect(try root.at("/Associations").text == associations)
        // The same at the same moment.
        let again = try MigrationStore(documents)
        try again.migrate(to: 3)
        #expect(again.read("accounts.json") == store.read("accounts.json"))
    }

    @Test("userAccount is kept where it says more than the accounts do, and made anew")
    func userNames() throws {
        let store = try MigrationStore([
            "accounts/accounts.json":
                "[" + Self.account("One", id: "7") + "," + Self.account("Two", id: "11") + "]",
            "config/config.json": Self.config1,
        ])
        try store.migrate(to: 2)
        let kept = try JSONDocument(try #require(store.kept("layout-1.json"))).root
        #expect(try kept.at("/userAccount").text == #"{"8":"gone","9":"9"}"#)
        try store.migrate(to: 1)
        let names = try store.json("config/config.json").at("/userAccount")
        #expect(leaves(of: names) == ["/7": "\"One\"", "/8": "\"gone\"", "/9": "\"9\""])
        #expect(store.kept("layout-1.json") == nil)
    }

    @Test("no accounts, and no settings, are none in every layout")
    func nothingThere() throws {
        let store = try MigrationStore(["accounts/accounts.json": "null"])
        try store.migrate(to: 2)
        #expect(
            leaves(of: try store.json("account_data.json"))
                == ["/Accounts": "[]", "/Associations": "[]"])
        #expect(store.read("config.json") == nil)
        try store.write("config.json", "")
        try store.migrate(to: 3)
        // The application starts without the document, and not with an empty one.
        #expect(store.read("config.json") == nil)
        #expect(try store.isSound())
    }

    @Test("lists that layout 3 has as null are empty in layout 2")
    func nullLists() throws {
        let store = try MigrationStore([
            "accounts.json": """
            {"Accounts": [{"Name": "A", "Status": "Omega", "Characters": null, "ID": 1,
             "Visible": true}], "Associations": null}
            """
        ])
        try store.migrate(to: 2)
        let root = try store.json("account_data.json")
        #expect(try root.at("/Associations").text == "[]")
        #expect(try root.at("/Accounts/0/Characters").text == "[]")
    }

    @Test("a hidden account stays hidden, and is told of")
    func hiddenAccounts() throws {
        let store = try MigrationStore(samples: "0.0.58")
        let report = try store.migrate(to: 3)
        #expect(report.write.notes.contains { $0.contains("1 account is hidden") })
        #expect(try store.json("accounts.json").at("/Accounts/2/Visible").text == "false")
        #expect(report.write.notes.contains { $0.contains("EVEClientID") })
    }

    @Test("a target that is there already is neither merged nor overwritten")
    func targetIsThere() throws {
        let store = try MigrationStore(samples: "0.0.42")
        try store.write("config.json", "{}")
        let error = try store.refusal { try store.migrate(to: 2) }
        #expect(error.kind == .invalidData && error.code == "migration-target-exists")
        #expect(error.document?.text == "config.json")
    }

    @Test(
        "a damaged document is not migrated",
        arguments: [
            ("0.0.42", "accounts/accounts.json", "[{"), ("0.0.42", "config/config.json", "[]"),
            ("0.0.58", "account_data.json", "{\"Accounts\": 7}"),
            ("0.0.58", "config.json", "{\"Roles\": 7}"), ("0.0.58", "plans/x.txt", "Gunnery V"),
        ])
    func damagedDocument(_ sample: String, _ document: String, _ text: String) throws {
        let store = try MigrationStore(samples: sample)
        try store.write(document, text)
        // What is damaged in both layouts alike is no reason against a migration.
        if document == "plans/x.txt" || text.contains("Roles") {
            try store.migrate(to: 4)
            #expect(store.text(document) == text)
            return
        }
        let error = try store.refusal { try store.migrate(to: 4) }
        #expect(error.kind == .invalidData)
        #expect(error.document?.text == document)
    }

    @Test("the copy of everything is kept where it may be the only copy of the accounts")
    func snapshotWithoutAccounts() throws {
        let store = try MigrationStore(samples: "0.0.58")
        let snapshot = store.read("appstate_snapshot.json")
        try store.remove("account_data.json")
        let report = try store.migrate(to: 3)
        #expect(store.kept("layout-2/appstate_snapshot.json") == snapshot)
        #expect(try store.mode(".canifly-store/kept/layout-2/appstate_snapshot.json") == 0o600)
        #expect(report.write.notes.contains { $0.contains("only copy") })
        try store.migrate(to: 2)
        #expect(store.read("appstate_snapshot.json") == snapshot)
    }

    @Test("layout 0 cannot be read, and its documents are kept aside")
    func layoutZero() throws {
        let store = try MigrationStore([
            "identity/90_identity.json": "\u{1}\u{2}", "plans/Old.txt": "Gunnery 3\n",
        ])
        #expect(try store.layout == 0)
        try store.migrate(to: 1)
        #expect(try store.layout == 1)
        #expect(store.kept("layout-0/identity/90_identity.json") == [1, 2])
        try store.migrate(to: 4)
        #expect(store.text("plans/Old.txt") == "Gunnery 3\n")
        #expect(try store.layout == 4)
        let error = try store.refusal { try store.migrate(to: 0) }
        #expect(error.kind == .configuration && error.code == "step-without-way-back")
    }
}
