import StoreFiles
import Testing

@testable import CanIFlyStore

private let accounts = "accounts.json"
private let table = "config/fuzzworks/invTypes.csv"
private let metadata = "config/fuzzworks/fuzzworks_metadata.json"

extension DamageCase {
    /// Documents that can be read and do not say what they ought to.
    static let ofMeaning: [DamageCase] = [
        DamageCase(
            "one flipped bit that nothing but the digest tells",
            finds: [Place(.digestMismatch, .error, accounts)], does: [.restore], .undone
        ) { store in
            // A digit of a skill's number.
            let bytes = store.bytes(accounts)!
            let digits = Array("990021".utf8)
            let place = bytes.indices.first { bytes[$0...].starts(with: digits) }!
            try store.overwrite(
                accounts,
                with: bytes.enumerated().map { index, byte in
                    index == place + 5 ? byte ^ 2 : byte
                })
        },
        DamageCase(
            "a sealed document whose data has changed", in: .generic(["a.json": "1"]),
            finds: [
                Place(.changed, .info, "s.json"), Place(.checksumMismatch, .error, "s.json"),
            ],
            does: [.restore],
            .judged { store, report in
                #expect(store.read("s.json")?.contains("\"data\":[1]") == true)
                #expect(report.errors.isEmpty)
            }
        ) { store in
            try store.seal("s.json", "[1]")
            try store.write("s.json", store.read("s.json")!.replacing("[1]", with: "[7]"))
        },
        DamageCase(
            "a document of another shape",
            finds: [
                Place(.changed, .info, accounts),
                Place(
                    .schemaMismatch, .error, accounts, offset: 90, line: 5, column: 17,
                    pointer: "/Accounts/0/Status"),
            ],
            does: [.restore], .undone
        ) { store in
            try store.edit(accounts) { bytes in
                let value = Array("\"Omega\"".utf8)
                let place = bytes.indices.first { bytes[$0...].starts(with: value) }!
                bytes.replaceSubrange(place..<place + value.count, with: "5".utf8)
            }
        },
        DamageCase(
            "a plan line that the application cannot read",
            finds: [
                Place(.untracked, .info, "plans/Mine.txt"),
                Place(
                    .schemaMismatch, .error, "plans/Mine.txt", offset: 7, line: 1, column: 8),
            ],
            does: [.mendLines],
            .judged { store, report in
                #expect(store.read("plans/Mine.txt") == "Mining 4\n")
                #expect(report.errors.isEmpty)
            }
        ) { try $0.write("plans/Mine.txt", "Mining IV\n") },
        DamageCase(
            "a sealed document of a version that nobody knows yet",
            in: .generic(["s.json": "1"]),
            finds: [Place(.schemaNewer, .warning, "s.json", pointer: "/version")], .leftAlone
        ) { store in
            let profile = """
                {"profile": "notes", "layouts": [{"layout": 1, "recognised_by": "s.json",
                  "documents": [{"path": "s.json", "kind": "json", "newest_version": 2}]}]}
                """
            _ = try store.store.initialize(
                profile: .file(Array(profile.utf8)), WriteOptions(command: "init"))
            try store.seal("s.json", "[1]", version: 2)
            let findings = try store.allFindings()
            #expect(findings.isEmpty)
            try store.seal("s.json", "[1]", version: 3)
        },
        DamageCase(
            "a character that has two associations",
            finds: [
                Place(.changed, .info, accounts),
                Place(
                    .relationBroken, .error, accounts, offset: 67687, line: 1944, column: 31,
                    pointer: "/Associations/5/charId"),
            ], .leftAlone
        ) { store in
            let text = store.read(accounts)!
            let last = "      \"charName\": \"虚构 飞行员\"\n    }"
            try store.write(
                accounts,
                text.replacing(
                    last,
                    with: last + ",\n    {\"userId\": \"1\", \"charId\": \"2199000001\","
                        + " \"charName\": \"\"}"))
        },
        DamageCase(
            "a table that is not the one that its description describes",
            finds: [
                Place(.changed, .info, table),
                Place(.metadataMismatch, .error, table, offset: 0, line: 1, column: 1),
            ],
            does: [.restore], .undone
        ) { store in
            try store.edit(table) { bytes in
                let place = bytes.lastIndex(of: UInt8(ascii: "1"))!
                bytes[place] = UInt8(ascii: "2")
            }
        },
        DamageCase(
            "a packed document with a flipped bit", in: .generic(["a.json": "1"]),
            finds: [
                Place(.changed, .info, "p.json.gz"), Place(.gzipCorrupt, .error, "p.json.gz"),
            ],
            does: [.restore],
            .judged { store, report in
                #expect(report.errors.isEmpty)
                let content = try store.content("p.json", at: .transaction(3))
                #expect(content == "[2]")
            }
        ) { store in
            try store.pack("p.json", "[2]")
            try store.edit("p.json.gz") { $0[$0.count - 5] ^= 1 }
        },
        DamageCase(
            "a packed document that unpacks to far too much", in: .generic(["a.json": "1"]),
            finds: [
                Place(.changed, .info, "p.json.gz"), Place(.gzipBomb, .error, "p.json.gz"),
            ],
            does: [.restore],
            .judged { store, report in
                #expect(report.errors.isEmpty)
                let content = try store.content("p.json", at: .transaction(3))
                #expect(content == "[2]")
            }
        ) { store in
            try store.pack("p.json", "[2]")
            try store.write(
                "p.json.gz", PackedDocument.pack([UInt8](repeating: 0x20, count: 70 << 20)))
        },
        DamageCase(
            "a document both plain and packed", in: .generic(["a.json": "1"]),
            finds: [
                Place(.packedTwice, .warning, "p.json"), Place(.untracked, .info, "p.json"),
            ], .leftAlone
        ) { store in
            try store.pack("p.json", "[2]")
            try store.write("p.json", "[3]")
        },
        DamageCase(
            "entries that are past their time", in: .application("0.1.5"),
            finds: [
                Place(.expired, .info, "login_states.json"),
                Place(.untracked, .info, "login_states.json"),
            ], .leftAlone
        ) { store in
            try store.write(
                "login_states.json",
                "{\"00000000000000000000000000000000\": {\"accountName\": \"Main\", "
                    + "\"callBackComplete\": false, \"timestamp\": \"2020-01-01T00:00:00Z\"}}")
        },
    ]
}

extension HistoryStore {
    func seal(_ name: String, _ text: String, version: Int? = nil) throws {
        var request = PutRequest(document: try StorePath(name), bytes: Array(text.utf8))
        request.seals = true
        request.schemaVersion = version
        _ = try store.put(request, WriteOptions(command: "put"))
    }

    /// - Parameter name: its plain name.
    func pack(_ name: String, _ text: String) throws {
        var request = PutRequest(document: try StorePath(name), bytes: Array(text.utf8))
        request.packs = true
        _ = try store.put(request, WriteOptions(command: "put"))
    }
}
