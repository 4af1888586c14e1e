import CProfiles
import JSONSchema
import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

/// docs/profiles.md and its schema say what the program does.
struct ProfileDocumentationTests {
    private static func document(_ path: String) throws -> [UInt8] {
        let system = LinuxSystemCalls()
        let root = try system.openDirectory(at: Fixtures.root + "/../..")
        defer { try? system.close(root) }
        let file = try system.open(path, in: root, [.read], mode: .privateFile)
        defer { try? system.close(file) }
        return try system.readWhole(file, limitBytes: 1 << 20)
    }

    private static let example: [UInt8] = {
        let page = (try? document("docs/profiles.md")) ?? []
        let fence = Array("```json\n".utf8)
        guard let start = page.indices.first(where: { page[$0...].starts(with: fence) }) else {
            return []
        }
        let body = page[(start + fence.count)...]
        let end = body.indices.first { body[$0...].starts(with: "```".utf8) } ?? body.endIndex
        return Array(body[..<end])
    }()

    private static let schema: CompiledSchema? = {
        guard let text = try? document("docs/schemas/profile.schema.json"),
            let json = try? JSONDocument(text)
        else { return nil }
        return try? CompiledSchema(json)
    }()

    @Test("the schema of profiles takes the library's own and the page's example")
    func schemaTakes() throws {
        let schema = try #require(Self.schema)
        let canifly = try Self.document(
            "Sources/CanIFlyStore/Layouts/Profiles/canifly.profile.json")
        for text in [canifly, Self.example] {
            let violations = schema.validate(try JSONDocument(text))
            #expect(violations.isEmpty, "\(violations.map { ($0.instanceLocation, $0.message) })")
        }
    }

    @Test("the embedded profile is the file in the sources")
    func embedded() throws {
        let text = try Self.document("Sources/CanIFlyStore/Layouts/Profiles/canifly.profile.json")
        let embedded = UnsafeRawBufferPointer(
            start: canifly_profile_text(), count: canifly_profile_byte_count())
        #expect(embedded.elementsEqual(text))
    }

    @Test(
        "what the parser refuses, the schema refuses",
        arguments: [
            #"{}"#, #"{"profile": "generic"}"#, #"{"profile": "X"}"#,
            #"{"profile": "x", "layoust": []}"#, #"{"profile": "x", "lock": "flock"}"#,
            #"{"profile": "x", "foreign": ["../a"]}"#, #"{"profile": "x", "foreign": ["a//b"]}"#,
            #"{"profile": "x", "foreign": ["/a"]}"#, #"{"profile": "x", "foreign": [""]}"#,
            #"{"profile": "x", "secrets": ["a"]}"#, #"{"profile": "x", "secrets": ["/~2"]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": {}}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": {"any": [], "all": []}}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", "documents": [{"path": "a/", "kind": "json"}]}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", "documents": [{"path": "a", "kind": "text", "schema": {}}]}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", "documents": [{"path": "a", "kind": "text", "mode": "0755"}]}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", "documents": [{"path": "a", "kind": "text", "mode": "0400"}]}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", "relations": [{"relation": "unique", "severity": "info", "meaning": "m"}]}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", "relations": [{"relation": "unique", "values": {"document": "a", "at": "", "column": "c"}, "severity": "info", "meaning": "m"}]}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", "relations": [{"relation": "needs", "items": {"document": "a", "at": ""}, "file": "*", "severity": "info", "meaning": "m"}]}]}"#,
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", "holds": [{"what": "n", "in": []}]}]}"#,
        ])
    func bothRefuse(text: String) throws {
        #expect(throws: ProfileError.self) { try Profile(parsing: Array(text.utf8)) }
        #expect(try #require(Self.schema).isValid(JSONDocument(Array(text.utf8))) == false)
    }

    private func notes() throws -> Profile {
        let profile = try Profile(parsing: Self.example)
        try profile.requireSchemas()
        return profile
    }

    @Test("the example tells its two layouts and what is no document")
    func exampleLayouts() throws {
        let profile = try notes()
        #expect(DocumentSet(["notes.json"]).recognised(by: profile).layout == 1)
        #expect(DocumentSet(["notebooks/a.json"]).recognised(by: profile).layout == 2)
        #expect(DocumentSet(texts: ["settings.json": "{}"]).recognised(by: profile).layout == 2)
        let both = DocumentSet(["notes.json", "notebooks/a.json"]).recognised(by: profile)
        #expect(both.leftBehind.map(\.layout) == [1])
        for (path, expected) in [
            ("quill.sock", "foreign"), ("export_12.zip", "foreign"), ("thumbnails/a", "foreign"),
            ("notebooks/~a.json", "temporary"), ("export_x.zip", "document"),
        ] {
            let found = profile.classify(
                StorePath(unchecked: path), kind: .regular, layout: 2)
            #expect("\(found)".hasPrefix(expected), "\(path)")
        }
    }

    @Test("the example finds what the page says that it finds")
    func exampleFindings() throws {
        let profile = try notes()
        let find = { (name: String, text: String) in
            profile.checkContent(
                of: StorePath(unchecked: name), bytes: Array(text.utf8), layout: 2
            ).map(\.severity)
        }
        #expect(find("notebooks/a.json", #"{"notes": [{"id": 1, "title": "t"}]}"#) == [])
        #expect(find("notebooks/a.json", #"{"notes": {}}"#) == [.error])
        let title = String(repeating: "t", count: 300)
        #expect(
            find("notebooks/a.json", "{\"notes\": [{\"id\": 1, \"title\": \"\(title)\"}]}")
                == [.warning])
        #expect(find("settings.json", "") == [.warning])
        let sync = profile.secrecy(of: StorePath(unchecked: "sync.json"))
        #expect(sync.isSecretValue(at: try JSONPointer("/sessions/0/token")))
        let exposure = profile.checkExposure(
            of: StorePath(unchecked: "sync.json"), mode: FileMode(0o644),
            directoryMode: FileMode(0o755), layout: 2)
        #expect(exposure?.severity == .warning)
    }

    @Test("the example's relations and holdings work across notebooks")
    func exampleRelations() throws {
        let profile = try notes()
        var documents = DocumentSet(
            texts: [
                "notebooks/a.json": #"{"notes": [{"id": 1, "title": "t", "tags": ["x", "y"]}]}"#,
                "notebooks/b.json": #"{"notes": [{"id": 1, "title": "u", "tags": [""]}]}"#,
                "tags.csv": "tag,colour\nx,red\n",
                "notes.json": #"[{"id": 1, "title": "t"}, {"id": 2, "title": "lost"}]"#,
            ])
        let findings = documents.relationFindings(layout: 2, profile: profile)
        #expect(findings.map(\.severity) == [.error, .info])
        #expect(findings.map(\.pointer) == ["/notes/0/id", "/notes/0/tags/1"])
        #expect(findings.map(\.document) == ["notebooks/b.json", "notebooks/a.json"])
        let reports = { (documents: DocumentSet) in
            profile.leftBehindReports(layout: 2, documents: documents.names) {
                documents.contents[$0]
            }
        }
        #expect(reports(documents).flatMap(\.lines) == ["1 note (lost)"])
        documents["notes.json"] = nil
        #expect(reports(documents).isEmpty)
    }

    @Test("the page's example of a refusal is what the program says")
    func refusal() throws {
        let text =
            #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", "documents": [{"path": "a", "kind": "text", "sekret": true}]}]}"#
        let page = String(decoding: try Self.document("docs/profiles.md"), as: UTF8.self)
        do throws(ProfileError) {
            _ = try Profile(parsing: Array(text.utf8))
            Issue.record("sekret is no member")
        } catch {
            #expect(error.pointer == "/layouts/0/documents/0/sekret")
            let told = "at \(error.pointer): \(error.message)"
            let beginning = told.split(separator: "secrets").first.map(String.init) ?? told
            #expect(page.contains(beginning))
        }
    }
}
