private import CPlatform

/// A program to be run, without a shell.
public struct ProcessRequest: Sendable {
    /// A path; or, with `searchesPath`, a name to be looked for in our PATH.
    public var program: String
    /// Without the program's own name.
    public var arguments: [String]
    /// All of it, as `NAME=value`.
    public var environment: [String]
    public var searchesPath = false
    public var input = Input.null
    public var output = Output.inherit
    /// Nil: as long as it takes.
    public var timeLimitNanoseconds: UInt64?
    /// Left open in the child, under the same numbers.
    public var inheritedDescriptors: [Descriptor] = []
    /// A process group of its own, so that when the time is up all it has started ends with it. A
    /// terminal's Ctrl-C does not reach it then.
    public var hasOwnGroup = false
    /// The child gets its three streams and no other descriptor, not even one that we were started
    /// with. Not together with `inheritedDescriptors`.
    public var closesOtherDescriptors = false

    public enum Input: Sendable {
        /// Ours.
        case inherit
        case null
        case bytes([UInt8])
    }

    public enum Output: Sendable {
        /// Ours.
        case inherit
        case null
        /// Into memory; the program is killed when it writes more.
        case capture(limitBytes: Int)
    }

    public init(program: String, arguments: [String], environment: [String]) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
    }
}

/// How a program ended.
public struct ProcessOutcome: Sendable, Hashable {
    public enum End: Sendable, Hashable {
        /// 0 to 255.
        case exited(Int32)
        case signalled(Int32)
        /// It was killed because its time was up.
        case timedOut
        /// It was killed because it wrote more than was asked for.
        case outputTooLarge
    }
    public var end: End
    /// What it wrote, where that was captured.
    public var output: [UInt8]
}

extension ProcessRequest {
    /// Runs the program and waits for its end. SIGTERM and SIGHUP that come meanwhile
    /// (`TerminationSignals`) are passed on to it, SIGINT only if a terminal does not send it there
    /// by itself.
    ///
    /// - Throws: the error of `posix_spawn(3)`, such as `.noEntry` where there is no such program.
    public func run() throws(Errno) -> ProcessOutcome {
        for text in [program] + arguments + environment where text.utf8.contains(0) {
            throw .invalid
        }
        var inputPipe: Pipe?
        var outputPipe: Pipe?
        var childInput = Int32(STORE_STREAM_INHERIT)
        var childOutput = Int32(STORE_STREAM_INHERIT)
        switch input {
        case .inherit: break
        case .null: childInput = Int32(STORE_STREAM_NULL)
        case .bytes:
            let pipe = try Pipe()
            childInput = pipe.readEnd.descriptor
            try pipe.writeEnd.makeNonblocking()
            inputPipe = pipe
        }
        switch output {
        case .inherit: break
        case .null: childOutput = Int32(STORE_STREAM_NULL)
        case .capture:
            let pipe = try Pipe()
            childOutput = pipe.writeEnd.descriptor
            try pipe.readEnd.makeNonblocking()
            outputPipe = pipe
        }
        let process = try spawn(input: childInput, output: childOutput)
        // The child has its own now; ours would keep the pipes from ever ending.
        inputPipe?.readEnd.close()
        outputPipe?.writeEnd.close()
        var supervision = Supervision(
            self, process, inputPipe?.writeEnd, outputPipe?.readEnd)
        return try supervision.run()
    }

    private func spawn(input: Int32, output: Int32) throws(Errno) -> Int32 {
        var process: Int32 = 0
        let result = withCStrings([program] + arguments) { arguments in
            withCStrings(environment) { environment in
                store_spawn(
                    program, arguments, environment, searchesPath ? 1 : 0, hasOwnGroup ? 1 : 0,
                    closesOtherDescriptors ? 1 : 0, input, output, inheritedDescriptors,
                    inheritedDescriptors.count, &process)
            }
        }
        if result < 0 { throw Errno(code: -result) }
        return process
    }
}

/// Feeds, reads and times one child until it has ended.
private struct Supervision {
    private let request: ProcessRequest
    private let process: Int32
    private let input: StreamEnd?
    private let output: StreamEnd?
    /// Readable when the process has ended (`pidfd_open(2)`); nil on kernels without.
    private let ending: StreamEnd?
    private let begun: UInt64
    private var written = 0
    private var captured: [UInt8] = []
    private var forwarded: Int32?
    /// Why it was killed.
    private var verdict: ProcessOutcome.End?

    init(_ request: ProcessRequest, _ process: Int32, _ input: StreamEnd?, _ output: StreamEnd?) {
        self.request = request
        self.process = process
        self.input = input
        self.output = output
        let descriptor = store_open_process(process)
        ending = descriptor >= 0 ? StreamEnd(descriptor) : nil
        begun = store_monotonic_nanoseconds()
    }

    mutating func run() throws(Errno) -> ProcessOutcome {
        do throws(Errno) {
            var status: Int32 = 0
            while try !hasEnded(&status) {
                try wait()
                try feed()
                try drain()
                judgeTime()
                forwardSignal()
            }
            // What is still in the pipe; a grandchild that keeps it open is not waited for.
            try drain()
            let end: ProcessOutcome.End =
                status >= 256 ? .signalled(status - 256) : .exited(status)
            return ProcessOutcome(end: verdict ?? end, output: captured)
        } catch {
            kill(9)
            var status: Int32 = 0
            _ = store_wait_process(process, 1, &status)
            throw error
        }
    }

    private func hasEnded(_ status: inout Int32) throws(Errno) -> Bool {
        let result = store_wait_process(process, 0, &status)
        if result < 0 { throw Errno(code: -result) }
        return result == 1
    }

    /// Until there is something to do, a quarter of a second at most: a signal may come between two
    /// looks at the flag.
    private func wait() throws(Errno) {
        var milliseconds: UInt64 = ending == nil ? 5 : 250
        if let limit = request.timeLimitNanoseconds, verdict == nil {
            let passed = store_monotonic_nanoseconds() - begun
            milliseconds = min(milliseconds, limit > passed ? (limit - passed) / 1_000_000 + 1 : 0)
        }
        let result = store_wait_for(
            output?.descriptor ?? -1, input?.descriptor ?? -1, ending?.descriptor ?? -1,
            Int32(milliseconds))
        if result < 0 { throw Errno(code: -result) }
    }

    private mutating func feed() throws(Errno) {
        guard case .bytes(let bytes) = request.input, let input, input.descriptor >= 0 else {
            return
        }
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                store_write_stream(
                    input.descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            if count == -Int(EAGAIN) { return }
            // A program that does not want all of its input is in its right.
            if count == -Int(EPIPE) { break }
            if count < 0 { throw Errno(code: Int32(-count)) }
            written += count
        }
        input.close()
    }

    private mutating func drain() throws(Errno) {
        guard case .capture(let limit) = request.output, let output, output.descriptor >= 0 else {
            return
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = store_read_stream(output.descriptor, &buffer, buffer.count)
            if count == -Int(EAGAIN) { return }
            if count < 0 { throw Errno(code: Int32(-count)) }
            if count == 0 { break }
            if count > limit - captured.count {
                stop(.outputTooLarge)
                break
            }
            captured += buffer[..<count]
        }
        output.close()
    }

    private mutating func judgeTime() {
        guard let limit = request.timeLimitNanoseconds, verdict == nil else { return }
        if store_monotonic_nanoseconds() - begun >= limit { stop(.timedOut) }
    }

    private mutating func stop(_ verdict: ProcessOutcome.End) {
        guard self.verdict == nil else { return }
        self.verdict = verdict
        kill(9)
    }

    private mutating func forwardSignal() {
        guard forwarded == nil, let signal = TerminationSignals.pending else { return }
        forwarded = signal
        // A terminal sends SIGINT (2) to all of its foreground group.
        if signal != 2 || request.hasOwnGroup { kill(signal) }
    }

    private func kill(_ signal: Int32) {
        _ = store_kill(request.hasOwnGroup ? -process : process, signal)
    }
}

/// One end of a pipe.
private final class StreamEnd {
    private(set) var descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func makeNonblocking() throws(Errno) {
        let result = store_set_nonblocking(descriptor)
        if result < 0 { throw Errno(code: -result) }
    }

    func close() {
        if descriptor >= 0 { _ = store_close(descriptor) }
        descriptor = -1
    }

    deinit { close() }
}

private struct Pipe {
    let readEnd: StreamEnd
    let writeEnd: StreamEnd

    init() throws(Errno) {
        var ends: [Int32] = [-1, -1]
        let result = store_pipe(&ends)
        if result < 0 { throw Errno(code: -result) }
        readEnd = StreamEnd(ends[0])
        writeEnd = StreamEnd(ends[1])
    }
}

/// A NULL-ended array of C strings, for the length of a call.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var copies: [UnsafeMutablePointer<CChar>?] = strings.map { string in
        let bytes = Array(string.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        return copy
    }
    defer { for copy in copies { copy?.deallocate() } }
    copies.append(nil)
    return copies.withUnsafeBufferPointer { body($0.baseAddress!) }
}
