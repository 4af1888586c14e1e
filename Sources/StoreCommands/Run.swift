internal import CanIFlyStore
internal import StoreCodecs
package import StoreFiles

/// The whole program: from the process's arguments to its end.
public func runProgram() -> Never {
    // Before anything is opened, or it would get the number of a stream.
    try? StandardStreams.secure()
    exitProcess(run(arguments: processArguments()))
}

/// Runs the program on the process's own streams, environment and operating system.
///
/// - Parameter arguments: the words after the program's name, as the kernel gave them.
/// - Returns: the exit status.
public func run(arguments: [[UInt8]]) -> Int32 {
    let words = arguments.map { RawArgument($0) }
    let streams = ProgramStreams.ofProcess
    // Scripts ask for the version at every start of theirs; nothing else need be set up for it.
    if words.count == 1, words[0].isNamed(CommonOptions.version) {
        var output = StandardOutput(streams.output)
        output.write(versionLine)
        // What went wrong is told below, where the same fails again.
        if output.finish() == nil { return ExitStatus.success.code }
    }
    let program = Program(
        table: .standard, environment: .ofProcess(), streams: streams, system: LinuxSystemCalls(),
        signals: .ofProcess)
    return program.run(words).code
}

let versionLine = "canifly-store \(programVersion)\n"

/// The program with the world it runs in handed to it, so that tests run it in-process.
package struct Program: Sendable {
    package var table: CommandTable
    package var environment: ProgramEnvironment
    package var streams: ProgramStreams
    package var system: any SystemCalls
    package var signals: SignalSource

    package init(
        table: CommandTable, environment: ProgramEnvironment, streams: ProgramStreams,
        system: any SystemCalls, signals: SignalSource
    ) {
        self.table = table
        self.environment = environment
        self.streams = streams
        self.system = system
        self.signals = signals
    }

    /// From words to an exit status; everything that is to be printed has been.
    package func run(_ words: [RawArgument]) -> ExitStatus {
        let parser = ArgumentParser(table)
        let request: Request
        do throws(StoreError) { request = try parser.parse(words) } catch {
            return fail(error, words, isJSON: asksForJSON(words), command: nil, store: nil)
        }
        let parsed = parsedArguments(of: request)
        let isJSON = parsed.has(CommonOptions.json) || asksForJSON(words)
        let name = parsed.command.name
        let store = parsed.command.effect == .none ? nil : shownStore(parsed)
        let result: Result<any Report, StoreError>
        do throws(StoreError) { result = .success(try execute(parsed)) } catch {
            result = .failure(error)
        }
        switch result {
        case .failure(let error):
            return fail(error, words, isJSON: isJSON, command: name, store: store)
        case .success(let report):
            return show(report, parsed, isJSON: isJSON, store: store)
        }
    }

    /// Help and the version are commands like the others from here on.
    private func parsedArguments(of request: Request) -> ParsedArguments {
        switch request {
        case .run(let parsed): return parsed
        case .version: return ParsedArguments(command: versionCommand)
        case .help(let words):
            return ParsedArguments(command: helpCommand, positionals: words)
        }
    }

    private func execute(_ parsed: ParsedArguments) throws(StoreError) -> any Report {
        let wantsProgress =
            streams.error.isTerminal && !parsed.has(CommonOptions.noProgress)
            && !parsed.has(CommonOptions.quiet)
        // What only reads may be stopped at any moment by the signal itself.
        if parsed.command.effect == .writes || parsed.command.effect == .locks {
            signals.catchAll()
        }
        let context = CommandContext(
            arguments: parsed, table: table, environment: environment, streams: streams,
            system: system, pendingSignal: signals.pending, fixedNow: try fixedNow(),
            progressLine: wantsProgress
                ? ProgressLine(streams.error, clock: { [system] in system.monotonicNanoseconds() })
                : nil)
        defer { context.progressLine?.finish() }
        do throws(StoreError) { return try parsed.command.run(context) } catch {
            throw context.suggestingDocument(for: error)
        }
    }

    /// `CANIFLY_STORE_NOW`.
    private func fixedNow() throws(StoreError) -> Timestamp? {
        guard let text = try environment.text(EnvironmentVariable.now) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw StoreError(
                .configuration, code: "clock-invalid",
                "$\(EnvironmentVariable.now) '\(text)' is no time as RFC 3339 writes it",
                hint: "for example 2026-11-01T12:00:00Z")
        }
        return time
    }

    // MARK: What is printed

    private func show(
        _ report: any Report, _ parsed: ParsedArguments, isJSON: Bool, store: String?
    ) -> ExitStatus {
        let isQuiet = parsed.has(CommonOptions.quiet)
        let voice = voice(parsed)
        for warning in report.warnings { voice.warning(warning) }
        if !isQuiet { for note in report.notes { voice.note(note) } }

        var output = StandardOutput(streams.output)
        if isJSON {
            switch report.json {
            case .object(let members):
                output.write(
                    Envelope.object(
                        command: parsed.command.name, status: report.status, store: store,
                        members))
            case .lines(let objects):
                output.write(
                    Envelope.lines(
                        command: parsed.command.name, status: report.status, objects))
            case .nothing: break
            }
        } else if isQuiet, report.status == .success, !parsed.command.outputIsData {
            // Nothing on success.
        } else if let content = report.content {
            do throws(StoreError) {
                try content.forEachPiece { output.write($0) }
            } catch {
                voice.error(error)
                return end(&output, wanted: ExitStatus(error), voice)
            }
        } else if let bytes = report.bytes {
            output.write(streams.output.isTerminal ? safeForTerminal(bytes) : bytes)
        } else {
            var screen = Screen(
                columns: columns, isColored: isColored(colorChoice(of: parsed), streams.output),
                isVerbose: parsed.has(CommonOptions.verbose))
            report.draw(on: &screen)
            output.write(screen.text)
        }
        return end(&output, wanted: report.status, voice)
    }

    private func fail(
        _ error: StoreError, _ words: [RawArgument], isJSON: Bool, command: String?,
        store: String?
    ) -> ExitStatus {
        let voice = Voice(
            streams.error, isColored: isColored(colorChoice(in: words), streams.error))
        voice.error(error)
        var output = StandardOutput(streams.output)
        if isJSON { output.write(Envelope.failure(command: command, store: store, error)) }
        return end(&output, wanted: ExitStatus(error), voice)
    }

    /// Ends the output. A reader that went away is its own business; a full disk is an error even
    /// where all else went well, since the caller has not got what it asked for.
    private func end(
        _ output: inout StandardOutput, wanted: ExitStatus, _ voice: Voice
    ) -> ExitStatus {
        guard let failure = output.finish() else { return wanted }
        if failure == .brokenPipe { return .signal(13) }
        voice.error(
            StoreError(
                .inputOutput, code: "output-failed",
                "the standard output cannot be written: \(failure)", cause: failure))
        return wanted == .success ? .inputOutput : wanted
    }

    // MARK: How it is printed

    private func voice(_ parsed: ParsedArguments) -> Voice {
        Voice(streams.error, isColored: isColored(colorChoice(of: parsed), streams.error))
    }

    private func colorChoice(of parsed: ParsedArguments) -> RawArgument? {
        parsed.options.first { $0.name == CommonOptions.color.name }?.value
    }

    /// What a command line asks for even where it cannot be understood as a whole.
    private func colorChoice(in words: [RawArgument]) -> RawArgument? {
        let options = Array(words.prefix { !$0.isTerminator })
        for (index, word) in options.enumerated() {
            let (name, value) = word.splitOption
            guard name.isNamed(CommonOptions.color) else { continue }
            return value ?? (index + 1 < options.count ? options[index + 1] : nil)
        }
        return nil
    }

    private func isColored(_ choice: RawArgument?, _ stream: any OutputStream) -> Bool {
        if choice?.bytes.elementsEqual("always".utf8) == true { return true }
        if choice?.bytes.elementsEqual("never".utf8) == true { return false }
        return stream.isTerminal && !environment.isSet(EnvironmentVariable.noColor)
            && !environment.equals(EnvironmentVariable.terminal, "dumb")
    }

    private var columns: Int {
        if let columns = streams.output.columns { return columns }
        let text = (try? environment.text(EnvironmentVariable.columns)) ?? nil
        if let text, let columns = Int(text), (1...1000).contains(columns) { return columns }
        return 80
    }

    private func shownStore(_ parsed: ParsedArguments) -> String? {
        let option = (try? parsed.text(CommonOptions.store.name)) ?? nil
        return try? storeLocation(option: option, environment: environment)
    }

    /// Whether a command line that cannot be understood asks for JSON all the same.
    private func asksForJSON(_ words: [RawArgument]) -> Bool {
        words.prefix { !$0.isTerminator }.contains { $0.isNamed(CommonOptions.json) }
    }
}
