internal import CanIFlyStore
internal import StoreCommands
internal import StoreFiles
internal import StoreTestSupport

private let layout = 4

/// The findings of a document of the application.
private func findings(_ document: String, _ bytes: [UInt8]) -> [Finding] {
    let findings = Profile.canifly.checkContent(
        of: StorePath(unchecked: document), bytes: bytes, layout: layout)
    for finding in findings {
        precondition((0...bytes.count).contains(finding.offset ?? 0), "it lies outside")
    }
    return findings
}

extension FuzzTarget {
    static let ruleTargets: [FuzzTarget] = [
        FuzzTarget("plan", words: ["# icon: 1\n", " IV\n", " 5\n", "\r\n", "\u{0}", "\u{FEFF}"]) {
            bytes in
            let path = StorePath(unchecked: "plans/x.txt")
            let found = findings("plans/x.txt", bytes)
            let problems =
                Profile.canifly.planProblems(of: path, bytes: bytes, layout: layout) ?? []
            precondition(
                problems.count <= found.count || !found.allSatisfy { $0.code == .schemaMismatch },
                "a problem is no finding")
        },
        FuzzTarget("csv", words: ["typeID,typeName,groupID\n", "\"", "\"\"", ",", "\r\n"]) {
            bytes in
            _ = findings("config/fuzzworks/invTypes.csv", bytes)
        },
        FuzzTarget("key", words: ["====", "AAAA", "\n"]) { _ = findings("secret.key", $0) },
        FuzzTarget("document", words: ["\"Accounts\":", "\"Associations\":", "null", "[]", "{}"]) {
            bytes in
            _ = findings("accounts.json", bytes)
            let rules = DocumentRules(profile: .canifly, layout: layout)
            let path = StorePath(unchecked: "own.json")
            func stream(_ pieces: [ArraySlice<UInt8>]) -> Finding? {
                var check = StreamingContentCheck(of: path, rules: rules)
                for piece in pieces { piece.withUnsafeBytes { check.consume($0) } }
                return check.finish()
            }
            let whole = stream([bytes[...]])
            precondition(whole == stream(pieces(bytes)), "in pieces it differs")
        },
        FuzzTarget(
            "arguments",
            words: [
                "\0--", "\0--store", "=", "\0--json", "\0-q", "\0put", "\0log\0--at\0", "\0-",
                "\0--lock-wait=", "\0lock\0run\0--\0", "\0help", "\u{1B}[2J",
            ]
        ) { bytes in
            let words = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
                RawArgument(Array($0))
            }
            do throws(StoreError) {
                _ = try ArgumentParser(.standard).parse(words)
            } catch {
                precondition(error.kind == .usage, "a wrong line is no \(error.kind)")
                precondition(
                    !error.message.utf8.contains { $0 < 0x20 }, "a message moves the cursor")
            }
        },
        FuzzTarget(
            "operations", words: ["{\"op\": \"put\"", "\"base64\":", "\"sha256\":", "\"if\""]
        ) {
            bytes in _ = try? parseOperation(bytes)
        },
        FuzzTarget(
            "profile",
            words: [
                "\"layouts\":", "\"documents\":", "\"relations\":", "\"path\":",
                "\"recognised_by\":",
                "<digits>", "**", "\"kind\": \"json\"", "\"schema\":", "\"expiry\":",
            ]
        ) { bytes in
            guard let profile = try? Profile(parsing: bytes) else { return }
            let path = StorePath(unchecked: "a.json")
            _ = profile.checkContent(of: path, bytes: Array("[1]".utf8), layout: 1)
            _ = profile.classify(path, kind: .regular, layout: 1)
        },
        FuzzTarget(
            "step", words: ["\"op\": \"run\"", "\"command\": [", "\"back\":", "\"require\""]
        ) {
            bytes in _ = try? OwnStepFile(name: "0001-x.json", bytes: bytes)
        },
        FuzzTarget("path", words: ["../", "/", "\u{202E}", "\u{1B}", "a\u{308}", ".tmp"]) { bytes in
            guard let path = try? StorePath(bytes: bytes) else { return }
            precondition(path.text.utf8.elementsEqual(bytes), "it has become another name")
            precondition(!bytes.starts(with: [0x2F]) && !bytes.contains(0), "it leads out")
            precondition(
                !bytes.split(separator: 0x2F).contains { $0.elementsEqual("..".utf8) },
                "it leads out")
        },
        FuzzTarget("time", words: ["T", "Z", "+00:00", ".999999999", "-0001"]) { bytes in
            guard let time = Timestamp(rfc3339: bytes[...]) else { return }
            precondition(
                (0..<1_000_000_000).contains(time.nanoseconds), "it has no such nanosecond")
        },
    ]
}
