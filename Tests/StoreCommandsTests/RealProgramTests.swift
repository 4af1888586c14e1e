import Foundation
import StoreCommands
import StoreTestSupport
import Testing

/// What only the real process shows: its streams, its signals, its arguments.
@Suite("The real program", .enabled(if: builtProgram != nil, "the program is not built"))
struct RealProgramTests {
    /// Runs a shell script in a scratch store, with the program as `canifly-store`.
    private func shell(_ script: String, in store: ScratchStore) throws -> ProgramOutcome {
        let program = try #require(builtProgram).path
        let shell = try #require(installedProgram("bash"))
        return try runProgram(
            shell,
            [
                "--norc", "-c",
                "program='\(program)'; canifly-store() { \"$program\" \"$@\"; }\n" + script,
            ],
            environment: store.program.environment, folder: URL(filePath: store.scratch.path))
    }

    @Test("does not write messages into a document when its streams are closed")
    func closedStreams() throws {
        let store = try ScratchStore()
        let outcome = try shell(
            """
            echo '{"a": 1}' > input; canifly-store put a.json input <&- >&- 2>&-
            echo $?
            canifly-store get a.json <&- 2>&-; canifly-store put a.json <&-; echo $?
            """, in: store)
        // The transaction is done; that its report reached nobody is still an error.
        #expect(outcome.output == "74\n{\"a\": 1}\n74\n")
        #expect(try store.read("a.json") == "{\"a\": 1}\n")
    }

    @Test("ends quietly when the reader of its output goes away")
    func brokenPipe() throws {
        let store = try ScratchStore()
        let outcome = try shell(
            """
            canifly-store explain | true; echo ${PIPESTATUS[0]}
            canifly-store help --markdown | head -c 1; echo " ${PIPESTATUS[0]}"
            """, in: store)
        #expect(outcome.error.isEmpty)
        // Dead by the signal, or done before the reader was gone.
        #expect(outcome.output.wholeMatch(of: /(141|0)\n# (141|0)\n/) != nil, "\(outcome.output)")
    }

    @Test("tells of a full disk under its output")
    func fullDisk() throws {
        let store = try ScratchStore()
        for command in ["--version", "help", "status", "list --json"] {
            try store.write("a.json", "{}")
            let outcome = try shell("canifly-store \(command) > /dev/full; echo $?", in: store)
            #expect(outcome.output == "74\n")
            #expect(outcome.error.contains("no space left on device"))
        }
    }

    @Test(
        "gives up on a signal while it waits for its input, and has written nothing",
        arguments: [("INT", 130), ("TERM", 143), ("HUP", 129)])
    func signals(name: String, status: Int) throws {
        let store = try ScratchStore()
        let outcome = try shell(
            """
            mkfifo input; sleep 60 > input & feeder=$!
            # With job control, so that SIGINT is not ignored in the background.
            set -m
            "$program" put a.json < input & child=$!
            # Until it catches SIGHUP, SIGINT and SIGTERM.
            for ((tries = 0; tries < 500; tries++)); do
                grep -q 'SigCgt:.*[4567]..[37bf]$' /proc/$child/status && break
                sleep 0.01
            done
            kill -\(name) $child
            wait $child; echo $?
            kill $feeder
            """, in: store)
        #expect(outcome.output == "\(status)\n", "\(outcome.error)")
        #expect(outcome.error.contains("nothing was written"))
        #expect(!FileManager.default.fileExists(atPath: store.url("a.json").path))
    }

    @Test("refuses an argument that is no UTF-8 instead of repairing it")
    func rawArguments() throws {
        let store = try ScratchStore()
        let outcome = try shell(
            "canifly-store get $'a\\xff' ; echo $?; canifly-store --store $'\\xfe' status; echo $?",
            in: store)
        #expect(outcome.output == "65\n64\n")
        #expect(outcome.error.contains("a\\xff"))
    }

    @Test("keeps the cursor where it is, whatever files are called")
    func hostileNames() throws {
        let store = try ScratchStore()
        let outcome = try shell(
            """
            for name in $'\\e[2J.json' $'a\\nb.json' $'\\u202egnp.json' $'\\xff.json' $'\\u009b2J.txt' $'\\r.json'; do
                echo '{}' > "$name"
            done
            canifly-store init --quiet
            for command in 'verify --verbose' list status log; do
                canifly-store $command --color always 2>&1 | sed $'s/\\e\\[[0-9;]*m//g'
                canifly-store $command --json 2>&1
            done
            """, in: store)
        #expect(outcome.output.contains("name-unsafe"))
        #expect(outcome.output.contains("[2J.json"))
        #expect(outcome.output.contains("it holds the control character"))
        #expect(!outcome.output.unicodeScalars.contains { isHostile($0) }, "\(outcome.output)")
    }

    @Test("writes no escape byte to a pipe, whatever it has to say")
    func noEscapes() throws {
        let store = try ScratchStore(sample: "0.5.0")
        try store.write("config.json", "{\"Roles\": [,]}")
        let outcome = try shell(
            """
            export TERM=xterm
            for command in status verify list 'list --long' log help explain 'lock status' 'get config.json' nope; do
                canifly-store $command 2>&1
                canifly-store $command --json 2>&1
            done
            """, in: store)
        #expect(outcome.output.utf8.count > 10_000)
        #expect(!(outcome.output + outcome.error).unicodeScalars.contains { isHostile($0) })
    }
}
