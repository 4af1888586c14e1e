internal import CanIFlyStore
package import StoreFiles

/// What a command works with: its arguments and the world, all of it handed in.
package struct CommandContext: Sendable {
    package var arguments: ParsedArguments
    package var table: CommandTable
    package var environment: ProgramEnvironment
    package var streams: ProgramStreams
    package var system: any SystemCalls
    /// The signal that asks the program to end, once one has come.
    package var pendingSignal: @Sendable () -> Int32?
    /// `CANIFLY_STORE_NOW`, where it is set.
    package var fixedNow: Timestamp?
    /// Nil where nothing is to be shown.
    let progressLine: ProgressLine?

    /// The clock by which ages and expiry are judged.
    var now: Timestamp { fixedNow ?? system.now() }

    var progressSink: ProgressSink? {
        guard let progressLine else { return nil }
        return { progress in progressLine.show(progress) }
    }

    func storePath() throws(StoreError) -> String {
        try storeLocation(
            option: arguments.text(CommonOptions.store.name), environment: environment)
    }

    func openStore() throws(StoreError) -> Store {
        try Store.open(
            at: storePath(), system: system,
            environment: StoreEnvironment(
                now: fixedNow, inheritedLock: try environment.text(LockInheritance.variable),
                pendingSignal: pendingSignal))
    }

    /// What every command that writes is told.
    func writeOptions() throws(StoreError) -> WriteOptions {
        var options = WriteOptions(command: arguments.command.name)
        options.isDryRun = arguments.has(CommonOptions.dryRun)
        if let text = try arguments.text(CommonOptions.lockWait.name),
            let wait = nanoseconds(fromSeconds: text)
        {
            options.lockWaitNanoseconds = wait
        }
        if let message = try arguments.text("message") { options.message = message }
        return options
    }

    // MARK: Positional arguments

    /// A positional argument that names a document. What is no safe relative path is refused as
    /// invalid data (65), not as wrong usage: the name is what is wrong.
    func document(at index: Int) throws(StoreError) -> StorePath {
        try documentPath(arguments.positionals[index], store: storePath())
    }

    func documents(from index: Int = 0) throws(StoreError) -> [StorePath] {
        var paths: [StorePath] = []
        for word in arguments.positionals.dropFirst(index) {
            paths.append(try documentPath(word, store: storePath()))
        }
        return paths
    }
}
