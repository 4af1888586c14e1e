internal import StoreFiles

/// A program that makes a new document out of one: the old on its standard input, the new on its
/// standard output. No shell has a part in it.
struct StepProgram {
    let command: [String]
    let timeLimitNanoseconds: UInt64

    static let defaultTimeLimitSeconds: UInt64 = 10
    static let longestTimeLimitSeconds: UInt64 = 3600
    /// What a new document may have.
    private static let outputLimitBytes = 256 << 20
    /// Where a program is looked for that is named without a folder: never where our own PATH says, for
    /// a step must do the same wherever it runs.
    private static let folders = [
        "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
    ]
    /// All that the program is told.
    private static let environment = [
        "PATH=" + folders.joined(separator: ":"), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC",
    ]

    func run(on bytes: [UInt8], of document: StorePath) throws(StoreError) -> [UInt8] {
        var request = ProcessRequest(
            program: command[0], arguments: Array(command.dropFirst()),
            environment: Self.environment)
        request.input = .bytes(bytes)
        request.output = .capture(limitBytes: Self.outputLimitBytes)
        request.timeLimitNanoseconds = timeLimitNanoseconds
        // Whatever it starts ends with it when its time is up.
        request.hasOwnGroup = true
        request.closesOtherDescriptors = true
        let shown = escapedForTerminal(command[0].utf8)
        let outcome: ProcessOutcome
        do throws(Errno) {
            outcome = try Self.run(request)
        } catch {
            throw StoreError(
                .configuration, code: "step-program",
                "\(shown) cannot be run: \(error.description)",
                hint: "name a program by its path, or one in \(Self.environment[0])",
                document: document, cause: error)
        }
        let why: String
        switch outcome.end {
        case .exited(0): return outcome.output
        case .exited(let status): why = "ended with status \(status)"
        case .signalled(let signal): why = "was ended by signal \(signal)"
        case .timedOut:
            why = "took longer than \(timeLimitNanoseconds / 1_000_000_000) s"
        case .outputTooLarge: why = "wrote more than \(Self.outputLimitBytes) bytes"
        }
        throw StoreError(
            .invalidData, code: "step-failed", "\(shown) \(why) on \(document.text)",
            hint: "run it by hand on the document; nothing was changed", document: document)
    }

    private static func run(_ request: ProcessRequest) throws(Errno) -> ProcessOutcome {
        if request.program.utf8.contains(UInt8(ascii: "/")) { return try request.run() }
        for folder in folders {
            var request = request
            request.program = folder + "/" + request.program
            do throws(Errno) { return try request.run() } catch .noEntry {}
        }
        throw .noEntry
    }
}
