import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

struct SecrecyTests {
    private func secrecy(_ document: String) -> Secrecy {
        Profile.canifly.secrecy(of: StorePath(unchecked: document))
    }

    @Test("no sample's secrets are left in what is shown of it", arguments: Fixtures.samples)
    func redactedSamples(sample: String) throws {
        let documents = try DocumentSet(sample: sample)
        for name in documents.names where name.text.hasSuffix(".json") {
            let document = try JSONDocument(try #require(documents.contents[name]))
            let text = String(
                decoding: Profile.canifly.secrecy(of: name)
                    .redactedText(of: document.root, at: .root), as: UTF8.self)
            for secret in [
                "FAKE", "Cj5rMt3b", "GY3gEpq2", "0fca833b", "8399bee9", "0fa52fed", "9c420632",
            ] {
                #expect(!text.contains(secret), "\(name)")
            }
            // What is left is JSON of the same shape.
            #expect(try JSONDocument(Array(text.utf8)).root.count == document.root.count)
        }
    }

    @Test("whole documents, values and keys are secret as the layouts say")
    func places() throws {
        for document in ["secret.key", "sessions.json", "login_states.json", "identity/1_x.json"] {
            #expect(secrecy(document).isWholeDocument)
            #expect(Profile.canifly.isSecret(StorePath(unchecked: document)))
        }
        let pointer = { (text: String) throws in try JSONPointer(text) }
        let accounts = secrecy("accounts.json")
        #expect(!accounts.isWholeDocument)
        let token = "/Accounts/0/Characters/1/Token"
        #expect(accounts.isSecretValue(at: try pointer(token + "/access_token")))
        #expect(accounts.isSecretValue(at: try pointer(token + "/refresh_token/0")))
        #expect(accounts.isSecretValue(at: try pointer(token + "/ACCESS_TOKEN")))
        #expect(!accounts.isSecretValue(at: try pointer(token + "/expiry")))
        #expect(!accounts.isSecretValue(at: try pointer("/Accounts/0/Name")))
        #expect(secrecy("config.json").isSecretValue(at: try pointer("/EVEClientSecret")))
        // Tokens are secret wherever they turn up, in a copy made by hand for one.
        #expect(
            secrecy("copy of accounts.json").isSecretValue(at: try pointer(token + "/access_token"))
        )
        #expect(secrecy("plans/a.txt").isWholeDocument == false)
    }

    @Test("session ids are left out of pointers")
    func pointers() throws {
        let sessions = secrecy("sessions.json")
        let pointer = try JSONPointer("/0fca833b-da8e/expires_at")
        #expect(sessions.redacted(pointer).description == "/<secret>/expires_at")
        #expect(sessions.isSecretKey(at: try JSONPointer("/0fca833b-da8e")))
        #expect(!sessions.isSecretKey(at: pointer))
        let plain = try JSONPointer("/Accounts/0/Name")
        #expect(secrecy("accounts.json").redacted(plain) == plain)
    }

    @Test("secrets deep inside a shown value are replaced, the rest stays as written")
    func insideValues() throws {
        let text =
            #"{"Token": {"access_token": "s", "refresh_token": ["s", 1, null], "expires_in": 1.10}}"#
        let document = try JSONDocument(Array(text.utf8))
        let place = try JSONPointer("/Accounts/0/Characters/0")
        let shown = secrecy("accounts.json").redactedText(of: document.root, at: place)
        #expect(
            String(decoding: shown, as: UTF8.self)
                == #"{"Token":{"access_token":"<secret>","refresh_token":["<secret>","<secret>",null],"expires_in":1.10}}"#
        )
        let sessions = try JSONDocument(Array(#"{"id-1": {"x": 1}, "id-2": {}}"#.utf8))
        #expect(
            String(
                decoding: secrecy("sessions.json").redactedText(of: sessions.root, at: .root),
                as: UTF8.self) == #"{"<secret 1>":{"x":"<secret>"},"<secret 2>":{}}"#)
    }
}
