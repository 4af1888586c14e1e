import StoreCommands
import StoreFiles
import Synchronization

/// The program with streams in memory, run in this process.
struct TestProgram {
    var table = CommandTable.standard
    var environment: [String: String] = ["HOME": "/nonexistent"]
    var input: [UInt8] = []
    /// The width of the terminal that the streams are; nil: they are no terminal.
    var terminalColumns: Int?
    /// What writing to the standard output fails with.
    var outputFailure: Errno?
    /// The signal that has come.
    var pendingSignal: Int32?
    var system: any SystemCalls = LinuxSystemCalls()

    struct Outcome {
        var status: Int32
        var bytes: [UInt8]
        var error: String
        var output: String { String(decoding: bytes, as: UTF8.self) }
        var lines: [String] {
            output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }

    func run(_ arguments: String...) -> Outcome { run(arguments) }

    func run(_ arguments: [String]) -> Outcome { run(words: arguments.map { RawArgument($0) }) }

    func run(words: [RawArgument]) -> Outcome {
        let output = MemoryOutput(columns: terminalColumns, failure: outputFailure)
        let error = MemoryOutput(columns: terminalColumns)
        let program = Program(
            table: table, environment: ProgramEnvironment(environment),
            streams: ProgramStreams(
                input: MemoryInput(input, isTerminal: terminalColumns != nil), output: output,
                error: error),
            system: system,
            signals: SignalSource(catchAll: {}, pending: { [pendingSignal] in pendingSignal }))
        let status = program.run(words)
        let beforeTerminator = words.prefix { $0 != RawArgument("--") }
        if outputFailure == nil, beforeTerminator.contains(RawArgument("--json")) {
            OutputSchemas.hold(output.bytes, status: status.code, words: words)
        }
        return Outcome(
            status: status.code, bytes: output.bytes,
            error: String(decoding: error.bytes, as: UTF8.self))
    }
}

/// Keeps what is written to it, or fails.
final class MemoryOutput: OutputStream {
    let columns: Int?
    private let failure: Errno?
    private let written = Mutex<[UInt8]>([])

    init(columns: Int? = nil, failure: Errno? = nil) {
        self.columns = columns
        self.failure = failure
    }

    var isTerminal: Bool { columns != nil }
    var bytes: [UInt8] { written.withLock { $0 } }

    func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        if let failure { throw failure }
        written.withLock { $0.append(contentsOf: bytes) }
    }
}

/// Gives out bytes in pieces that no program counts on.
final class MemoryInput: InputStream {
    let isTerminal: Bool
    private let rest: Mutex<ArraySlice<UInt8>>

    init(_ bytes: [UInt8], isTerminal: Bool) {
        rest = Mutex(bytes[...])
        self.isTerminal = isTerminal
    }

    func waitToRead(milliseconds: Int32) throws(Errno) -> Bool { true }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        rest.withLock { rest in
            let piece = rest.prefix(min(buffer.count, 1000))
            buffer.copyBytes(from: piece)
            rest = rest.dropFirst(piece.count)
            return piece.count
        }
    }
}
