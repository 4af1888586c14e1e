import Foundation
import StoreFiles
import Testing

@testable import CanIFlyStore

private let accounts = "accounts.json"

extension DamageCase {
    /// Files that are not there, are none, have the wrong name or mode, or are left over.
    static let ofFiles: [DamageCase] = [
        DamageCase(
            "a document that is gone", finds: [Place(.missing, .error, accounts)],
            does: [.restore], .undone
        ) { try $0.remove(accounts) },
        DamageCase(
            "a plan that is gone, as plans do in ordinary use",
            finds: [Place(.missing, .info, "plans/Barge_Mining.txt")], .leftAlone
        ) { try $0.remove("plans/Barge_Mining.txt") },
        DamageCase(
            "a link in a document's place",
            finds: [
                Place(.missing, .error, "config.json"), Place(.notRegular, .warning, "config.json"),
            ],
            .judged { store, report in
                // It may lead to a document of the user's choice: not ours to replace.
                let target = try store.linkTarget("config.json")
                #expect(target == "elsewhere.json")
                #expect(report.errors.map(\.document) == ["config.json"])
                #expect(report.notes.contains { $0.contains("a symbolic link is in its place") })
            }
        ) { store in
            try store.remove("config.json")
            try FileManager.default.createSymbolicLink(
                atPath: store.url("config.json").path, withDestinationPath: "elsewhere.json")
        },
        DamageCase(
            "a folder with a document's name", finds: [Place(.notRegular, .warning, "x.json")],
            .leftAlone
        ) { store in
            try FileManager.default.createDirectory(
                at: store.url("x.json"), withIntermediateDirectories: false)
        },
        DamageCase(
            "a name that plays with the terminal",
            finds: [Place(.nameUnsafe, .warning, "a\\x1b[2Jb.json")], .leftAlone
        ) { try $0.write("a\u{1B}[2Jb.json", "1") },
        DamageCase(
            "a name that reorders text",
            finds: [Place(.nameUnsafe, .warning, "a\\u{202e}nosj.json")], .leftAlone
        ) { try $0.write("a\u{202E}nosj.json", "1") },
        DamageCase(
            "a secret that others can read",
            finds: [
                // The application gives these their mode.
                Place(.secretExposed, .info, accounts),
                Place(.secretExposed, .info, "config.json"),
                Place(.secretExposed, .warning, "secret.key"),
            ],
            does: [.restoreMode], .undone
        ) { store in
            try store.setMode("", 0o711)
            try store.setMode("secret.key", 0o644)
        },
        DamageCase(
            "a temporary that a writer left",
            finds: [Place(.leftoverTemporary, .info, "accounts.json.tmp.77")], .leftAlone
        ) { try $0.write("accounts.json.tmp.77", "{\"Accounts\": [") },
        DamageCase(
            "a temporary of an update of a plan",
            finds: [Place(.leftoverTemporary, .info, "plans/_temp_Barge_Mining_1.txt")],
            does: [.setAside], .undone
        ) { try $0.write("plans/_temp_Barge_Mining_1.txt", "Ore Whispering 5\n") },
        DamageCase(
            "a lock of a process that is gone", finds: [Place(.lockStale, .info, nil)], .leftAlone
        ) { try $0.write(".lock", "999999999\nlinux\n2026-11-01T12:00:00Z\n") },
        DamageCase(
            "an empty lock", finds: [Place(.lockEmpty, .error, nil)], does: [.breakLock], .undone
        ) { store in
            try store.write(".lock", "")
            try store.setModified(".lock", 1_600_000_000)
        },
        DamageCase(
            "documents of an older version beside those of the newer",
            finds: [
                Place(.layoutLeftBehind, .warning, nil),
                Place(.untracked, .info, "account_data.json"),
            ], .leftAlone
        ) { store in
            try store.write(
                "account_data.json",
                "{\"Accounts\": [{\"Name\": \"Old\", \"Status\": \"Omega\", \"Characters\": null, "
                    + "\"ID\": 7, \"Visible\": true}], \"Associations\": []}")
        },
        DamageCase(
            "a document that the application has written",
            finds: [Place(.changed, .info, "config.json")], .leftAlone
        ) {
            try $0.write(
                "config.json",
                "{\"Roles\": null, \"SettingsDir\": \"\", "
                    + "\"LastBackupDir\": \"\", \"DropDownSelections\": null}")
        },
        DamageCase(
            "a document that was never recorded", in: .generic(["a.json": "1"]),
            finds: [Place(.untracked, .info, "b.json")], .leftAlone
        ) { try $0.write("b.json", "2") },
    ]
}

extension HistoryStore {
    func linkTarget(_ name: String) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: url(name).path)
    }
}
