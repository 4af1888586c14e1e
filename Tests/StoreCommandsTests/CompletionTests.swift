import Foundation
import StoreCommands
import Testing

/// Completions asked from the real shells, as far as they are installed.
@Suite("Completions", .enabled(if: builtProgram != nil, "the program is not built"))
struct CompletionTests {
    /// A command line up to the cursor, and what must be among the candidates and what must not.
    static let cases: [(line: [String], offers: [String], hides: [String])] = [
        (["ver"], ["verify"], ["status"]),
        (["--store", "STORE", "sta"], ["status"], ["verify"]),
        (["lock", ""], ["status"], ["verify"]),
        (["verify", "--q"], ["--quick", "--quiet"], ["--deep"]),
        (["explain", "digest"], ["digest-mismatch"], ["empty"]),
        (["completions", ""], ["bash", "zsh", "fish"], []),
        (["list", "--color", "a"], ["always", "auto"], ["never"]),
        (["--store", "STORE", "get", "pl"], ["plans/First Week.txt"], ["accounts.json"]),
        (["get", "--store", "STORE", "acc"], ["accounts.json"], ["plans/First Week.txt"]),
        (["--store", "STORE", "get", "accounts.json", "--at", ""], ["1", "2"], ["error"]),
        // The scratch directory that the shell is in has a file of this name.
        (["put", "a.json", "e"], ["error"], []),
        (["put", "--if-match", "a"], ["absent"], []),
    ]

    /// A store with two documents and two transactions.
    private func withStore(_ body: (_ store: URL, _ search: URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = folder.appending(path: "a store")
        let search = folder.appending(path: "bin")
        for each in [store, store.appending(path: "plans"), search] {
            try FileManager.default.createDirectory(at: each, withIntermediateDirectories: true)
        }
        try Data("{}".utf8).write(to: store.appending(path: "accounts.json"))
        try Data("Mining 1\n".utf8).write(to: store.appending(path: "plans/First Week.txt"))
        let program = try #require(builtProgram)
        try FileManager.default.createSymbolicLink(
            at: search.appending(path: "canifly-store"), withDestinationURL: program)
        for arguments in [["init"], ["put", "accounts.json"]] {
            let outcome = try runProgram(
                program, ["--store", store.path] + arguments, input: "{\"a\": 1}")
            try #require(outcome.status == 0, "\(outcome.error)")
        }
        try body(store, search)
    }

    private func check(
        _ shell: String,
        _ complete: (_ program: URL, _ line: [String], _ search: URL) throws -> ProgramOutcome
    ) throws {
        guard let program = installedProgram(shell) else {
            print("\(shell) is not installed: its completions are not tried")
            return
        }
        try withStore { store, search in
            for (line, offers, hides) in Self.cases {
                let line = line.map { $0 == "STORE" ? store.path : $0 }
                let outcome = try complete(program, line, search)
                let candidates = outcome.output.split(separator: "\n").map(String.init)
                for offer in offers {
                    #expect(
                        candidates.contains(offer),
                        "\(shell) \(line): \(candidates) \(outcome.error)")
                }
                for hidden in hides {
                    #expect(!candidates.contains(hidden), "\(shell) \(line): \(candidates)")
                }
            }
        }
    }

    private func environment(_ search: URL) -> [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return [
            "PATH": "\(search.path):\(path)", "HOME": search.path, "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
        ]
    }

    @Test("are offered by bash")
    func bash() throws {
        try check("bash") { bash, line, search in
            let script = """
                source <(canifly-store completions bash)
                COMP_WORDS=(canifly-store "$@")
                COMP_CWORD=$#
                _canifly_store
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            return try runProgram(
                bash, ["--norc", "-c", script, "bash"] + line, environment: environment(search))
        }
    }

    @Test("are offered by fish")
    func fish() throws {
        try check("fish") { fish, line, search in
            let words = line.map { $0.isEmpty ? "" : "'\($0)'" }
            // The last word is still being typed: its quotes are not closed.
            var typed = words.dropLast().joined(separator: " ")
            typed += (typed.isEmpty ? "" : " ") + (line.last ?? "")
            let script = """
                canifly-store completions fish | source
                complete -C 'canifly-store \(typed.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'"))' | cut -f1
                """
            let outcome = try runProgram(
                fish, ["--no-config", "-c", script], environment: environment(search))
            return ProgramOutcome(
                status: outcome.status, output: unescaped(outcome.output), error: outcome.error)
        }
    }

    @Test("are offered by zsh")
    func zsh() throws {
        try check("zsh") { zsh, line, search in
            let script = """
                autoload -Uz compinit && compinit -u -d "$HOME/.zcompdump" 2>/dev/null
                source <(canifly-store completions zsh)
                # What would be shown is taken down instead: compadd is where all candidates pass.
                compadd() {
                    local -a taken
                    builtin compadd -O taken "$@"
                    print -rl -- $taken >> $HOME/candidates
                    builtin compadd "$@"
                }
                tell-end() { : > $HOME/finished }
                zle -N tell-end
                bindkey '^X' tell-end
                """
            let candidates = search.appending(path: "candidates")
            try Data().write(to: candidates)
            try? FileManager.default.removeItem(at: search.appending(path: "finished"))
            try Data(script.utf8).write(to: search.appending(path: ".zshrc"))
            let typed =
                line.dropLast().map { $0.contains(" ") ? "'\($0)' " : "\($0) " }.joined()
                + (line.last ?? "")
            let terminal = """
                zmodload zsh/zpty
                zpty shell zsh -i
                zpty -n -w shell \(shellQuotedForTest("canifly-store " + typed))$'\\t\\x18'
                for ((tries = 0; tries < 600; tries++)); do
                    [[ -e $HOME/finished ]] && break
                    zpty -r -t shell screen
                    sleep 0.05
                done
                zpty -d shell
                """
            let outcome = try runProgram(
                zsh, ["-f", "-c", terminal],
                environment: environment(search).merging(["ZDOTDIR": search.path]) { $1 })
            let text = try String(contentsOf: candidates, encoding: .utf8)
            return ProgramOutcome(status: outcome.status, output: text, error: outcome.error)
        }
    }

    private func shellQuotedForTest(_ text: String) -> String {
        "'"
            + text.split(separator: "'", omittingEmptySubsequences: false).joined(
                separator: "'\\''") + "'"
    }

    /// Without the backslashes by which a shell quotes.
    private func unescaped(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }
}
