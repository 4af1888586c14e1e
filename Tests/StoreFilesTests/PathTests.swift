import Glibc
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Paths")
struct PathTests {
    @Test("good ones are kept as they are")
    func good() throws {
        for text in [
            "accounts.json", "plans/Magic_14.txt", "-", ".hidden", "...", "a/..b/c..",
            "Разведка Глубин.txt", "侦察 101.txt", "a\u{301}", "😀", "a b", "back\\slash",
            String(repeating: "n", count: 255),
            Array(repeating: "1234567", count: 512).joined(separator: "/"),
        ] {
            #expect(try Array(StorePath(text).text.utf8) == Array(text.utf8))
        }
    }

    @Test(
        "are written for a shell so that it reads them as they are",
        arguments: [
            ("plans/Magic_14.txt", "plans/Magic_14.txt"), ("a b", "'a b'"), ("R&D", "'R&D'"),
            ("it's", "'it'\\''s'"), ("$(rm -r ~)", "'$(rm -r ~)'"), ("a\\b", "'a\\b'"),
            ("*", "'*'"), ("侦察.txt", "侦察.txt"), ("~", "'~'"), ("#a", "'#a'"),
        ])
    func shellWords(text: String, word: String) throws {
        #expect(try StorePath(text).shellWord == word)
    }

    @Test(
        "bad ones are refused, each for its reason",
        arguments: [
            ("", StorePathError.empty), ("/etc/passwd", .absolute), ("..", .dotComponent),
            ("../x", .dotComponent), ("a/../b", .dotComponent), ("a/.", .dotComponent),
            ("a//b", .emptyComponent), ("a/", .emptyComponent), ("a\0b", .nul),
            ("a\nb", .controlCharacter(10)), ("\u{1b}[2J", .controlCharacter(27)),
            ("a\u{7f}", .controlCharacter(127)), ("a\u{85}b", .controlCharacter(133)),
            ("x\u{80}", .controlCharacter(128)), ("x\u{9f}", .controlCharacter(159)),
            ("\u{202e}txt.exe", .bidirectionalControl(0x202e)),
            ("a\u{200f}", .bidirectionalControl(0x200f)),
            ("a\u{61c}b", .bidirectionalControl(0x61c)),
            ("a\u{2066}b\u{2069}", .bidirectionalControl(0x2066)),
            (String(repeating: "n", count: 256), .componentTooLong),
            ("a/" + String(repeating: "é", count: 128), .componentTooLong),
            (Array(repeating: "1234567", count: 513).joined(separator: "/"), .pathTooLong),
        ])
    func bad(text: String, reason: StorePathError) {
        #expect(throws: reason) { try StorePath(text) }
        #expect(throws: reason) { try StorePath(bytes: Array(text.utf8)) }
        #expect(!reason.text.isEmpty)
    }

    @Test(
        "bytes that are no UTF-8 are refused",
        arguments: [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]])
    func notUnicode(bytes: [UInt8]) {
        #expect(throws: StorePathError.invalidUTF8) { try StorePath(bytes: bytes) }
    }

    @Test("two spellings of one accent are two names, in order of their bytes")
    func bytes() throws {
        let composed = try StorePath("\u{e9}")
        let decomposed = try StorePath("e\u{301}")
        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed && Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
        #expect(try StorePath("a-b") < StorePath("a/b"))
        #expect(try StorePath("Z") < StorePath("a"))
    }

    @Test("parent, name and components")
    func parts() throws {
        let path = try StorePath("config/fuzzworks/invTypes.csv")
        #expect(path.name == "invTypes.csv" && path.parent?.text == "config/fuzzworks")
        #expect(path.parent?.parent?.parent == nil)
        #expect(path.components == ["config", "fuzzworks", "invTypes.csv"])
        #expect(path.isInside(try StorePath("config")))
        #expect(!path.isInside(try StorePath("conf")) && !path.isInside(path))
        #expect(try StorePath("a").appending("b").text == "a/b")
        #expect(throws: StorePathError.dotComponent) { try StorePath("a").appending("..") }
    }

    @Test("names shown on a terminal cannot move its cursor, and stay different")
    func escaping() {
        let expected: [([UInt8], String)] = [
            (Array("plain name.txt".utf8), "plain name.txt"),
            (Array("Разведка 侦察 😀".utf8), "Разведка 侦察 😀"),
            (Array("\u{1b}[2J".utf8), "\\x1b[2J"), (Array("a\nb\tc\r".utf8), "a\\nb\\tc\\r"),
            (Array("\\n".utf8), "\\\\n"), (Array("\u{202e}x".utf8), "\\u{202e}x"),
            (Array("\u{9b}x".utf8), "\\u{009b}x"), (Array("\u{2028}".utf8), "\\u{2028}"),
            ([0x61, 0xff, 0x62], "a\\xffb"), ([0xe2, 0x80], "\\xe2\\x80"),
            ([0xe2, 0x80, 0x41], "\\xe2\\x80A"), ([], ""), ([0], "\\x00"), ([0x7f], "\\x7f"),
            (Array("\u{fffd}".utf8), "\u{fffd}"),
        ]
        for (bytes, text) in expected {
            #expect(escapedForTerminal(bytes) == text)
            if let string = String(validating: bytes, as: UTF8.self) {
                #expect(escapedForTerminal(string) == text)
            }
        }
    }

    @Test("temporaries are known by their names")
    func temporaries() {
        let name = TemporaryName.make(LinuxSystemCalls())
        #expect(TemporaryName.isOurs(name) && TemporaryName.isTemporary(name))
        #expect(name.utf8.count <= 255 && name.hasSuffix(".tmp"))
        #expect(name != TemporaryName.make(LinuxSystemCalls()))
        for temporary in ["a.tmp", "accounts.json.tmp.4711", ".tmp", "invTypes.csv.tmp"] {
            #expect(TemporaryName.isTemporary(temporary) && !TemporaryName.isOurs(temporary))
        }
        for document in ["a.json", "tmp", "a.tmp.", "a.tmp.x1", "a.tmp.1.json", "1", ".1", "atmp"] {
            #expect(!TemporaryName.isTemporary(document), "\(document)")
        }
        #expect(!TemporaryName.isOurs(".canifly-store-0123456789ABCDEF.tmp"))
        #expect(!TemporaryName.isOurs(".canifly-store-0123456789abcde.tmp"))
    }
}

@Suite("Directories and trees")
struct TreeTests {
    let scratch = Scratch()
    let system = LinuxSystemCalls()

    private func paths(_ result: WalkResult) -> [String] { result.entries.map(\.path.displayed) }

    @Test("a tree is listed whole, in the order of its paths' bytes, links not followed")
    func whole() throws {
        let outside = Scratch()
        outside.write("secret", "s")
        for name in ["a", "a/b", "a/b/c", "a.d"] { scratch.makeDirectory(name) }
        for name in ["a-x", "a/b/c/deep", "a/z", "a.d/x", "b", "a0", "a/b-"] {
            scratch.write(name, name)
        }
        symlink(outside.path, scratch.at("a/link"))
        symlink("b", scratch.at("link"))
        mkfifo(scratch.at("fifo"), 0o600)
        let result = try system.walk(scratch.descriptor, WalkEverything())
        #expect(
            paths(result) == [
                "a-x", "a.d/x", "a/b-", "a/b/c/deep", "a/link", "a/z", "a0", "b", "fifo", "link",
            ])
        #expect(result.problems == [])
        for entry in result.entries {
            let status = try #require(entry.status)
            #expect(status.kind == entry.kind)
        }
        #expect(result.entries.first { $0.path.displayed == "a/link" }?.kind == .symbolicLink)
        #expect(result.entries.first { $0.path.displayed == "b" }?.status?.size == 1)
        let bare = try system.walk(scratch.descriptor, WalkEverything(withStatus: false))
        #expect(paths(bare) == paths(result) && bare.entries.allSatisfy { $0.status == nil })
    }

    struct SkippingPolicy: WalkPolicy {
        func decide(_ path: WalkPath, _ kind: FileKind) -> WalkDecision {
            switch path.displayed {
            case ".lock", "Cache": .skip
            case "kept": .include
            case "both": .includeAndDescend
            default: kind == .directory ? .descend : .include
            }
        }
    }

    @Test("what a policy skips is not looked into")
    func policy() throws {
        for name in ["Cache", "kept", "both"] {
            scratch.makeDirectory(name)
            scratch.write(name + "/x", "x")
        }
        scratch.write(".lock", "")
        var system = HookedSystemCalls()
        system.onOpen = { (name) throws(Errno) in
            if name == "Cache" || name == "kept" { throw .accessDenied }
        }
        let result = try system.walk(scratch.descriptor, SkippingPolicy())
        #expect(paths(result) == ["both", "both/x", "kept"] && result.problems == [])
    }

    @Test("odd names are reported as what they are")
    func oddNames() throws {
        scratch.write("\u{1b}[2J", "")
        let invalid: [UInt8] = [0x61, 0xff]
        let file = (invalid + [0]).withUnsafeBufferPointer { name in
            name.withMemoryRebound(to: CChar.self) {
                openat(scratch.descriptor, $0.baseAddress!, O_CREAT | O_WRONLY, 0o600)
            }
        }
        close(file)
        scratch.makeDirectory("x\n")
        scratch.write("x\n/inner", "")
        scratch.write("--help", "")
        let result = try system.walk(scratch.descriptor, WalkEverything())
        #expect(paths(result) == ["\\x1b[2J", "--help", "a\\xff", "x\\n/inner"])
        #expect(result.entries[0].path == .unsafe(Array("\u{1b}[2J".utf8), .controlCharacter(27)))
        #expect(result.entries[2].path == .unsafe(invalid, .invalidUTF8))
        #expect(result.entries[2].status == nil && result.entries[0].status != nil)
        guard case .safe = result.entries[1].path else {
            Issue.record("--help is a name like any other")
            return
        }
    }

    @Test("a tree deeper than the limit is a problem, and no crash")
    func deep() throws {
        var directory = try Directory(at: scratch.path, system)
        for _ in 0..<200 {
            try system.makeDirectory("d", in: directory.descriptor, mode: .privateDirectory)
            directory = try Directory("d", beneath: directory.descriptor, system)
        }
        let result = try system.walk(scratch.descriptor, WalkEverything(), depthLimit: 10)
        #expect(result.entries == [] && result.problems.count == 1)
        #expect(result.problems.first?.reason == .tooDeep)
        let path = result.problems.first?.path.displayed
        #expect(path == Array(repeating: "d", count: 10).joined(separator: "/"))
    }

    @Test("a directory that cannot be read is a problem, one that vanishes is none")
    func unreadable() throws {
        for name in ["a", "b", "c"] {
            scratch.makeDirectory(name)
            scratch.write(name + "/x", "x")
        }
        var system = HookedSystemCalls()
        system.onOpen = { (name) throws(Errno) in
            if name == "a" { throw .accessDenied }
            if name == "b" { throw .noEntry }
        }
        let result = try system.walk(scratch.descriptor, WalkEverything())
        #expect(paths(result) == ["c/x"])
        #expect(result.problems.map(\.path.displayed) == ["a"])
        #expect(result.problems.map(\.reason) == [.system(.accessDenied)])
    }

    @Test("directories on the way are made once, the topmost first, and reported")
    func makeDirectories() throws {
        let made = try system.makeDirectories(
            for: try StorePath("a/b/c/document"), beneath: scratch.descriptor,
            mode: .privateDirectory)
        #expect(made.map(\.text) == ["a", "a/b", "a/b/c"])
        #expect(scratch.status("a").mode == .privateDirectory)
        #expect(
            try system.makeDirectories(
                for: try StorePath("a/b/d/document"), beneath: scratch.descriptor,
                mode: .privateDirectory
            ).map(\.text) == ["a/b/d"])
        for path in ["a/b/c/other", "top"] {
            #expect(
                try system.makeDirectories(
                    for: try StorePath(path), beneath: scratch.descriptor, mode: .privateDirectory
                ).isEmpty)
        }
        scratch.write("file", "")
        #expect(throws: Errno.notDirectory) {
            try system.makeDirectories(
                for: try StorePath("file/x"), beneath: scratch.descriptor, mode: .privateDirectory)
        }
        // A link out of the store is no way to make something there.
        let outside = Scratch()
        symlink(outside.path, scratch.at("link"))
        #expect(throws: Errno.self) {
            try system.makeDirectories(
                for: try StorePath("link/x/y"), beneath: scratch.descriptor,
                mode: .privateDirectory)
        }
        #expect(outside.names == [])
    }
}
