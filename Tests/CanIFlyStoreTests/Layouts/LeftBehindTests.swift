import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

struct LeftBehindTests {
    /// A directory that lived through several versions: the documents of several samples over each
    /// other, the newest last.
    private func upgraded(_ samples: [String]) throws -> DocumentSet {
        var documents = DocumentSet()
        for sample in samples {
            documents.contents.merge(try DocumentSet(sample: sample).contents) { $1 }
        }
        return documents
    }

    private func reports(_ documents: DocumentSet, layout: Int) -> [LeftBehindReport] {
        Profile.canifly.leftBehindReports(layout: layout, documents: documents.names) {
            documents.contents[$0]
        }
    }

    private let emptyAccounts = Array(#"{"Accounts": null, "Associations": null}"#.utf8)

    @Test("a sample alone has nothing left behind", arguments: zip(Fixtures.samples, 1...4))
    func samples(sample: String, layout: Int) throws {
        #expect(reports(try DocumentSet(sample: sample), layout: layout) == [])
    }

    @Test("documents of older layouts that hold nothing of their own are an info")
    func nothingNew() throws {
        let documents = try upgraded(["0.0.58", "0.1.5"])
        let reports = reports(documents, layout: 3)
        #expect(reports.map(\.layout) == [2])
        #expect(reports[0].onlyThere == [])
        #expect(
            reports[0].documents.map(\.text) == [
                "account_data.json", "appstate_snapshot.json", "cache.json", "deleted.json",
                "plans/deleted_embedded_plans.json",
            ])
        let findings = Profile.canifly.leftBehindFindings(reports)
        #expect(findings.map(\.code) == [.layoutLeftBehind])
        #expect(findings.map(\.severity) == [.info])
    }

    @Test("an upgrade that dropped every account says whose they are")
    func droppedAccounts() throws {
        var documents = try upgraded(["0.0.58", "0.5.0"])
        documents["accounts.json"] = emptyAccounts
        let reports = reports(documents, layout: 4)
        let held = Dictionary(
            uniqueKeysWithValues: reports[0].onlyThere.map { ($0.what, $0.items) })
        #expect(
            held["account"]?.map(\.name)
                == ["Main & Alt <core>", "Торговый флот «Север»", "备用账号 🚀 \"beta\""])
        #expect(held["character"]?.count == 7)
        #expect(
            held["character"]?.first
                == HeldItem(identifier: "2199000001", name: "Testa Pilotova"))
        #expect(held["association"]?.count == 7)
        // Shared with the live layout, or there in both.
        #expect(held["role"] == nil && held["plan"] == nil && held["deleted character"] == nil)
        let finding = try #require(Profile.canifly.leftBehindFindings(reports).first)
        #expect(finding.severity == .warning)
        #expect(finding.detail.contains("7 characters (Testa Pilotova"))
        #expect(finding.remedy == "canifly-store migrate --left-behind")
        #expect(!finding.detail.contains("FAKE"))
    }

    @Test("one character that the live accounts lack is told, by its id")
    func oneCharacter() throws {
        var documents = try upgraded(["0.0.58", "0.5.0"])
        documents.replace(
            #""CharacterID": 2199000005"#, by: #""CharacterID": 2199000050"#, in: "accounts.json")
        let reports = reports(documents, layout: 4)
        #expect(reports[0].onlyThere.map(\.what).contains("character"))
        #expect(reports[0].lines.contains("1 character (虚构 飞行员)"))
        #expect(!reports[0].onlyThere.map(\.what).contains("account"))
    }

    @Test("what two older layouts hold is told of the newer one alone")
    func severalLayouts() throws {
        var documents = try upgraded(["0.0.42", "0.0.58", "0.5.0"])
        documents["accounts.json"] = emptyAccounts
        let reports = reports(documents, layout: 4)
        #expect(reports.map(\.layout) == [2, 1])
        #expect(reports[0].onlyThere.map(\.what).contains("character"))
        #expect(reports[1].onlyThere == [])
    }

    @Test("where the accounts of an older layout are damaged, its snapshot is the other copy")
    func snapshot() throws {
        var documents = try upgraded(["0.0.42", "0.5.0"])
        documents["accounts.json"] = emptyAccounts
        documents["accounts/accounts.json"] = Array("[{".utf8)
        let reports = reports(documents, layout: 4)
        #expect(reports[0].unreadable.map(\.text) == ["accounts/accounts.json"])
        #expect(reports[0].onlyThere.first { $0.what == "character" }?.items.count == 7)
        let detail = Profile.canifly.leftBehindFindings(reports)[0].detail
        #expect(detail.contains("accounts/accounts.json cannot be read"))
    }

    @Test("what can only be told by sight is told, with nothing to do about it")
    func bySight() throws {
        var documents = try DocumentSet(sample: "0.5.0")
        documents["identity/2199000001_identity.json"] = [1, 2, 3]
        let findings = Profile.canifly.leftBehindFindings(reports(documents, layout: 4))
        #expect(findings.map(\.severity) == [.info])
        #expect(findings.map(\.remedy) == [""])
    }
}
