import Foundation
import LosslessJSON
import StoreCommands
import StoreTestSupport
import Testing

@Suite struct MigrateCommandTests {
    /// Whatever must not be seen: every token begins so, and these are the session ids, login states
    /// and keys of the samples.
    static func secrets() throws -> [String] {
        var secrets = ["FAKE"]
        for sample in ["0.1.5", "0.5.0"] {
            for file in try Fixtures.files(of: sample) {
                let name = String(decoding: file.path, as: UTF8.self)
                if name == "secret.key" {
                    secrets.append(String(decoding: file.bytes, as: UTF8.self))
                }
                if name == "sessions.json" || name == "login_states.json" {
                    let root = try JSONDocument(file.bytes).root
                    secrets += root.members.compactMap(\.key.string)
                }
                if name == "config.json",
                    let secret = try JSONDocument(file.bytes).root
                        .member(named: "EVEClientSecret")?.string
                {
                    secrets.append(secret)
                }
            }
        }
        #expect(secrets.count > 8)
        return secrets
    }

    static func expectNoSecret(
        in outcome: TestProgram.Outcome, _ secrets: [String], _ what: String
    ) {
        for secret in secrets {
            #expect(!outcome.output.contains(secret), "\(what) shows a secret")
            #expect(!outcome.error.contains(secret), "\(what) shows a secret")
        }
    }

    @Test("no secret is in any plan, report or error", arguments: Fixtures.samples)
    func secretsStaySecret(_ sample: String) throws {
        let secrets = try Self.secrets()
        let own = Fixtures.samples.firstIndex(of: sample)! + 1
        for layout in 1...4 where layout != own {
            let store = try ScratchStore(sample: sample)
            let commands: [[String]] = [
                ["migrate", "--plan", "--to", "\(layout)"],
                ["migrate", "--plan", "--verbose", "--to", "\(layout)"],
                ["migrate", "--plan", "--json", "--to", "\(layout)"],
                ["migrate", "--dry-run", "--json", "--to", "\(layout)"],
                ["migrate", "--json", "--to", "\(layout)"], ["log", "--json"],
                ["migrate", "--rollback", "--plan", "--verbose"],
                ["migrate", "--rollback", "--json"],
            ]
            for command in commands {
                let outcome = store.run(command)
                #expect(outcome.status == 0, "\(command): \(outcome.error)")
                Self.expectNoSecret(in: outcome, secrets, "\(command)")
            }
        }
    }

    @Test("no secret is in the plan for what was left behind")
    func secretsOfOldLayouts() throws {
        let secrets = try Self.secrets()
        let store = try ScratchStore(sample: "0.5.0")
        for sample in ["0.0.58", "0.0.42"] {
            for file in try Fixtures.files(of: sample) where file.kind == .regular {
                let name = String(decoding: file.path, as: UTF8.self)
                if (try? store.read(name)) == nil {
                    try store.write(name, String(decoding: file.bytes, as: UTF8.self))
                }
            }
        }
        try store.write("accounts.json", #"{"Accounts": [], "Associations": []}"#)
        for options in [["--plan"], ["--plan", "--verbose"], ["--plan", "--json"], ["--json"]] {
            let outcome = store.run(["migrate", "--left-behind"] + options)
            #expect(outcome.status == 0, "\(outcome.error)")
            Self.expectNoSecret(in: outcome, secrets, "\(options)")
        }
    }

    @Test("a damaged document with tokens in it is refused without showing them")
    func secretsInErrors() throws {
        let store = try ScratchStore(sample: "0.0.58")
        let text = try store.read("account_data.json")
        for damaged in [
            text + "}", text.replacingOccurrences(of: "\"ID\": 19990002", with: "\"ID\": \"x\""),
            text.replacingOccurrences(of: "\"expiry\"", with: "\"access_token\": 7, \"expiry\""),
        ] {
            try store.write("account_data.json", damaged)
            let outcome = store.run("migrate")
            #expect(outcome.status == 65, "\(outcome.output)")
            Self.expectNoSecret(in: outcome, try Self.secrets(), "an error")
        }
    }

    @Test("--check exits 1 while steps are pending, and tries none of them")
    func check() throws {
        let store = try ScratchStore(sample: "0.1.5")
        let before = try store.everything()
        let outcome = store.run("migrate", "--check")
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("1 step pending, from layout 3 to 4"))
        let json = try store.json("migrate", "--check")
        #expect(json.member(named: "pending")?.boolean == true)
        #expect(json.member(named: "steps")?.count == 1)
        #expect(try store.everything() == before)
        #expect(store.run("migrate").status == 0)
        #expect(store.run("migrate", "--check").status == 0)
    }

    @Test("--plan and --dry-run change nothing at all", arguments: ["--plan", "--dry-run"])
    func plan(_ option: String) throws {
        let store = try ScratchStore(sample: "0.0.58")
        let before = try store.everything()
        let outcome = store.run("migrate", "--to", "3", option)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("nothing has been written"))
        #expect(outcome.output.contains("+ accounts.json"))
        #expect(outcome.output.contains("kept/layout-2/plans/deleted_embedded_plans.json"))
        let json = try store.json("migrate", "--to", "3", option)
        #expect(json.member(named: "transaction")?.isNull == true)
        #expect(json.member(named: "dry_run")?.boolean == true)
        #expect(try store.everything() == before)
    }

    @Test("a plan tells each change by its pointer")
    func pointers() throws {
        let store = try ScratchStore()
        try store.write("a.json", #"{"n": {"m": 1}, "name": "x"}"#)
        _ = store.run("init", "--profile", "generic")
        try store.write(
            ".canifly-store/migrations/0001-x.json",
            #"[{"op": "patch", "document": "a.json", "patch": [{"op": "replace", "path": "/n/m", "value": 2}]}]"#
        )
        let json = try store.json("migrate", "--plan")
        let edit = try #require(
            json.member(named: "documents")?.element(at: 0)?.member(named: "edits")?.element(at: 0))
        #expect(edit.member(named: "path")?.string == "/n/m")
        #expect(edit.member(named: "before")?.integer == 1)
        #expect(edit.member(named: "after")?.integer == 2)
        #expect(store.run("migrate", "--plan").output.contains("~ /n/m"))
    }

    @Test("the exit status tells what stands in the way")
    func exitStatuses() throws {
        let store = try ScratchStore(sample: "0.5.0")
        #expect(store.run("migrate", "--to", "9").status == 64)
        #expect(store.run("migrate", "--to", "3", "--rollback").status == 64)
        #expect(store.run("migrate", "--left-behind", "--rollback").status == 64)
        #expect(store.run("migrate", "--plan", "--check").status == 64)
        #expect(store.run("migrate", "--to", "0").status == 78)
        #expect(store.run("migrate", "--rollback").status == 66)
        #expect(store.run("migrate", "--migrations", "/no/such/folder").status == 66)
        #expect(store.run("migrate", "--left-behind").status == 0)
        let empty = try ScratchStore()
        #expect(empty.run("migrate").status == 0)
        #expect(empty.run("migrate", "--to", "1").status == 64)
    }

    @Test("while the application runs, nothing is migrated")
    func locked() throws {
        let store = try ScratchStore(sample: "0.0.58")
        try store.write(
            ".lock", "\(ProcessInfo.processInfo.processIdentifier)\nlinux\n2026-11-01T12:00:00Z\n")
        let outcome = store.run("migrate", "--lock-wait", "0")
        #expect(outcome.status == 75)
        #expect(try store.read("account_data.json").isEmpty == false)
    }
}
