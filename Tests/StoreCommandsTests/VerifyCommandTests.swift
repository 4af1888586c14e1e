import CanIFlyStore
import Foundation
import LosslessJSON
import StoreCommands
import StoreFiles
import StoreTestSupport
import Testing

@Suite("verify")
struct VerifyCommandTests {
    /// The sample with one bit of a recorded document flipped, its times as they were.
    private func damagedStore() throws -> ScratchStore {
        let store = try ScratchStore(sample: "0.5.0")
        #expect(store.run("init").status == 0)
        let system = LinuxSystemCalls()
        let file = try system.open(
            "accounts.json", in: store.scratch.descriptor, [.read, .write], mode: .privateFile)
        defer { try? system.close(file) }
        let modified = try system.status(of: file).modified
        var byte = [UInt8](repeating: 0, count: 1)
        _ = try byte.withUnsafeMutableBytes { try system.read(file, into: $0, at: 1000) }
        byte[0] ^= 1
        _ = try byte.withUnsafeBytes { try system.write(file, from: $0, at: 1000) }
        try system.setModificationTime(of: file, to: modified)
        return store
    }

    @Test("finds every sample sound", arguments: Fixtures.samples)
    func sound(sample: String) throws {
        let store = try ScratchStore(sample: sample)
        let outcome = store.run("verify", "--strict")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.hasPrefix("No errors, no warnings"))
        let summary = try store.json("verify").member(named: "summary")
        #expect(summary?.member(named: "errors")?.integer == 0)
        #expect(summary?.member(named: "documents")?.integer ?? 0 > 5)
    }

    @Test("ends with 65 on damage, and says where and what to do next")
    func damage() throws {
        let store = try ScratchStore(sample: "0.5.0")
        try store.write("config.json", "{\"Roles\": [,]}")
        let outcome = store.run("verify")
        #expect(outcome.status == 65)
        #expect(
            outcome.output.contains(
                "config.json\n  error    json-malformed, line 1, column 12 (byte 11)"))
        #expect(outcome.output.contains("canifly-store explain json-malformed"))
        let json = try store.json("verify", "config.json")
        let finding = json.member(named: "findings")?.element(at: 0)
        #expect(finding?.member(named: "code")?.string == "json-malformed")
        #expect(finding?.member(named: "offset")?.integer == 11)
        #expect(finding?.member(named: "pointer") == nil)
        #expect(json.member(named: "ok")?.boolean == false)
        #expect(json.member(named: "error") == nil)
        #expect(store.run("verify", "plans/Barge_Mining.txt").status == 0)
        #expect(store.run("verify", "nothing.json").status == 66)
    }

    @Test("shows the first of many damaged documents, and sums up the others")
    func many() throws {
        let store = try ScratchStore()
        for number in 10..<40 { try store.write("\(number).json", "{") }
        for number in 40..<45 { try store.write("\(number).json", "[,]") }
        let outcome = store.run("verify")
        #expect(outcome.status == 65)
        #expect(outcome.output.contains("\n29.json\n") && !outcome.output.contains("\n30.json\n"))
        #expect(
            outcome.output.contains(
                """
                And 15 more documents; --verbose shows them:
                  error    json-truncated: 10
                  error    json-malformed: 5

                35 errors,
                """), "\(outcome.output)")
        let whole = store.run("verify", "--verbose")
        #expect(whole.output.contains("\n44.json\n") && !whole.output.contains("more documents"))
    }

    @Test("names every command that helps as a next step, once and ready to be copied")
    func nextSteps() throws {
        let store = try ScratchStore(sample: "0.5.0")
        #expect(store.run("snapshot").status == 0)
        try store.write(".lock", "")
        try store.write("config.json", "{\"Roles\": [,]}")
        try store.write("deleted_characters.json", "[")
        func next() -> [String] {
            Array(store.run("verify").lines.drop { !$0.hasPrefix("Next") }.dropLast())
        }
        #expect(
            next() == [
                "Next  canifly-store lock break", "      canifly-store repair",
                "      canifly-store explain lock-empty",
            ])
        // One document alone is named, in quotes where a shell would read more into its name.
        let other = try ScratchStore()
        try other.write("R & D's.json", String(repeating: "\0", count: 9))
        #expect(
            other.run("verify").output.contains(
                "\nNext  canifly-store repair 'R & D'\\''s.json'\n"))
    }

    @Test("looks good on a terminal, wide or narrow", arguments: [80, 40])
    func screens(columns: Int) throws {
        let store = try damagedStore()
        try store.write("config.json", "{\"Roles\": [,]}")
        var lines = store.screen(columns: columns, "verify")
        #expect(lines.allSatisfy { displayWidth($0) <= columns }, "\(lines)")
        // The time taken is the last word of the summary.
        let summary = try #require(lines.firstIndex { $0.contains("2 errors") })
        lines[summary] = String(lines[summary].prefix(20))
        let worst = lines.firstIndex(of: "accounts.json")
        #expect(worst == 0)
        #expect(lines[1].hasPrefix(columns == 80 ? "  error    " : "  error"))
        #expect(lines.contains("config.json"))
        #expect(lines.contains { $0.hasPrefix("Next") })
    }

    @Test("counts notes and shows them only when asked")
    func notes() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{}")
        #expect(store.run("init").status == 0)
        try store.write("b.json", "{}")
        let short = store.run("verify")
        #expect(short.output.contains(" 1 note in 2 documents"), "\(short.output)")
        #expect(short.output.contains("\n--verbose shows the notes.\n"))
        #expect(!short.output.contains("untracked"))
        let long = store.run("verify", "--verbose")
        #expect(long.output.contains("b.json\n  note     untracked\n"), "\(long.output)")
        #expect(!long.output.contains("--verbose"))
    }

    @Test("--strict makes warnings count, and nothing else does")
    func strict() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{}")
        try store.write("a.json.gz", "not gzip")
        let report = try store.json("verify")
        let warnings = report.member(named: "summary")?.member(named: "warnings")?.integer
        let errors = report.member(named: "summary")?.member(named: "errors")?.integer
        #expect(warnings == 1)
        if errors == 0 {
            #expect(store.run("verify").status == 0)
            #expect(store.run("verify", "--strict").status == 1)
            #expect(store.run("verify", "--strict", "--json").status == 1)
        }
        #expect(store.run("verify", "--quick", "--deep").status == 64)
    }

    @Test("--quick does not read what is untouched")
    func quick() throws {
        let store = try damagedStore()
        #expect(store.run("verify").status == 65)
        #expect(store.run("verify", "--deep").status == 65)
    }

    @Test("--sums writes what sha256sum checks")
    func sums() throws {
        let store = try ScratchStore(sample: "0.5.0")
        try store.write("back\\slash.txt", "x")
        let scratch = ScratchDirectory()
        let file = scratch.path("sums")
        #expect(store.run("verify", "--sums", file).status == 0)
        let tool = try #require(installedProgram("sha256sum"))
        let check = try runProgram(
            tool, ["--check", "--strict", file], folder: URL(filePath: store.scratch.path))
        #expect(check.status == 0, "\(check.error)")
        #expect(check.output.split(separator: "\n").count == 16)
        #expect(store.run("verify", "--sums", "/nonexistent/sums").status == 73)
        #expect(store.run("verify", "--sums", scratch.path).status == 73)
        #expect(store.run("verify", "--sums", "/dev/full", "--json").status == 74)
        #expect(store.run("verify", "--sums", "/dev/null").status == 0)
    }

    @Test("--metrics writes what Prometheus reads, and remembers the last good run")
    func metrics() throws {
        let store = try ScratchStore(sample: "0.5.0")
        let scratch = ScratchDirectory()
        let file = scratch.path("store.prom")
        #expect(store.run("verify", "--metrics", file).status == 0)
        let good = try String(contentsOfFile: file, encoding: .utf8)
        #expect(good.contains("\ncanifly_store_documents 15\n"))
        #expect(good.contains("\ncanifly_store_verify_last_good_timestamp_seconds 1793534400\n"))
        #expect(good.contains("\ncanifly_store_findings_by_severity{severity=\"error\"} 0\n"))
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o644)
        try store.write("config.json", "{")
        var later = store
        later.program.environment["CANIFLY_STORE_NOW"] = "2026-11-02T12:00:00Z"
        #expect(later.run("verify", "--metrics", file).status == 65)
        let bad = try String(contentsOfFile: file, encoding: .utf8)
        #expect(bad.contains("\ncanifly_store_verify_last_good_timestamp_seconds 1793534400\n"))
        #expect(bad.contains("\ncanifly_store_verify_timestamp_seconds 1793620800\n"))
        #expect(
            bad.contains("canifly_store_findings{code=\"json-truncated\",severity=\"error\"} 1\n"))
        for line in bad.split(separator: "\n") where !line.hasPrefix("#") {
            #expect(
                line.wholeMatch(
                    of: /canifly_store_[a-z_]+(\{[a-z]+="[a-z-]+"(,[a-z]+="[a-z-]+")*\})? [0-9.]+/)
                    != nil, "\(line)")
        }
    }
}

@Suite("status")
struct StatusCommandTests {
    @Test("is one good screen, wide or narrow", arguments: [80, 40])
    func screens(columns: Int) throws {
        let store = try ScratchStore(sample: "0.5.0")
        var lines = store.screen(columns: columns, "status")
        let first = try #require(lines.firstIndex { $0.hasPrefix("  Layout") })
        lines.removeSubrange(..<first)
        if columns == 80 {
            #expect(
                lines == [
                    "  Layout       4, versions 0.1.6 – 0.5.0 (profile canifly)",
                    "  Documents    15, 87.2 KiB", "  Lock         free",
                    "  Last change  none", "  Snapshot     none", "",
                    "Next  canifly-store init", "",
                ])
        } else {
            #expect(
                lines == [
                    "  Layout       4, versions 0.1.6 – 0.5.0",
                    "               (profile canifly)", "  Documents    15, 87.2 KiB",
                    "  Lock         free", "  Last change  none", "  Snapshot     none", "",
                    "Next  canifly-store init", "",
                ])
        }
    }

    @Test("tells of changes, transactions and snapshots")
    func changes() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{}")
        #expect(store.run("snapshot", "--message", "first").status == 0)
        try store.write("a.json", "[]")
        try store.write("b.json", "[]")
        let report = try store.json("status")
        #expect(report.member(named: "transaction")?.integer == 1)
        #expect(report.member(named: "snapshot")?.integer == 1)
        #expect(report.member(named: "changed")?.integer == 1)
        #expect(report.member(named: "untracked")?.integer == 1)
        let screen = store.run("status").output
        #expect(screen.contains("2, 4 B; 1 changed, 1 never recorded"))
        #expect(screen.contains("snapshot a.json (first)"))
    }
}
