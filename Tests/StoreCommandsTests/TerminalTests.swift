import CanIFlyStore
import Foundation
import StoreCommands
import StoreFiles
import StoreTestSupport
import Synchronization
import Testing

@Suite("On a terminal")
struct TerminalTests {
    /// A clock that is set by hand.
    private final class HandClock: Sendable {
        private let nanoseconds = Mutex<UInt64>(7_000_000_000)
        var now: UInt64 { nanoseconds.withLock { $0 } }
        func advance(milliseconds: UInt64) {
            nanoseconds.withLock { $0 += milliseconds * 1_000_000 }
        }
    }

    @Test("progress shows itself after half a second, draws seldom, and is gone when done")
    func progress() {
        let clock = HandClock()
        let terminal = MemoryOutput(columns: 60)
        let line = ProgressLine(terminal, clock: { clock.now })
        func show(_ documents: Int, _ bytes: Int64) -> String {
            let before = terminal.bytes.count
            line.show(
                Progress(
                    documentsDone: documents, documentsTotal: 1200, bytesDone: bytes,
                    bytesTotal: 10 << 20))
            return String(decoding: terminal.bytes.dropFirst(before), as: UTF8.self)
        }
        #expect(show(1, 1000).isEmpty)
        clock.advance(milliseconds: 499)
        #expect(show(2, 2000).isEmpty)
        clock.advance(milliseconds: 501)
        #expect(
            show(300, 5 << 20) == "\r300 of 1,200 documents, 5.0 MiB of 10.0 MiB, 1.0 s left")
        clock.advance(milliseconds: 99)
        #expect(show(301, 5 << 20).isEmpty)
        clock.advance(milliseconds: 1)
        #expect(show(302, 5 << 20).hasPrefix("\r302 of 1,200"))
        let before = terminal.bytes.count
        line.finish()
        #expect(
            String(decoding: terminal.bytes.dropFirst(before), as: UTF8.self)
                == "\r" + String(repeating: " ", count: 55) + "\r")
        clock.advance(milliseconds: 1000)
        #expect(show(400, 6 << 20).isEmpty)
        #expect(!terminal.bytes.contains(0x1B))
    }

    @Test(
        "progress keeps the time that is left as long as it fits",
        arguments: [
            (80, "300 of 1,200 documents, 5.0 MiB of 10.0 MiB, 5.0 MiB/s, 1.0 s left"),
            (60, "300 of 1,200 documents, 5.0 MiB of 10.0 MiB, 1.0 s left"),
            (40, "300 of 1,200 documents, 1.0 s left"), (30, "300 of 1,200, 1.0 s left"),
            (20, "300 of 1,200"), (8, "300 of…"),
        ])
    func narrowProgress(columns: Int, text: String) {
        let clock = HandClock()
        let terminal = MemoryOutput(columns: columns)
        let line = ProgressLine(terminal, clock: { clock.now })
        clock.advance(milliseconds: 1000)
        line.show(
            Progress(
                documentsDone: 300, documentsTotal: 1200, bytesDone: 5 << 20, bytesTotal: 10 << 20))
        #expect(String(decoding: terminal.bytes, as: UTF8.self) == "\r" + text)
    }

    @Test(
        "the screens are the same in a real one", .enabled(if: installedProgram("tmux") != nil),
        .enabled(if: builtProgram != nil), arguments: [80, 40])
    func realTerminal(columns: Int) throws {
        let store = try ScratchStore(sample: "0.5.0")
        let folder = ScratchDirectory()
        let socket = folder.path("tmux")
        let tmux = try #require(installedProgram("tmux"))
        let program = try #require(builtProgram).path
        let environment = store.program.environment.merging([
            "LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "1",
        ]) { $1 }
        let command =
            "'\(program)' status; '\(program)' list 'plans/*'; printf 'END OF IT'; sleep 60"
        func ask(_ arguments: String...) throws -> String {
            try runProgram(
                tmux, ["-u", "-S", socket] + arguments, environment: environment,
                folder: URL(filePath: folder.path)
            ).output
        }
        _ = try ask("new-session", "-d", "-x", "\(columns)", "-y", "60", command)
        defer { _ = try? ask("kill-server") }
        var screen = ""
        for _ in 0..<100 where !screen.contains("END OF IT") {
            Thread.sleep(forTimeInterval: 0.1)
            screen = try ask("capture-pane", "-p")
        }
        let shown = screen.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let expected =
            (store.screen(columns: columns, "status").dropLast()
                + store.screen(columns: columns, "list", "plans/*").dropLast())
        #expect(Array(shown.prefix(expected.count)) == Array(expected))
        #expect(shown.dropFirst(expected.count).first == "END OF IT")
    }
}
