import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

struct ContentCheckTests {
    @Test(
        "nothing is wrong with any document of the samples", arguments: zip(Fixtures.samples, 1...4)
    )
    func samplesAreSound(sample: String, layout: Int) throws {
        let documents = try DocumentSet(sample: sample)
        for name in documents.names {
            #expect(documents.contentFindings(name.text, layout: layout) == [], "\(name)")
        }
    }

    @Test(
        "nothing is wrong with what an application writes that has nothing yet",
        arguments: [
            ("accounts/accounts.json", 1, "null"), ("accounts/deleted.json", 1, "null"),
            ("config/selections.json", 1, "{}"),
            ("account_data.json", 2, #"{"Accounts": [], "Associations": []}"#),
            (
                "config.json", 2,
                #"{"Roles": null, "SettingsDir": "", "LastBackupDir": "", "DropDownSelections": null}"#
            ),
            ("accounts.json", 4, #"{"Accounts": null, "Associations": null}"#),
            ("deleted_characters.json", 3, "[]"), ("api_cache.json", 3, "{}"),
            ("sessions.json", 4, "{}"), ("login_states.json", 4, "{}"),
            (
                "config/fuzzworks/fuzzworks_metadata.json", 4,
                #"{"inv_types": null, "solar_systems": null}"#
            ),
        ])
    func nothingYet(document: String, layout: Int, text: String) {
        let documents = DocumentSet(texts: [document: text])
        #expect(documents.contentFindings(document, layout: layout) == [])
    }

    @Test("members that nobody knows are allowed, and so are 64-bit ids and zero times")
    func tolerated() throws {
        var documents = try DocumentSet(sample: "0.5.0")
        documents.replace(
            #""ID": 19990001"#, by: #""ID": 9223372036854775807, "new": {"deep": [1]}"#,
            in: "accounts.json")
        documents.replace(
            #""expiry": "2026"#, by: #""more": 12345678901234567890123, "expiry": "0001"#,
            in: "accounts.json")
        #expect(documents.contentFindings("accounts.json", layout: 4) == [])
    }

    /// The keyword's place was once taken from a URI, where such names are percent-encoded.
    @Test(
        "a keyword that only warns does so below any name", arguments: ["name", "größe %25 in m"])
    func onlyWarns(name: String) throws {
        let profile = try Profile(
            parsing: Array(
                """
                {"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a.json", "documents": [
                  {"path": "a.json", "kind": "json", "schema": {"properties": {
                    "\(name)": {"maximum": 5, "only_warns": ["maximum"]}}}}]}]}
                """.utf8))
        let findings = profile.checkContent(
            of: StorePath(unchecked: "a.json"), bytes: Array("{\"\(name)\": 6}".utf8), layout: 1)
        #expect(findings.map(\.severity) == [.warning])
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var document: String
        var old: String
        var new: String
        var code = FindingCode.schemaMismatch
        var severity = Severity.error
        var pointer: String?
        var testDescription: String { "\(document): \(old) → \(new)" }
    }

    static let damages = [
        Damage(
            document: "accounts.json", old: #""CharacterID": 2199000001"#,
            new: #""CharacterID": "2199000001""#,
            pointer: "/Accounts/0/Characters/0/Character/CharacterID"),
        Damage(
            document: "accounts.json", old: #""ID": 19990001"#, new: #""ID": 9223372036854775808"#,
            pointer: "/Accounts/0/ID"),
        Damage(
            document: "accounts.json", old: #""ID": 19990001"#, new: #""ID": 1.5"#,
            pointer: "/Accounts/0/ID"),
        Damage(
            document: "accounts.json", old: #""Status": "Omega""#, new: #""Status": "Omegb""#,
            severity: .warning, pointer: "/Accounts/0/Status"),
        Damage(
            document: "accounts.json", old: #""Status": "Omega""#, new: #""Status": 1"#,
            pointer: "/Accounts/0/Status"),
        Damage(
            document: "accounts.json", old: #""expiry": "0001-01-01T00:00:00Z""#,
            new: #""expiry": "0001-01-41T00:00:00Z""#,
            pointer: "/Accounts/0/Characters/0/Token/expiry"),
        Damage(
            document: "accounts.json", old: #""Visible": true"#, new: #""Visibly": true"#,
            severity: .warning, pointer: "/Accounts/0"),
        Damage(
            document: "accounts.json", old: #""trained_skill_level": 4"#,
            new: #""trained_skill_level": 6"#, severity: .warning,
            pointer:
                "/Accounts/0/Characters/0/Character/CharacterSkillsResponse/skills/0/trained_skill_level"
        ),
        Damage(
            document: "accounts.json", old: #""Accounts": ["#, new: #""Accountt": ["#,
            severity: .warning, pointer: ""),
        Damage(
            document: "config.json", old: #""AutoUpdateFuzzworks": false"#,
            new: #""AutoUpdateFuzzworks": "false""#, pointer: "/AutoUpdateFuzzworks"),
        Damage(
            document: "config.json", old: #""Roles": ["#, new: #""Roles": [1, "#,
            pointer: "/Roles/0"),
        Damage(
            document: "config.json", old: #""charId": "2199000001""#,
            new: #""charId": "21990000Q1""#,
            severity: .warning, pointer: "/DropDownSelections/settings_Default/charId"),
        Damage(
            document: "deleted_characters.json", old: #""2199000901""#, new: "2199000901",
            pointer: "/0"),
        Damage(
            document: "api_cache.json", old: #": "eyJ"#, new: #": "e!J"#, severity: .warning,
            pointer: "/https:~1~1esi.evetech.net~1latest~1alliances~199999901~1"),
        Damage(
            document: "config/fuzzworks/fuzzworks_metadata.json", old: #""file_size": 8187"#,
            new: #""file_size": "8187""#, pointer: "/inv_types/file_size"),
        Damage(
            document: "config/fuzzworks/fuzzworks_metadata.json", old: "eebf6f", new: "eebf6",
            severity: .warning, pointer: "/inv_types/md5_hash"),
        Damage(
            document: "sessions.json", old: #""remember_me": true"#, new: #""remember_me": 1"#,
            pointer: "/<secret>/remember_me"),
        Damage(
            document: "sessions.json", old: #""expires_at": "2026"#, new: #""expires_at": "202x"#,
            pointer: "/<secret>/expires_at"),
        Damage(
            document: "login_states.json", old: "0fa52fed78ce0c751006a092388484b9",
            new: "0fa52fed78ce0c751006a092388484b", severity: .warning, pointer: "/<secret>"),
        Damage(document: "secret.key", old: "=", new: "", pointer: nil),
        Damage(
            document: "accounts.json", old: #""Status": "Omega","#, new: #""Status": "Omega""#,
            code: .jsonMalformed),
        Damage(
            document: "accounts.json", old: #""Status": "Omega","#,
            new: #""Status": "Omega", "Name": "x","#, code: .jsonDuplicateKey, severity: .warning),
        Damage(
            document: "api_cache.json", old: "{", new: "[{", code: .jsonTruncated,
            severity: .warning),
        Damage(document: "config.json", old: "\n}", new: "\n}}", code: .jsonTrailing),
    ]

    @Test("a sample damaged on purpose gives one finding, where the damage is", arguments: damages)
    func damaged(damage: Damage) throws {
        var documents = try DocumentSet(sample: "0.5.0")
        documents.replace(damage.old, by: damage.new, in: damage.document)
        let findings = documents.contentFindings(damage.document, layout: 4)
        let finding = try #require(findings.first)
        #expect(findings.count == 1, "\(findings)")
        #expect(finding.code == damage.code)
        #expect(finding.severity == damage.severity)
        #expect(finding.document == damage.document)
        #expect(finding.pointer == damage.pointer)
        #expect(finding.offset != nil && finding.line != nil && finding.column != nil)
        #expect(!finding.remedy.isEmpty)
    }

    @Test("a session that is null crashes the application")
    func nullEntries() {
        for document in ["sessions.json", "login_states.json"] {
            let key = "0fa52fed78ce0c751006a092388484b9"
            let findings = DocumentSet(texts: [document: "{\"\(key)\": null}"])
                .contentFindings(document, layout: 4)
            #expect(findings.map(\.code) == [.schemaMismatch])
            #expect(findings.map(\.severity) == [.error])
            #expect(findings.allSatisfy { $0.pointer == "/<secret>" })
        }
    }

    @Test(
        "an empty document weighs what it means to the application",
        arguments: [
            ("accounts/accounts.json", 1, Severity.warning), ("config/config.json", 1, .warning),
            ("account_data.json", 2, .warning), ("config.json", 2, .warning),
            ("cache.json", 2, .info), ("accounts.json", 3, .error), ("config.json", 3, .error),
            ("accounts.json", 4, .error), ("deleted_characters.json", 4, .warning),
            ("sessions.json", 4, .warning), ("secret.key", 4, .warning),
            ("config/fuzzworks/invTypes.csv", 4, .error), ("plans/a.txt", 4, .info),
            // Left behind: the live layout does not look at it.
            ("accounts/accounts.json", 4, .warning), ("mine.json", 4, .warning),
            ("mine.txt", 4, .warning), ("mine.bin", 4, .warning),
        ])
    func empty(document: String, layout: Int, severity: Severity) {
        let findings = DocumentSet(texts: [document: ""]).contentFindings(document, layout: layout)
        #expect(findings.map(\.code) == [.empty])
        #expect(findings.map(\.severity) == [severity])
    }

    @Test(
        "NUL bytes in place of a document are found in every kind",
        arguments: [
            "accounts.json", "plans/a.txt", "secret.key", "config/fuzzworks/invTypes.csv", "a.bin",
        ])
    func nulBytes(document: String) {
        var documents = DocumentSet()
        documents[document] = [UInt8](repeating: 0, count: 4096)
        let findings = documents.contentFindings(document, layout: 4)
        #expect(findings.map(\.code) == [.nulBytes])
        #expect(findings.map(\.severity) == [.error])
    }

    @Test("damage in a document that the live layout does not use is a warning at most")
    func leftBehind() {
        let documents = DocumentSet(texts: ["account_data.json": "{\"Accounts\": [", "x.json": "{"])
        #expect(
            documents.contentFindings("account_data.json", layout: 2).map(\.severity) == [.error])
        #expect(
            documents.contentFindings("account_data.json", layout: 4).map(\.severity) == [.warning])
        #expect(documents.contentFindings("x.json", layout: 4).map(\.severity) == [.error])
    }

    @Test("a key that comes twice is an error where documents are written")
    func refusedDuplicates() {
        let findings = Profile.canifly.checkContent(
            of: StorePath(unchecked: "x.json"), bytes: Array(#"{"a": 1, "a": 2}"#.utf8), layout: 4,
            duplicateKeys: .refuse)
        #expect(findings.map(\.code) == [.jsonDuplicateKey])
        #expect(findings.map(\.severity) == [.error])
    }

    @Test("a document with thousands of faults gives few findings, and errors before warnings")
    func manyFaults() throws {
        let ids = Array(repeating: "\"x\"", count: 5_000).joined(separator: ", ")
        let text = "[\(ids), 7]"
        let findings = DocumentSet(texts: ["deleted_characters.json": text])
            .contentFindings("deleted_characters.json", layout: 4)
        #expect(findings.count == 20)
        #expect(findings.last?.detail.contains("more in this document") == true)
        let short = DocumentSet(
            texts: [
                "deleted_characters.json": "[" + String(repeating: "\"x\", ", count: 500) + "7]"
            ]
        )
        .contentFindings("deleted_characters.json", layout: 4)
        #expect(short.count == 20)
        #expect(short.filter { $0.severity == .error }.map(\.pointer) == ["/500"])
    }

    @Test("no finding tells a secret", arguments: Fixtures.samples)
    func secretsAreKept(sample: String) throws {
        let layout = try #require(Fixtures.layouts[sample])
        let pristine = try DocumentSet(sample: sample)
        for name in pristine.names where name.text.hasSuffix(".json") {
            var documents = pristine
            // Every colon a fault of its own: numbers where texts belong, and the reverse.
            let bytes = try #require(documents.contents[name])
            documents.contents[name] = Array(
                String(decoding: bytes, as: UTF8.self).replacing("\": \"", with: "\": [\"")
                    .replacing("\",\n", with: "\"],\n").utf8)
            for finding in documents.contentFindings(name.text, layout: layout) {
                let text = finding.detail + (finding.pointer ?? "") + finding.remedy
                #expect(!text.contains("FAKE"))
                #expect(!text.contains("0fca833b") && !text.contains("0fa52fed"))
            }
        }
    }
}
