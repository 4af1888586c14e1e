import Foundation
import LosslessJSON
import StoreCommands
import StoreTestSupport
import Testing

@Suite("lock run and lock break")
struct LockCommandTests {
    @Test("pass on what the command ended with, a signal included")
    func exitStatus() throws {
        let store = try ScratchStore()
        #expect(store.run("lock", "run", "--", "true").status == 0)
        #expect(store.run("lock", "run", "--", "sh", "-c", "exit 7").status == 7)
        #expect(store.run("lock", "run", "--", "sh", "-c", "kill -9 $$").status == 137)
        #expect(store.run("lock", "run", "--", "/nonexistent/program").status == 66)
        #expect(store.run("lock", "run", "--json", "--", "/nonexistent/program").status == 66)
        #expect(store.run("lock", "run", "--", "/dev/null").status == 77)
        #expect(store.run("lock", "run").status == 64)
        #expect(store.run("lock", "run", "sh", "-c", "true").error.contains("put '--' before"))
        #expect(!FileManager.default.fileExists(atPath: store.url(".lock").path))
    }

    @Test(
        "hold the lock against others and share it with commands inside",
        .enabled(if: builtProgram != nil, "the program is not built"))
    func nested() throws {
        let store = try ScratchStore()
        let program = try #require(builtProgram).path
        let inside = """
            test -s .lock || exit 91
            echo '{}' | '\(program)' put a.json --lock-wait 0 --quiet || exit 92
            env -u CANIFLY_STORE_LOCK '\(program)' put a.json --lock-wait 0 < a.json 2> refused
            test $? = 75 || exit 93
            echo '[]' | '\(program)' put b.json --lock-wait 0 --quiet || exit 94
            """
        let outcome = store.run(
            "lock", "run", "--", "sh", "-c", "cd '\(store.scratch.path)'; \(inside)")
        #expect(outcome.status == 0)
        #expect(try store.read("a.json") == "{}\n")
        #expect(try store.read("refused").contains("canifly-store: error: the store is locked"))
        #expect(store.run("put", "c.json", input: "{}").status == 0)
        #expect(store.run("log").lines.filter { $0.contains(" put") }.count == 3)
        #expect(store.run("verify").status == 0)
    }

    @Test("remove what nobody holds, and nothing else")
    func breaking() throws {
        let store = try ScratchStore(sample: "0.5.0")
        #expect(store.run("lock", "break").output == "There is no lock.\n")
        try store.write(".lock", "4194000\nlinux\n2026-11-01T08:00:00-04:00\n")
        let gone = store.run("lock", "break")
        #expect(gone.output == "Removed the lock of process 4194000, which is gone.\n")
        #expect(!FileManager.default.fileExists(atPath: store.url(".lock").path))
        #expect(try store.json("lock", "break").member(named: "removed")?.boolean == false)
        let own = ProcessInfo.processInfo.processIdentifier
        try store.write(".lock", "\(own)\nlinux\n2026-11-01T08:00:00-04:00\n")
        #expect(store.run("lock", "break").status == 75)
        #expect(store.run("lock", "break", "--json").status == 75)
        #expect(try store.read(".lock").hasPrefix("\(own)\n"))
    }
}

@Suite("patch")
struct PatchCommandTests {
    @Test("changes what the patch says and not a byte beside")
    func patch() throws {
        let store = try ScratchStore()
        let text = "{ \"b\" : 1.10,\n\t\"a\":[1,  2] }\n"
        try store.write("a.json", text)
        let patch = "[{\"op\":\"replace\",\"path\":\"/a/1\",\"value\":3}]"
        #expect(
            store.run("patch", "a.json", input: patch).output
                == "Transaction 1: 1 document changed.\n")
        #expect(try store.read("a.json") == "{ \"b\" : 1.10,\n\t\"a\":[1,  3] }\n")
        #expect(
            try store.json("patch", "a.json", input: "{\"b\": null}").member(named: "transaction")?
                .integer == 2)
        #expect(store.run("get", "a.json", "/b").status == 66)
        #expect(store.run("log", "--limit", "1").output.contains("patch"))
    }

    @Test("tells a failed test, a place that is not there, a bad pointer and a bad patch apart")
    func refusals() throws {
        let store = try ScratchStore()
        try store.write("a.json", "{\"a\": 1}")
        for (patch, status) in [
            ("[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]", Int32(75)),
            ("[{\"op\":\"remove\",\"path\":\"/x\"}]", 66),
            ("[{\"op\":\"remove\",\"path\":\"x\"}]", 64),
            ("[{\"op\":\"nope\"}]", 65), ("1", 65), ("[", 65), ("", 65),
        ] {
            let outcome = store.run("patch", "a.json", "--json", input: patch)
            #expect(outcome.status == status, "\(patch): \(outcome.output)")
            #expect(!outcome.error.contains("line 1: "))
            #expect(try store.read("a.json") == "{\"a\": 1}")
        }
        #expect(store.run("patch", "nothing.json", input: "{}").status == 66)
    }
}
