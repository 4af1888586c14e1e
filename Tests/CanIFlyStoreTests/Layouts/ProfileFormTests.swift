import StoreFiles
import Testing

@testable import CanIFlyStore

struct ProfileFormTests {
    private func failure(_ text: String) -> ProfileError? {
        do throws(ProfileError) {
            _ = try Profile(parsing: Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    private func layout(_ members: String) -> String {
        #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": "a", \#(members)}]}"#
    }

    @Test("the smallest profile has a name")
    func smallest() throws {
        let profile = try Profile(parsing: Array(#"{"profile": "x"}"#.utf8))
        #expect(profile.name == "x")
        #expect(profile.layouts.isEmpty && !profile.hasApplicationLock)
    }

    @Test("the profile of the library is whole, and so are all its schemas")
    func canifly() throws {
        let profile = Profile.canifly
        #expect(profile.name == "canifly")
        #expect(profile.hasApplicationLock)
        #expect(profile.layouts.map(\.number) == [0, 1, 2, 3, 4])
        #expect(profile.layouts.map(\.isKnownBySightOnly) == [true, false, false, false, false])
        try profile.requireSchemas()
    }

    @Test(
        "what is wrong with a profile is said with its place",
        arguments: [
            ("", "", "no JSON"), ("{", "", "no JSON"), ("[]", "", "a profile must be an object"),
            ("{}", "", "\"profile\" is missing"),
            (#"{"profile": "X y"}"#, "/profile", "lower-case"),
            (#"{"profile": "generic"}"#, "/profile", "taken"),
            (#"{"profile": "x", "layoust": []}"#, "/layoust", "no member \"layoust\""),
            (#"{"profile": "x", "lock": "flock"}"#, "/lock", "\"process-id\""),
            (#"{"profile": "x", "foreign": "Cache/"}"#, "/foreign", "a list is expected"),
            (#"{"profile": "x", "foreign": ["a", "../b"]}"#, "/foreign/1", "inside the store"),
            (#"{"profile": "x", "secrets": ["token"]}"#, "/secrets/0", "JSON pointers"),
            (#"{"profile": "x", "$defs": []}"#, "/$defs", "JSON Schemas"),
            (#"{"profile": "x", "layouts": [{"layout": 1}]}"#, "/layouts/0", "\"recognised_by\""),
            (
                #"{"profile": "x", "layouts": [{"layout": "1"}]}"#, "/layouts/0/layout",
                "a whole number"
            ),
        ])
    func malformed(text: String, pointer: String, message: String) throws {
        let error = try #require(failure(text))
        #expect(error.pointer == pointer)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.line >= 1 && error.column >= 1)
    }

    @Test(
        "what is wrong with a layout is said with its place",
        arguments: [
            (#""extends": 0"#, "/extends", "no layout 0"),
            (#""documents": [{"kind": "json"}]"#, "/documents/0", "\"path\" is missing"),
            (#""documents": [{"path": "a/", "kind": "json"}]"#, "/documents/0/path", "directory"),
            (#""documents": [{"path": "a", "kind": "yaml"}]"#, "/documents/0/kind", "\"json\""),
            (
                #""documents": [{"path": "a", "kind": "json", "mode": "0755"}]"#,
                "/documents/0/mode", "octal"
            ),
            (
                #""documents": [{"path": "a", "kind": "text", "schema": {}}]"#,
                "/documents/0/schema", "kind \"json\""
            ),
            (
                #""documents": [{"path": "a", "kind": "json", "if_empty": {"severity": "bad"}}]"#,
                "/documents/0/if_empty/severity", "\"warning\""
            ),
            (
                #""documents": [{"path": "a", "kind": "plan", "plan": {"number": {"minimum": 5, "maximum": 1}}}]"#,
                "/documents/0/plan/number/maximum", "from 5"
            ),
            (
                #""documents": [{"path": "a", "kind": "json", "expiry": {"entries": "/*", "time": "x"}}]"#,
                "/documents/0/expiry/time", "no way to a value"
            ),
            (
                #""relations": [{"relation": "same", "severity": "info", "meaning": "m"}]"#,
                "/relations/0/relation", "\"unique\""
            ),
            (
                #""relations": [{"relation": "unique", "values": {"document": "a", "at": "/*"}, "from": 1, "severity": "info", "meaning": "m"}]"#,
                "/relations/0/from", "no member \"from\""
            ),
            (
                #""relations": [{"relation": "needs", "items": {"document": "a", "at": ""}, "file": "*.key", "severity": "info", "meaning": "m"}]"#,
                "/relations/0/file", "no pattern"
            ),
            (#""holds": [{"what": "note", "in": []}]"#, "/holds/0/in", "at least one"),
        ])
    func malformedLayout(members: String, pointer: String, message: String) throws {
        let error = try #require(failure(layout(members)))
        #expect(error.pointer == "/layouts/0" + pointer)
        #expect(error.message.contains(message), "\(error)")
    }

    @Test("layouts come by rising number")
    func order() throws {
        let text =
            #"{"profile": "x", "layouts": [{"layout": 2, "recognised_by": "a"}, {"layout": 1, "recognised_by": "b"}]}"#
        #expect(try #require(failure(text)).pointer == "/layouts/1/layout")
    }

    @Test("a condition has one sense")
    func conditions() throws {
        for condition in [
            #"{}"#, #"{"any": [], "all": []}"#, #"{"path": "a", "any": []}"#, #"{"is": "object"}"#,
        ] {
            let text =
                #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": \#(condition)}]}"#
            #expect(failure(text)?.pointer == "/layouts/0/recognised_by", "\(condition)")
        }
    }

    @Test("a schema that is none is found when it is asked for, with its place")
    func badSchema() throws {
        let text = layout(
            ##""documents": [{"path": "a", "kind": "json", "schema": {"$ref": "#/$defs/none"}}]"##)
        let profile = try Profile(parsing: Array(text.utf8))
        do throws(ProfileError) {
            try profile.requireSchemas()
            Issue.record("the reference leads nowhere")
        } catch {
            #expect(error.pointer == "/layouts/0/documents/0/schema")
            #expect(Array(text.utf8)[error.offset...].starts(with: "{\"$ref\"".utf8))
        }
        // A document is not called damaged for it.
        let findings = profile.checkContent(
            of: StorePath(unchecked: "a"), bytes: Array("{}".utf8), layout: 1)
        #expect(findings.map(\.severity) == [.warning])
    }

    @Test("a layout that extends another has its rules, and its own before them")
    func inheritance() throws {
        let text = #"""
            {"profile": "x", "layouts": [
              {"layout": 1, "recognised_by": "a", "documents": [
                {"path": "a", "kind": "text", "mode": "0644"}, {"path": "b", "kind": "json"}]},
              {"layout": 3, "extends": 1, "recognised_by": "c", "documents": [
                {"path": "a", "kind": "json", "mode": "0640"}]}
            ]}
            """#
        let profile = try Profile(parsing: Array(text.utf8))
        let rule = { (name: String) in
            profile.rule(for: StorePath(unchecked: name), layout: 3)
        }
        #expect(rule("a")?.kind == .json && rule("a")?.mode == FileMode(0o640))
        #expect(rule("b")?.kind == .json && rule("b")?.layout == 3)
        #expect(rule("b")?.mode == .privateFile)
    }

    @Test("a profile nested or grown without end is refused")
    func limits() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(
            failure(#"{"profile": "x", "layouts": "# + deep)?.message.contains("no JSON") == true)
        let conditions =
            String(repeating: #"{"any": ["#, count: 250)
            + "\"a\"" + String(repeating: "]}", count: 250)
        #expect(
            failure(
                #"{"profile": "x", "layouts": [{"layout": 1, "recognised_by": \#(conditions)}]}"#)
                == nil)
    }
}
