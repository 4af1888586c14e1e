import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

struct RecognitionTests {
    @Test(
        "each sample is recognised, and nothing is left behind in it",
        arguments: zip(Fixtures.samples, 1...4))
    func samples(sample: String, layout: Int) throws {
        let recognition = try DocumentSet(sample: sample).recognised()
        #expect(recognition.layout == layout)
        #expect(recognition.leftBehind.isEmpty)
    }

    static let newMarks = [
        "secret.key", "api_cache.json", "deleted_characters.json", "config/fuzzworks/invTypes.csv",
    ]

    @Test("one document is enough to tell layout 3 from older ones", arguments: newMarks)
    func layout3(mark: String) {
        #expect(DocumentSet([mark]).recognised().layout == 3)
    }

    @Test("an accounts.json tells layout 3 only where it holds an object")
    func accountsObject() {
        let layout = { (text: String) in
            DocumentSet(texts: ["accounts.json": text]).recognised().layout
        }
        #expect(layout(" \n{}") == 3)
        #expect(layout("[]") == nil)
        #expect(layout("null") == nil)
        #expect(layout("") == nil)
    }

    @Test(
        "somebody signed in: layout 4",
        arguments: newMarks, ["login_states.json", "sessions.json"])
    func layout4(mark: String, signIn: String) {
        #expect(DocumentSet([mark, signIn]).recognised().layout == 4)
    }

    @Test("a session alone tells no layout", arguments: ["login_states.json", "sessions.json"])
    func sessionAlone(signIn: String) {
        #expect(DocumentSet([signIn]).recognised().layout == nil)
        #expect(DocumentSet(["account_data.json", signIn]).recognised().layout == 2)
    }

    @Test(
        "one document is enough to tell layout 2",
        arguments: ["account_data.json", "appstate_snapshot.json", "deleted.json", "cache.json"])
    func layout2(mark: String) {
        #expect(DocumentSet([mark, "config.json"]).recognised().layout == 2)
    }

    @Test(
        "one document is enough to tell layout 1",
        arguments: ["accounts/accounts.json", "config/config.json", "config/selections.json"])
    func layout1(mark: String) {
        #expect(DocumentSet([mark]).recognised().layout == 1)
    }

    @Test("a folder identity/ is layout 0")
    func layout0() {
        #expect(DocumentSet(["identity/2199000001_identity.json"]).recognised().layout == 0)
        #expect(DocumentSet(["identity/suffix/2199000001_identity.json"]).recognised().layout == 0)
    }

    @Test(
        "what several layouts share tells none",
        arguments: [
            [], ["config.json"], ["plans/a.txt"], ["config/other.json"], ["identity"],
            ["Accounts/accounts.json"], ["secret.key.old", "xsecret.key"],
        ])
    func shared(names: [String]) {
        #expect(DocumentSet(names).recognised() == Recognition(layout: nil, leftBehind: []))
    }

    @Test("a directory that went through all versions is in the newest layout")
    func allLayouts() {
        let layout1 = [
            "accounts/accounts.json", "accounts/cache.json", "config/config.json",
            "config/selections.json",
        ]
        let layout2 = ["account_data.json", "cache.json", "plans/deleted_embedded_plans.json"]
        let shared = [
            "config.json", "plans/a.txt", "secret.key", "sessions.json",
            "config/fuzzworks/invTypes.csv", "mine.json",
        ]
        let documents = DocumentSet(
            ["identity/1_identity.json"] + layout1 + layout2 + shared,
            texts: ["accounts.json": "{}"])
        let left = { (layout: Int, names: [String]) in
            LeftBehindLayout(
                layout: layout, documents: names.map { StorePath(unchecked: $0) })
        }
        #expect(
            documents.recognised()
                == Recognition(
                    layout: 4,
                    leftBehind: [
                        left(2, layout2), left(1, layout1), left(0, ["identity/1_identity.json"]),
                    ]))
    }

    @Test(
        "the newest layout is the live one in every mixture",
        arguments: [(4, 3), (4, 2), (4, 1), (4, 0), (3, 2), (3, 1), (3, 0), (2, 1), (2, 0), (1, 0)])
    func pairs(newer: Int, older: Int) throws {
        let marks = [
            0: ["identity/1_identity.json"], 1: ["accounts/accounts.json"],
            2: ["account_data.json"], 3: ["secret.key"], 4: ["secret.key", "sessions.json"],
        ]
        let names = try #require(marks[newer]) + #require(marks[older])
        let recognition = DocumentSet(names).recognised()
        #expect(recognition.layout == newer)
        // Layout 4 goes on from layout 3 and uses all its documents.
        #expect(recognition.leftBehind.map(\.layout) == (older == 3 ? [] : [older]))
    }

    @Test("plans stay where they are: layout 1 does not read them, and layout 2 finds them again")
    func oldPlans() {
        for accounts in ["accounts/accounts.json", "account_data.json"] {
            #expect(DocumentSet([accounts, "plans/a.txt"]).recognised().leftBehind.isEmpty)
        }
    }
}
