import Foundation

/// A command line, what the store is like before it, and how it must end.
struct JSONScenario: Sendable {
    var words: [String]
    var status: Int32
    var input: String
    var prepare: @Sendable (ScratchStore) throws -> Void

    init(
        _ words: [String], _ status: Int32 = 0, input: String = "",
        prepare: @escaping @Sendable (ScratchStore) throws -> Void = { _ in }
    ) {
        self.words = words
        self.status = status
        self.input = input
        self.prepare = prepare
    }
}

extension JSONScenario {
    /// What happens to each command by the arguments and the documents that it gets, on the sample of
    /// CanIFly 0.5.0: every exit status that its help names, and success.
    static let particular: [String: [JSONScenario]] = [
        "status": [
            JSONScenario(["status"]),
            JSONScenario(["status"], prepare: { try $0.run(succeeding: "snapshot") }),
            JSONScenario(["status"], prepare: lockByTheApplication),
            JSONScenario(["status"], prepare: { try $0.write(".lock", "") }),
        ],
        "verify": [
            JSONScenario(["verify"]),
            JSONScenario(["verify", "--strict"], 1, prepare: exposeSecret),
            JSONScenario(["verify", "config.json"], 65, prepare: breakDocument),
        ],
        "list": [
            JSONScenario(["list"]), JSONScenario(["list", "none*"]),
            JSONScenario(["list", "none"], 66),
        ],
        "get": [
            JSONScenario(["get", "config.json"]), JSONScenario(["get", "config.json", "/Roles"]),
            JSONScenario(["get", "plans/Barge_Mining.txt"]),
            JSONScenario(["get", "config.json", "Roles"], 64),
            JSONScenario(["get", "config.json", "/Roles/99"], 66),
            JSONScenario(["get", "config.json"], 65, prepare: breakSealedDocument),
            JSONScenario(["get", "../x"], 65),
        ],
        "diff": [
            JSONScenario(["diff"], prepare: { try $0.run(succeeding: "snapshot") }),
            JSONScenario(["diff", "--exit-code"], 1, prepare: changeDocuments),
            JSONScenario(["diff", "--at", "9"], 66),
        ],
        "log": [
            JSONScenario(["log"]), JSONScenario(["log"], prepare: changeDocuments),
            JSONScenario(["log", "../x"], 65), JSONScenario(["log", "none"], 66),
        ],
        "explain": [JSONScenario(["explain"]), JSONScenario(["explain", "empty"])],
        "init": [JSONScenario(["init"]), JSONScenario(["init", "--dry-run"])],
        "put": [
            JSONScenario(["put", "a.json"], input: "{}"),
            JSONScenario(["put", "a.json", "--dry-run"], input: "{}"),
            JSONScenario(["put", "a.json"], 65, input: "{"),
            JSONScenario(["put", "config.json", "--if-match", "absent"], 75, input: "{}"),
        ],
        "patch": [
            JSONScenario(["patch", "config.json"], input: #"{"a": 1}"#),
            JSONScenario(["patch", "config.json"], 65, input: "{"),
            JSONScenario(["patch", "none.json"], 66, input: "{}"),
            JSONScenario(
                ["patch", "config.json"], 75,
                input: #"[{"op": "test", "path": "", "value": 1}]"#),
        ],
        "delete": [
            JSONScenario(["delete", "config.json"]), JSONScenario(["delete", "none"], 66),
        ],
        "apply": [
            JSONScenario(["apply"], input: #"{"op": "delete", "document": "config.json"}"#),
            JSONScenario(["apply"], 65, input: "{}"),
            JSONScenario(["apply"], 66, input: #"{"op": "delete", "document": "none"}"#),
            JSONScenario(
                ["apply"], 75, input: #"{"op": "test", "document": "config.json", "absent": true}"#),
        ],
        "snapshot": [
            JSONScenario(["snapshot"]),
            JSONScenario(["snapshot"], prepare: { try $0.run(succeeding: "snapshot") }),
        ],
        "restore": [
            JSONScenario(["restore", "--at", "1"], prepare: changeDocuments),
            JSONScenario(["restore", "--at", "9"], 66),
            JSONScenario(["restore", "--from", "/dev/null"], 65),
        ],
        "backup": [
            JSONScenario(["backup", backupPath]),
            JSONScenario(["backup", backupPath, "--dry-run"]),
            JSONScenario(["backup", "--check", "/dev/null"], 65),
            JSONScenario(["backup", "/dev/full"], 73),
        ],
        "compact": [
            JSONScenario(["compact"], prepare: changeDocuments),
            JSONScenario(["compact", "--dry-run"]),
            JSONScenario(
                ["compact", "--unpack", "x.txt"], 65,
                prepare: { try $0.write("x.txt.gz", "no gzip") }),
            JSONScenario(["compact", "--pack", "none"], 66),
            JSONScenario(
                ["compact"], 78,
                prepare: {
                    try $0.run(succeeding: "snapshot")
                    try $0.write(".canifly-store/config.json", "{")
                }),
        ],
        "bench": [JSONScenario(["bench"])],
        "migrate": [
            JSONScenario(["migrate"]), JSONScenario(["migrate", "--to", "3", "--plan"]),
            JSONScenario(["migrate", "--to", "3"]),
            JSONScenario(["migrate", "--to", "2", "--check"], 1),
            JSONScenario(
                ["migrate", "--to", "2"], 65, prepare: { try $0.write("accounts.json", "{") }),
            JSONScenario(["migrate", "--rollback"], 66),
            JSONScenario(["migrate", "--to", "0"], 78),
        ],
        "repair": [
            JSONScenario(["repair", "--yes"], prepare: breakRecorded),
            JSONScenario(["repair"]),
            JSONScenario(["repair", "--dry-run"], 65, prepare: breakRecorded),
            JSONScenario(["repair"], 64, prepare: breakRecorded),
            JSONScenario(["repair", "--yes"], 65, prepare: breakDocument),
        ],
        "lock status": [
            JSONScenario(["lock", "status"]),
            JSONScenario(["lock", "status"], prepare: lockByTheApplication),
        ],
        "lock run": [
            JSONScenario(["lock", "run", "--json", "--", "true"]),
            JSONScenario(["lock", "run", "--json", "--", "/nonexistent/program"], 66),
        ],
        "lock break": [
            JSONScenario(["lock", "break"]),
            JSONScenario(
                ["lock", "break"], prepare: { try $0.write(".lock", "4194000\nlinux\n") }),
            JSONScenario(["lock", "break"], 75, prepare: lockByTheApplication),
        ],
        "help": [
            JSONScenario(["help"]), JSONScenario(["help", "verify"]),
            JSONScenario(["help", "lock"]),
            JSONScenario(["help", "nothing"], 64),
        ],
        "completions": [
            JSONScenario(["completions", "bash"]), JSONScenario(["completions", "none"], 64),
        ],
    ]

    /// Where backups are made; gone when the tests are done.
    private static let backupPath = {
        atexit { try? FileManager.default.removeItem(atPath: JSONScenario.backupPathOfProcess) }
        return backupPathOfProcess
    }()

    private static let backupPathOfProcess = FileManager.default.temporaryDirectory.appending(
        path: "canifly-store-\(ProcessInfo.processInfo.processIdentifier).tar.gz"
    ).path

    // MARK: What a store is like

    static let lockByTheApplication: @Sendable (ScratchStore) throws -> Void = { store in
        let process = ProcessInfo.processInfo.processIdentifier
        try store.write(".lock", "\(process)\nlinux\n2026-11-01T08:00:00-04:00\n")
    }

    private static let exposeSecret: @Sendable (ScratchStore) throws -> Void = { store in
        // Behind a private folder nobody could read it.
        for (path, mode) in [(store.scratch.path, 0o755), (store.url("secret.key").path, 0o644)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
    }

    private static let breakDocument: @Sendable (ScratchStore) throws -> Void = { store in
        try store.write("config.json", #"{"Roles": [,]}"#)
    }

    private static let breakSealedDocument: @Sendable (ScratchStore) throws -> Void = { store in
        let digest = String(repeating: "0", count: 64)
        try store.write("config.json", #"{"checksum": "\#(digest)", "data": 1}"#)
    }

    private static let breakRecorded: @Sendable (ScratchStore) throws -> Void = { store in
        try store.run(succeeding: "snapshot")
        try breakDocument(store)
    }

    private static let changeDocuments: @Sendable (ScratchStore) throws -> Void = { store in
        try store.run(succeeding: "snapshot")
        try store.write("config.json", #"{"Roles": ["Scout"]}"#)
        try store.write("plans/Scout.txt", "Cloaking 3\n")
    }
}

extension ScratchStore {
    fileprivate func run(succeeding words: String...) throws {
        let outcome = run(words)
        if outcome.status != 0 { throw UnexpectedEnd(outcome: outcome) }
    }
}

private struct UnexpectedEnd: Error { var outcome: TestProgram.Outcome }
