import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

extension DocumentSet {
    func relationFindings(layout: Int, profile: Profile = .canifly) -> [Finding] {
        profile.checkRelations(layout: layout, documents: names) { contents[$0] }
    }
}

struct RelationTests {
    @Test("the relations of every sample hold", arguments: zip(Fixtures.samples, 1...4))
    func samplesHold(sample: String, layout: Int) throws {
        #expect(try DocumentSet(sample: sample).relationFindings(layout: layout) == [])
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var sample = "0.5.0"
        var document: String
        var old: String
        var new: String
        var severity: Severity
        var code = FindingCode.relationBroken
        /// Where the finding is; the damaged document unless said otherwise.
        var found: String?
        var pointer: String?
        var testDescription: String { "\(sample)/\(document): \(old) → \(new)" }
    }

    private static func name(_ layout: Int) -> String {
        ["accounts/accounts.json", "account_data.json", "accounts.json", "accounts.json"][
            layout - 1]
    }

    static let damages = [
        // Two associations of one character.
        Damage(
            sample: "0.0.42", document: "config/config.json", old: #""charId": "2199000002""#,
            new: #""charId": "2199000099""#, severity: .error, pointer: "/associations/6/charId"),
        Damage(
            document: "accounts.json", old: #""charId": "2199000005""#,
            new: #""charId": "2199000004""#, severity: .error,
            pointer: "/Associations/4/charId"),
        // A user file with four associations.
        Damage(
            sample: "0.0.58", document: "account_data.json",
            old: #""userId": "19990002""#, new: #""userId": "19990001""#, severity: .warning,
            pointer: "/Associations/3/userId"),
        // The same character in two accounts.
        Damage(
            document: "accounts.json", old: #""CharacterID": 2199000006"#,
            new: #""CharacterID": 2199000001"#, severity: .info,
            pointer: "/Accounts/2/Characters/0/Character/CharacterID"),
        // Two accounts of one id: broken from layout 3 on.
        Damage(
            document: "accounts.json", old: #""ID": 19990002"#, new: #""ID": 19990001"#,
            severity: .error, pointer: "/Accounts/1/ID"),
        Damage(
            sample: "0.0.58", document: "account_data.json", old: #""ID": 19990002"#,
            new: #""ID": 19990001"#, severity: .info, pointer: "/Accounts/1/ID"),
        // A character named differently.
        Damage(
            document: "accounts.json", old: #""charName": "Testa Pilotova""#,
            new: #""charName": "Testa Pilotovb""#, severity: .info,
            pointer: "/Associations/0/charName"),
        Damage(
            sample: "0.0.42", document: "config/config.json",
            old: #""19990002": "Т"#, new: #""19990002": "П"#, severity: .info,
            pointer: "/userAccount/19990002"),
        Damage(
            document: "accounts.json", old: #""LocationName": "Vell""#,
            new: #""LocationName": "Well""#, severity: .info,
            pointer: "/Accounts/0/Characters/2/Character/LocationName"),
        // A character listed as gone that is there.
        Damage(
            document: "deleted_characters.json", old: "2199000901", new: "2199000001",
            severity: .info, pointer: "/0"),
        // A skill that does not exist.
        Damage(
            document: "plans/First Week Basics.txt", old: "Ballast Theory 3",
            new: "Ballast Theorie 3", severity: .warning),
        // The game's data and what is written about them.
        Damage(
            document: "config/fuzzworks/invTypes.csv", old: "Synthetic", new: "Synthetik",
            severity: .error, code: .metadataMismatch),
        Damage(
            document: "config/fuzzworks/mapSolarSystems.csv", old: "0.05,1,0,0",
            new: "0.05,1,0,0,", severity: .error, code: .metadataMismatch),
        Damage(
            document: "config/fuzzworks/fuzzworks_metadata.json", old: #""file_size": 8187"#,
            new: #""file_size": 8188"#, severity: .error, code: .metadataMismatch,
            found: "config/fuzzworks/invTypes.csv"),
        // Sessions.
        Damage(
            document: "sessions.json", old: #""session_id": "0fca"#, new: #""session_id": "0fcb"#,
            severity: .error, pointer: "/<secret>/session_id"),
        Damage(
            document: "sessions.json", old: #""account_name": "备用"#,
            new: #""account_name": "备"#, severity: .info, pointer: "/<secret>/account_name"),
    ]

    @Test("a relation broken on purpose gives one finding", arguments: damages)
    func damaged(damage: Damage) throws {
        var documents = try DocumentSet(sample: damage.sample)
        documents.replace(damage.old, by: damage.new, in: damage.document)
        let layout = try #require(Fixtures.layouts[damage.sample])
        let findings = documents.relationFindings(layout: layout)
            // Another id changes what the id stands for in other relations too.
            .filter { damage.severity == .info || $0.severity != .info }
        let finding = try #require(findings.first { $0.pointer == damage.pointer })
        #expect(findings.count == 1 || damage.severity == .info, "\(findings)")
        #expect(finding.code == damage.code)
        #expect(finding.severity == damage.severity)
        #expect(finding.document == damage.found ?? damage.document)
        #expect(finding.line != nil)
        for secret in ["FAKE", "0fca833b", "0fcb833b"] {
            #expect(!finding.detail.contains(secret))
        }
    }

    @Test("what the application itself leaves dangling is no finding")
    func legal() throws {
        var documents = try DocumentSet(sample: "0.5.0")
        let edits = [
            (#""userId": "19990002""#, #""userId": "55""#),
            (#""charId": "2199000005""#, #""charId": "9""#),
            (#""charName": "Testa Pilotova""#, #""charName": """#),
            (#""Role": "Логистика""#, #""Role": "x""#),
            (#""LocationName": "Eidolon Reach""#, #""LocationName": """#),
            (#""Name": "Торговый флот «Север»""#, #""Name": "备用账号 🚀 \"beta\"""#),
        ]
        for (old, new) in edits { documents.replace(old, by: new, in: "accounts.json") }
        documents["plans/Barge_Mining.txt"] = nil
        documents["sessions.json"] = Array("{}".utf8)
        #expect(documents.relationFindings(layout: 4) == [])
    }

    @Test("account ids of 0 may be several in layouts 1 and 2 alone")
    func zeroIds() throws {
        for (sample, expected) in [("0.0.58", [Severity]()), ("0.5.0", [.error])] {
            var documents = try DocumentSet(sample: sample)
            let name = sample == "0.5.0" ? "accounts.json" : "account_data.json"
            documents.replace(#""ID": 19990001"#, by: #""ID": 0"#, in: name)
            documents.replace(#""ID": 19990002"#, by: #""ID": 0"#, in: name)
            let layout = try #require(Fixtures.layouts[sample])
            #expect(documents.relationFindings(layout: layout).map(\.severity) == expected)
        }
    }

    @Test("a CSV that is gone is an error only while its etag stays")
    func missingTable() throws {
        var documents = try DocumentSet(sample: "0.5.0")
        documents["config/fuzzworks/mapSolarSystems.csv"] = nil
        let findings = documents.relationFindings(layout: 4)
        #expect(findings.map(\.code) == [.metadataMismatch])
        #expect(findings.map(\.severity) == [.error])
        #expect(findings.map(\.pointer) == ["/solar_systems"])
        #expect(findings.first?.document == "config/fuzzworks/fuzzworks_metadata.json")
        documents.replace(
            #""etag": "\"1213-9bd91818467d\"""#, by: #""etag": """#,
            in: "config/fuzzworks/fuzzworks_metadata.json")
        #expect(documents.relationFindings(layout: 4) == [])
        documents["config/fuzzworks/fuzzworks_metadata.json"] = nil
        #expect(documents.relationFindings(layout: 4) == [])
    }

    @Test("a client secret without its key is broken, and a key without a secret is not")
    func clientSecret() throws {
        var documents = try DocumentSet(sample: "0.5.0")
        for key: [UInt8]? in [nil, []] {
            documents["secret.key"] = key
            let findings = documents.relationFindings(layout: 4)
            #expect(findings.map(\.pointer) == ["/EVEClientSecret"])
            #expect(findings.map(\.severity) == [.error])
            #expect(findings.allSatisfy { !$0.detail.contains("Cj5r") })
        }
        documents = try DocumentSet(sample: "0.5.0")
        documents.replace(
            #""EVEClientSecret": "Cj5rMt3bJkdo2zPlNXG4C6T2CsZMlO/yQYYIWBYbOcPLH8CGwznkW/rmao7ru3dd5V/xITFdpuY=""#,
            by: #""x": 1"#, in: "config.json")
        documents["secret.key"] = nil
        #expect(documents.relationFindings(layout: 4) == [])
    }

    @Test("damaged documents count as absent, and nothing else is said about them")
    func damagedDocuments() throws {
        for name in try DocumentSet(sample: "0.5.0").names where name.text != "secret.key" {
            var documents = try DocumentSet(sample: "0.5.0")
            let bytes = try #require(documents.contents[name])
            documents.contents[name] = Array(bytes.prefix(bytes.count / 2))
            for finding in documents.relationFindings(layout: 4) {
                #expect(finding.code == .metadataMismatch && name.text.hasSuffix(".csv"))
            }
        }
    }

    @Test("a document that cannot be read is not said to be missing")
    func unreadable() throws {
        let documents = try DocumentSet(sample: "0.5.0")
        for name in ["secret.key", "config/fuzzworks/invTypes.csv"] {
            let path = StorePath(unchecked: name)
            let names = documents.names
            let there = Profile.canifly.checkRelations(layout: 4, documents: names) {
                $0 == path ? nil : documents.contents[$0]
            }
            #expect(there == [])
            let gone = Profile.canifly.checkRelations(
                layout: 4, documents: names.filter { $0 != path }
            ) { documents.contents[$0] }
            #expect(gone.map(\.detail).contains { $0.hasPrefix("\(name) is not there") })
        }
    }

    @Test("thousands of broken values give few findings, which say how many more there are")
    func manyFindings() throws {
        var documents = try DocumentSet(sample: "0.5.0")
        let lines = (0..<1_000).map { "No such skill \($0) 1" }.joined(separator: "\n")
        documents["plans/many.txt"] = Array(lines.utf8)
        let findings = documents.relationFindings(layout: 4)
        #expect(findings.count == 50)
        #expect(findings.last?.detail.contains("950 more") == true)
    }

    @Test("the documents that relations speak of are known beforehand")
    func documentsInRelations() throws {
        let documents = try DocumentSet(sample: "0.5.0")
        var asked: Set<StorePath> = []
        _ = Profile.canifly.checkRelations(layout: 4, documents: documents.names) { name in
            #expect(asked.insert(name).inserted, "\(name) is read twice")
            return documents.contents[name]
        }
        let known = Profile.canifly.documentsInRelations(layout: 4, documents: documents.names)
        #expect(asked.isSubset(of: known))
        #expect(!known.contains(StorePath(unchecked: "api_cache.json")))
    }
}
