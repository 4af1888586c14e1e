import CanIFlyStore
import CanIFlyStoreCodable
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Updating values")
struct UpdateTests {
    private static let document = """
        {
          "version_note": "ours",
          "name" : "Main",
          "ratio": 1.50,
          "id": 9007199254740993123,
          "characters": [
            {"name": "Ada", "token": "secret of 1", "id": 1000000000000000001},
            {"name": "Bob", "token": "secret of 2", "id": 1000000000000000002},
            {"name": "Cyd", "token": "secret of 3", "id": 1000000000000000003}
          ]
        }

        """

    private func updated(
        _ document: String = document, _ change: (inout Account) throws -> Void
    ) throws -> String {
        let store = try ValueStore(["a.json": document])
        try store.store.update(Account.self, at: "a.json", change)
        return try #require(store.text("a.json"))
    }

    @Test("unknown members, 19-digit ids, the order of keys and the spelling of numbers survive")
    func everythingElseStays() throws {
        let text = try updated { account in
            account.name = "Renamed"
            account.characters?[1].name = "Bobby"
        }
        #expect(
            text
                == Self.document.replacing("\"Main\"", with: "\"Renamed\"")
                .replacing("\"Bob\"", with: "\"Bobby\""))
    }

    @Test("a save in its place would lose them, as the manual says")
    func saveLosesThem() throws {
        let store = try ValueStore(["a.json": Self.document])
        try store.store.update(Account.self, at: "a.json", manner: .rewriting) { $0.name = "x" }
        let text = try #require(store.text("a.json"))
        #expect(!text.contains("version_note") && !text.contains("token"))
        #expect(try store.store.load(Account.self, from: "a.json").characters?.count == 3)
    }

    @Test("an element that is removed takes what is unknown of it along, and of no other")
    func removal() throws {
        let text = try updated { account in
            account.characters?.removeFirst()
            account.characters?[0].name = "Bobby"
        }
        #expect(!text.contains("secret of 1"))
        #expect(
            text.contains(
                #"{"name": "Bobby", "token": "secret of 2", "id": 1000000000000000002}"#))
        #expect(
            text.contains(#"{"name": "Cyd", "token": "secret of 3", "id": 1000000000000000003}"#))
    }

    @Test("an element put in another's place does not inherit its secrets")
    func replacement() throws {
        let text = try updated { account in
            account.characters?[1] = Account.Character(id: 4, name: "Dan")
        }
        #expect(text.contains("secret of 1") && text.contains("secret of 3"))
        #expect(!text.contains("secret of 2"))
        #expect(text.contains("Dan"))
    }

    @Test(
        "elements that share an identity, or have none, do not inherit each other's secrets",
        arguments: ["\"id\": 0, ", "\"id\": null, ", ""])
    func sharedIdentity(_ identity: String) throws {
        struct Named: Codable {
            var id: Int?
            var name: String
        }
        let store = try ValueStore([
            "a.json": #"[{\#(identity)"name": "a", "token": "A"}, "#
                + #"{\#(identity)"name": "b", "token": "B"}]"#
        ])
        try store.store.update([Named].self, at: "a.json") { elements in
            elements.removeFirst()
            elements[0].name = "c"
        }
        #expect(store.text("a.json")?.contains("token") == false)
        #expect(try store.store.load([Named].self, from: "a.json").map(\.name) == ["c"])
    }

    @Test("elements that change their places keep what is unknown of them")
    func reordering() throws {
        let store = try ValueStore(["a.json": Self.document])
        try store.store.update(Account.self, at: "a.json") { account in
            account.characters?.reverse()
            account.characters?[0].name = "Cy"
            account.characters?.insert(Account.Character(id: 7, name: "New"), at: 1)
        }
        struct Full: Decodable {
            struct Character: Decodable {
                var id: Int64
                var name: String
                var token: String?
            }
            var characters: [Character]
        }
        let characters = try store.store.load(Full.self, from: "a.json").characters
        #expect(characters.map(\.name) == ["Cy", "New", "Bob", "Ada"])
        #expect(
            characters.map(\.token) == ["secret of 3", nil, "secret of 2", "secret of 1"])
    }

    @Test("random changes of arrays arrive, and no element gets another's unknown members")
    func randomArrays() throws {
        var generator = SeededGenerator(seed: 7)
        let store = try ValueStore()
        for _ in 0..<60 {
            let ids = (0..<Int64.random(in: 0...6, using: &generator)).map { $0 + 1 }
            let elements = ids.map { #"{"id": \#($0), "name": "n", "unknown": \#($0)}"# }
            store.place("a.json", "[" + elements.joined(separator: ", ") + "]")
            var wanted: [Account] = []
            try store.store.update([Account].self, at: "a.json") { accounts in
                accounts.shuffle(using: &generator)
                for index in accounts.indices.reversed() {
                    switch Int.random(in: 0..<5, using: &generator) {
                    case 0: accounts.remove(at: index)
                    case 1: accounts[index].name = "changed"
                    case 2: accounts.insert(Account(id: 100, name: "new"), at: index)
                    default: break
                    }
                }
                wanted = accounts
            }
            #expect(try store.store.load([Account].self, from: "a.json") == wanted)
            struct Unknown: Decodable {
                var id: Int64
                var unknown: Int64?
            }
            for element in try store.store.load([Unknown].self, from: "a.json") {
                #expect(element.unknown == (element.id == 100 ? nil : element.id))
            }
        }
    }

    @Test("elements without an identity are known again by their places if they mostly stay")
    func withoutIdentity() throws {
        struct Pair: Codable {
            var left: String
            var right: String
        }
        let store = try ValueStore([
            "a.json": #"[{"left": "a", "right": "b", "more": 1}, {"left": "c", "right": "d"}]"#
        ])
        try store.store.update([Pair].self, at: "a.json") { $0[0].right = "B" }
        #expect(
            store.text("a.json")
                == #"[{"left": "a", "right": "B", "more": 1}, {"left": "c", "right": "d"}]"#)
        try store.store.update([Pair].self, at: "a.json") {
            $0[0] = Pair(left: "x", right: "y")
        }
        #expect(store.text("a.json")?.contains("more") == false)
        var coding = DocumentCoding.compact
        coding.identityMembers = ["left"]
        store.place("a.json", #"[{"left": "a", "right": "b", "more": 1}]"#)
        try store.store.update([Pair].self, at: "a.json", coding: coding) {
            $0.insert(Pair(left: "0", right: "0"), at: 0)
            $0[1].right = "B"
        }
        #expect(store.text("a.json")?.contains(#"{"left": "a", "right": "B", "more": 1}"#) == true)
    }

    @Test("members with default values that the document leaves out are added when they change")
    func defaults() throws {
        struct Settings: Codable {
            var window = Window()
            var theme: String?
            struct Window: Codable { var width = 800, height = 600 }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                window = try container.decodeIfPresent(Window.self, forKey: .window) ?? Window()
                theme = try container.decodeIfPresent(String.self, forKey: .theme)
            }
        }
        let store = try ValueStore(["a.json": #"{"other": null, "theme": null}"#])
        try store.store.update(Settings.self, at: "a.json") { _ in }
        #expect(store.text("a.json") == #"{"other": null, "theme": null}"#)
        try store.store.update(Settings.self, at: "a.json") { $0.theme = "dark" }
        #expect(store.text("a.json") == #"{"other": null, "theme": "dark"}"#)
        try store.store.update(Settings.self, at: "a.json") { $0.window.width = 900 }
        #expect(try store.store.load(Settings.self, from: "a.json").window.width == 900)
        try store.store.update(Settings.self, at: "a.json") { $0.theme = nil }
        #expect(store.text("a.json")?.contains("theme") == false)
        #expect(store.text("a.json")?.contains(#""other": null"#) == true)
    }

    @Test("a type that drops elements as it reads is refused, and nothing is written")
    func notFaithful() throws {
        struct Positive: Codable {
            var numbers: [Int]
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                numbers = try container.decode([Int].self, forKey: .numbers).filter { $0 > 0 }
            }
        }
        let store = try ValueStore(["a.json": #"{"numbers": [-1, 2, 3]}"#])
        #expect(
            code { try store.store.update(Positive.self, at: "a.json") { $0.numbers[0] = 5 } }
                == "update-not-faithful")
        #expect(store.text("a.json") == #"{"numbers": [-1, 2, 3]}"#)
    }

    @Test("a type that reads one member and writes another is refused")
    func otherMember() throws {
        struct Renaming: Codable {
            var name: String
            enum Old: String, CodingKey { case title }
            init(from decoder: any Decoder) throws {
                name = try decoder.container(keyedBy: Old.self).decode(String.self, forKey: .title)
            }
        }
        let store = try ValueStore(["a.json": #"{"title": "a"}"#])
        #expect(
            code { try store.store.update(Renaming.self, at: "a.json") { $0.name = "b" } }
                == "update-not-faithful")
        #expect(store.text("a.json") == #"{"title": "a"}"#)
    }

    @Test("sets, whose order is by chance, can be updated")
    func sets() throws {
        let store = try ValueStore(["a.json": "[\"a\", \"b\", \"c\"]"])
        let more = (0..<40).map { "item \($0)" }
        try store.store.update(Set<String>.self, at: "a.json") { $0.formUnion(more) }
        #expect(
            try store.store.load(Set<String>.self, from: "a.json")
                == Set(more).union(["a", "b", "c"]))
    }

    @Test("what the application wrote meanwhile is read anew and kept")
    func compareAndSwap() throws {
        let store = try ValueStore(["a.json": #"{"id": 1, "name": "a"}"#])
        var attempts = 0
        try store.store.update(Account.self, at: "a.json") { account in
            attempts += 1
            if attempts == 1 { store.place("a.json", #"{"id": 2, "name": "b"}"#) }
            account.name += "!"
        }
        #expect(attempts == 2)
        #expect(store.text("a.json") == #"{"id": 2, "name": "b!"}"#)
    }

    @Test("where others never stop writing, it gives up with a conflict")
    func givesUp() throws {
        let store = try ValueStore(["a.json": #"{"id": 1, "name": "a"}"#])
        var attempts: Int64 = 0
        #expect(
            code {
                try store.store.update(Account.self, at: "a.json") { account in
                    attempts += 1
                    store.place("a.json", #"{"id": \#(attempts), "name": "b"}"#)
                    account.name += "!"
                }
            } == "changed-meanwhile")
        #expect(attempts > 2)
        #expect(store.text("a.json") == #"{"id": \#(attempts), "name": "b"}"#)
    }

    @Test("an error of the closure comes out as it is, and nothing is written")
    func closureFails() throws {
        struct Refusal: Error {}
        let store = try ValueStore(["a.json": #"{"id": 1, "name": "a"}"#])
        #expect(throws: Refusal.self) {
            try store.store.update(Account.self, at: "a.json") { account in
                account.name = "b"
                throw Refusal()
            }
        }
        #expect(store.text("a.json") == #"{"id": 1, "name": "a"}"#)
        #expect(try store.transactions() == 0)
    }

    @Test("a document that is not there starts with the value given, or is an error")
    func creation() throws {
        let store = try ValueStore()
        #expect(
            code { try store.store.update([Int].self, at: "a.json") { $0.append(1) } }
                == "no-such-document")
        for number in 1...3 {
            try store.store.update([Int].self, at: "a.json", default: [], sealed: true) {
                $0.append(number)
            }
        }
        let stored = try store.store.loadStored([Int].self, from: "a.json", requiresSeal: true)
        #expect(stored.value == [1, 2, 3])
    }
}
