import CanIFlyStore
import Foundation
import StoreCommands
import StoreFiles
import StoreTestSupport
import Testing

@Suite("A mistake on the command line")
struct MistakeTests {
    struct Mistake: Sendable {
        var words: [String]
        var status: Int32
        var error: String
        var hint: String
    }

    private static let mistakes: [Mistake] = [
        Mistake(
            words: ["get", "acounts.json"], status: 66, error: "there is no document acounts.json",
            hint: "did you mean accounts.json?"),
        Mistake(
            words: ["verify", "Barge_Mining.txt"], status: 66, error: "Barge_Mining.txt",
            hint: "did you mean plans/Barge_Mining.txt?"),
        Mistake(
            words: ["delete", "plans/hauler & courier.txt"], status: 66, error: "hauler & courier",
            hint: "did you mean plans/Hauler & Courier.txt?"),
        Mistake(
            words: ["diff", "unlike-all.json"], status: 66, error: "unlike-all.json",
            hint: "canifly-store list shows"),
        Mistake(
            words: ["log", "unlike-all.json"], status: 66, error: "unlike-all.json",
            hint: "canifly-store list shows"),
        Mistake(
            words: ["get", "./config.json"], status: 65, error: "'./config.json'",
            hint: "in the store it is called config.json"),
        Mistake(
            words: ["get", "STORE/plans/Barge_Mining.txt"], status: 65, error: "absolute",
            hint: "in the store it is called plans/Barge_Mining.txt"),
        Mistake(
            words: ["get", "plans"], status: 65, error: "plans is a directory",
            hint: "canifly-store list 'plans/**'"),
        Mistake(
            words: ["get", "config.json", "/nothing"], status: 66, error: "no value at /nothing",
            hint: "canifly-store get config.json"),
        Mistake(
            words: ["status", "-qv"], status: 64, error: "unknown option '-qv'",
            hint: "short options stand apart: -q -v"),
        Mistake(
            words: ["status", "-qx"], status: 64, error: "unknown option '-qx'",
            hint: "canifly-store help status"),
        Mistake(
            words: ["status", "--store="], status: 64, error: "--store is empty",
            hint: "leave --store out"),
        Mistake(
            words: ["backup", "/nonexistent/b.tar.gz"], status: 73, error: "/nonexistent/b.tar.gz",
            hint: "make the folder first"),
        Mistake(
            words: ["backup", "--check", "STORE/config.json"], status: 65,
            error: "config.json: the backup is damaged, or none", hint: "another backup"),
        Mistake(
            words: ["restore", "--from", "STORE/config.json"], status: 65,
            error: "config.json: the backup is damaged, or none", hint: "another backup"),
    ]

    @Test("is told in one line, with what was probably meant", arguments: mistakes)
    func told(mistake: Mistake) throws {
        let store = try ScratchStore(sample: "0.5.0")
        let words = mistake.words.map { word in
            word.hasPrefix("STORE/") ? store.scratch.path + word.dropFirst(5) : word
        }
        let outcome = store.run(words)
        #expect(outcome.status == mistake.status, "\(outcome.error)")
        let lines = outcome.error.split(separator: "\n", omittingEmptySubsequences: false)
        try #require(lines.count == 3, "\(outcome.error)")
        #expect(lines[0].hasPrefix("canifly-store: error: ") && lines[0].contains(mistake.error))
        #expect(
            lines[1].hasPrefix("canifly-store: hint: ") && lines[1].contains(mistake.hint),
            "\(lines[1])")
    }

    @Test("in a name suggests no document that is quite another")
    func nearest() throws {
        let names = try ["a.json", "notes.json", "plans/One.txt", "other/One.txt", "sub/x.txt"]
            .map { try StorePath($0) }
        func nearest(_ given: String) throws -> String? {
            nearestDocument(to: try StorePath(given), among: names)?.text
        }
        #expect(try nearest("note.json") == "notes.json")
        #expect(try nearest("notse.json") == "notes.json")
        #expect(try nearest("Notes.JSON") == "notes.json")
        #expect(try nearest("x.txt") == "sub/x.txt")
        #expect(try nearest("elsewhere/x.txt") == "sub/x.txt")
        #expect(try nearest("plans/Ona.txt") == "plans/One.txt")
        // Either of two, or a short name with another letter, is anybody's guess.
        #expect(try nearest("One.txt") == nil)
        #expect(try nearest("b.json") == nil)
        #expect(try nearest("nothing.json") == nil)
        #expect(try nearest("notes.json") == nil)
    }

    @Test("in a document is told by a command that a shell reads as it is meant")
    func shellWords() throws {
        for name in ["a b", "R&D", "it's", "$(exit 9)", "a\\b", "*", "~", "#a", "侦察", "a;b", "<c>"]
        {
            let script = "printf %s \(try StorePath(name).shellWord)"
            #expect(try runProgram(URL(filePath: "/bin/sh"), ["-c", script]).output == name)
        }
    }

    @Test("about a folder names one in a command that a shell reads as it is meant, too")
    func folder() throws {
        let store = try ScratchStore()
        try store.write("it's; echo/a.json", "1\n")
        let outcome = store.run("get", "it's; echo")
        #expect(outcome.status == 65)
        #expect(
            outcome.error.contains("canifly-store list 'it'\\''s; echo/**' shows"),
            "\(outcome.error)")
    }

    @Test("is not answered by a lock that only waits for its holder to end")
    func brokenLock() throws {
        let store = try ScratchStore()
        try store.write(".lock", "1\nlinux\n2026-11-01T12:00:00Z\n")
        let outcome = store.run("lock", "break")
        #expect(outcome.status == 75)
        #expect(outcome.error.contains("end that process"), "\(outcome.error)")
    }

    @Test("leaves no empty history without a word")
    func emptyHistory() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{}")
        for words in [["log"], ["log", "a.json"]] {
            let outcome = store.run(words)
            #expect(outcome.status == 0 && outcome.output.isEmpty)
            #expect(outcome.error.contains("recorded yet"), "\(outcome.error)")
            #expect(store.run(words + ["--quiet"]).error.isEmpty)
        }
    }
}
