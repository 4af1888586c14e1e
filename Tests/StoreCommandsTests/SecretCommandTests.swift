import Foundation
import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

/// Every command on every sample: but for `get` of the document itself, none shows a token, a key or
/// a session id, not in text, not in JSON, not in an error.
@Suite struct SecretCommandTests {
    private static let readings: [[String]] = [
        ["status"], ["verify"], ["verify", "--deep", "--verbose"], ["verify", "--strict"],
        ["list", "--long"], ["diff"], ["diff", "--verbose"], ["diff", "--at", "2"],
        ["diff", "--at", "2", "--to", "3"], ["log"], ["log", "--verbose"], ["lock", "status"],
        ["migrate", "--plan", "--verbose", "--left-behind"], ["migrate", "--check"],
    ]
    private static let writings: [[String]] = [
        ["snapshot", "--dry-run"], ["restore", "--at", "2", "--dry-run"],
        ["repair", "--dry-run"], ["repair", "--dry-run", "--salvage"], ["snapshot"],
        ["restore", "--at", "2"], ["repair", "--yes"],
    ]

    /// Documents of each sample with a secret in them.
    private static let secretDocuments = [
        "accounts/accounts.json", "config/appstate_snapshot.json", "account_data.json",
        "appstate_snapshot.json", "accounts.json", "config.json", "sessions.json",
        "login_states.json", "secret.key",
    ]

    private func present(_ store: ScratchStore) -> [String] {
        Self.secretDocuments.filter { (try? store.read($0)) != nil }
    }

    private func expectNone(
        _ store: ScratchStore, _ command: [String], _ secrets: [String], input: String = ""
    ) {
        for format in [[], ["--json"]] {
            let outcome = store.run(command + format, input: input)
            #expect(outcome.status != 64 && outcome.status != 70, "\(command): \(outcome.error)")
            MigrateCommandTests.expectNoSecret(in: outcome, secrets, "\(command + format)")
        }
    }

    @Test("after the application has changed every secret", arguments: Fixtures.samples)
    func changedSecrets(_ sample: String) throws {
        let secrets = try MigrateCommandTests.secrets()
        let store = try ScratchStore(sample: sample)
        expectNone(store, ["init"], secrets)
        expectNone(store, ["snapshot"], secrets)
        for name in present(store) {
            // Every secret stays in sight, with something after it or before it.
            var text = try store.read(name).replacingOccurrences(of: "FAKE", with: "FAKE2-FAKE")
            for secret in secrets where secret != "FAKE" {
                text = text.replacingOccurrences(of: secret, with: "9" + secret)
            }
            try store.write(name, text)
        }
        for command in Self.readings { expectNone(store, command, secrets) }
        for command in Self.writings { expectNone(store, command, secrets) }
        for command in Self.readings { expectNone(store, command, secrets) }
    }

    @Test("after every secret document was damaged", arguments: Fixtures.samples)
    func damagedSecrets(_ sample: String) throws {
        let secrets = try MigrateCommandTests.secrets()
        for cut in [1, 3, 40] {
            let store = try ScratchStore(sample: sample)
            for name in present(store) {
                let text = try store.read(name)
                // Ends in a token, where there is one, or in the middle.
                let middle =
                    text.range(of: "FAKE")?.upperBound
                    ?? text.index(
                        text.startIndex, offsetBy: text.count / cut)
                try store.write(name, String(text[..<middle]) + (cut == 3 ? "\u{1}" : ""))
            }
            for command in Self.readings + Self.writings { expectNone(store, command, secrets) }
            expectNone(store, ["migrate"], secrets)
        }
    }

    @Test("in errors about what was asked for", arguments: Fixtures.samples)
    func errors(_ sample: String) throws {
        let secrets = try MigrateCommandTests.secrets()
        let store = try ScratchStore(sample: sample)
        let token = "/Accounts/0/Characters/0/Token/access_token"
        for name in present(store) where name.hasSuffix(".json") {
            let place = name == "accounts/accounts.json" ? String(token.dropFirst(9)) : token
            for patch in [
                #"[{"op": "test", "path": "\#(place)", "value": "x"}]"#,
                #"[{"op": "remove", "path": "\#(place)/x"}]"#,
                #"[{"op": "replace", "path": "\#(place)", "value": {"a": 1}}]"#,
                #"[{"op": "copy", "from": "\#(place)", "path": "/nowhere/at/all"}]"#,
            ] {
                expectNone(store, ["patch", name], secrets, input: patch)
            }
            expectNone(store, ["get", name, place + "/deeper"], secrets)
            expectNone(store, ["put", name], secrets, input: try store.read(name) + "x")
            let line = try JSONDocument(Array(try store.read(name).utf8)).root
            let minified = String(decoding: line.bytes, as: UTF8.self)
                .replacingOccurrences(of: "\n", with: " ")
            expectNone(
                store, ["apply"], secrets,
                input: #"{"op": "put", "document": "\#(name)", "jsom": \#(minified)}"#)
            expectNone(
                store, ["apply"], secrets,
                input: #"{"op": "put", "document": "\#(name)", "json": \#(minified.dropLast())}"#)
        }
    }
}
