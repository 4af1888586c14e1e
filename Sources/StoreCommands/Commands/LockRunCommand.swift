internal import CanIFlyStore
internal import StoreFiles

let lockRunCommand = CommandDefinition(
    name: "lock run", effect: .locks,
    arguments: [ArgumentDefinition("COMMAND", .program, .oneOrMore)],
    summary: "Hold the store's lock while another command runs",
    description: [
        "Takes the lock, runs COMMAND with its arguments (no shell), and gives the lock back when it "
            + "ends. Meanwhile the application does not start and nobody else writes; commands of "
            + "this program that COMMAND starts use the same lock, and the same store unless they "
            + "name another.",
        "COMMAND has the streams of this command, so with --json nothing is added to its output. "
            + "Signals are passed on to it.",
    ],
    examples: [
        CommandExample(
            "canifly-store lock run -- tar -cf copy.tar .", "A copy that nobody disturbs."),
        CommandExample(
            "canifly-store lock run -- sh -c 'canifly-store verify && ./edit && canifly-store verify'",
            "Several steps with nobody in between."),
    ],
    exitStatuses: [
        (.notFound, "there is no such COMMAND"),
        (.tryAgain, "the lock cannot be had"),
    ],
    run: { context throws(StoreError) in
        var words: [String] = []
        for index in context.arguments.positionals.indices {
            if let word = try context.arguments.positional(index, "COMMAND") { words.append(word) }
        }
        let store = try context.openStore()
        let outcome = try store.holdingLock(context.writeOptions()) { lock throws(StoreError) in
            try run(words, environment: childEnvironment(lock, store: store.path), lock)
        }
        return LockRunReport(end: outcome.end)
    })

/// Ours, with the lock and the store handed down. A variable that is no UTF-8 is left out: repaired,
/// it would say something else.
private func childEnvironment(_ lock: LockInheritance, store: String) -> [String] {
    let own = [LockInheritance.variable: lock.value, EnvironmentVariable.store: store]
    let inherited = processEnvironment().compactMap { String(validating: $0, as: UTF8.self) }
    return inherited.filter { entry in
        !own.keys.contains { entry.utf8.starts(with: "\($0)=".utf8) }
    } + own.map { "\($0.key)=\($0.value)" }.sorted()
}

private func run(
    _ words: [String], environment: [String], _ lock: LockInheritance
) throws(StoreError) -> ProcessOutcome {
    var request = ProcessRequest(
        program: words[0], arguments: Array(words.dropFirst()), environment: environment)
    request.searchesPath = true
    request.input = .inherit
    if let descriptor = lock.descriptor { request.inheritedDescriptors = [descriptor] }
    do throws(Errno) { return try request.run() } catch {
        let kind: StoreError.Kind =
            switch error {
            case .noEntry, .notDirectory: .notFound
            case .accessDenied, .notPermitted: .permission
            default: .inputOutput
            }
        throw StoreError(
            kind, code: "command-not-run", "\(words[0]) cannot be run: \(error)", cause: error)
    }
}

private struct LockRunReport: Report {
    var end: ProcessOutcome.End

    var status: ExitStatus {
        switch end {
        case .exited(let code): .passedOn(code)
        case .signalled(let number): .signal(number)
        // Neither a time limit nor an output limit was set.
        case .timedOut, .outputTooLarge: .internalError
        }
    }

    var json: ReportJSON { .nothing }
    func draw(on screen: inout Screen) {}
}
