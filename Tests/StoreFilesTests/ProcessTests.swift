import Glibc
import StoreFiles
import Synchronization
import Testing

@Suite("Threads and child processes")
struct ProcessTests {
    // MARK: Threads

    @Test("results come in the order of the items", arguments: [1, 2, 7, 100])
    func order(threads: Int) {
        let items = Array(0..<1000)
        let results = WorkerThreads.map(items, threads: threads) { "\($0 * 2)" }
        #expect(results == items.map { "\($0 * 2)" })
        #expect(WorkerThreads.map([Int](), threads: threads) { $0 } == [])
    }

    @Test("several threads work at once, each with its own state")
    func threads() {
        let states = Counter()
        let started = Counter()
        // Each waits for the other: on one thread this would never end.
        let results = WorkerThreads.map(
            [0, 1], threads: 2, state: { states.next() },
            { state, _ in
                started.add()
                while started.value < 2 { sched_yield() }
                return state
            })
        #expect(Set(results) == [1, 2])
        #expect(WorkerThreads.processorCount >= 1)
    }

    @Test("work in the background goes on while its owner does something else")
    func background() {
        let started = Counter()
        let work = BackgroundWork {
            started.add()
            return 7
        }
        // On the owner's thread it would never begin.
        while started.value < 1 { sched_yield() }
        #expect(work.result() == 7)
        #expect(work.result() == 7)
        #expect(started.value == 1)
    }

    @Test("work in the background is over when its owner lets go of it")
    func backgroundEnds() {
        let done = Counter()
        do {
            _ = BackgroundWork {
                for _ in 0..<1000 { sched_yield() }
                done.add()
            }
        }
        #expect(done.value == 1)
    }

    // MARK: Children

    private func request(_ script: String) -> ProcessRequest {
        ProcessRequest(
            program: "/bin/sh", arguments: ["-c", script], environment: ["GREETING=hello"])
    }

    @Test("a program gets its arguments, environment and input, and gives output and status")
    func outcome() throws {
        var request = request("cat; printf %s \"$GREETING $#\"; exit 3")
        request.arguments += ["zero", "a b", ""]
        request.input = .bytes(Array("in ".utf8))
        request.output = .capture(limitBytes: 100)
        let outcome = try request.run()
        #expect(outcome.end == .exited(3))
        #expect(String(decoding: outcome.output, as: UTF8.self) == "in hello 2")
    }

    @Test("more than a pipe holds goes both ways without a deadlock")
    func large() throws {
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var request = ProcessRequest(program: "cat", arguments: [], environment: [])
        request.searchesPath = true
        request.input = .bytes(bytes)
        request.output = .capture(limitBytes: bytes.count)
        let outcome = try request.run()
        #expect(outcome.end == .exited(0) && outcome.output == bytes)
        request.output = .capture(limitBytes: bytes.count - 1)
        #expect(try request.run().end == .outputTooLarge)
    }

    @Test("a program that reads nothing is no error, and ends nobody by SIGPIPE")
    func deaf() throws {
        var request = request("exec <&-; exit 0")
        request.input = .bytes([UInt8](repeating: 0, count: 1_000_000))
        #expect(try request.run().end == .exited(0))
    }

    @Test("when the time is up, the program and what it started are killed")
    func timeLimit() throws {
        var request = request("sleep 60 & echo $!; wait")
        request.output = .capture(limitBytes: 100)
        request.timeLimitNanoseconds = 200_000_000
        request.hasOwnGroup = true
        let clock = ContinuousClock()
        let started = clock.now
        let outcome = try request.run()
        #expect(outcome.end == .timedOut)
        #expect(clock.now - started < .seconds(20))
        let text = String(decoding: outcome.output, as: UTF8.self)
        let grandchild = try #require(Int32(text.prefix { $0.isNumber }))
        // The kernel needs a moment.
        for _ in 0..<200 where LinuxSystemCalls().liveness(ofProcess: grandchild) == .alive {
            usleep(10_000)
        }
        #expect(LinuxSystemCalls().liveness(ofProcess: grandchild) == .noSuchProcess)
    }

    @Test("a signal's number is told, and a missing program is an error")
    func ends() throws {
        #expect(try request("kill -9 $$").run().end == .signalled(9))
        #expect(throws: Errno.noEntry) {
            try ProcessRequest(program: "/no/such", arguments: [], environment: []).run()
        }
        #expect(throws: Errno.invalid) {
            try ProcessRequest(program: "/bin/true", arguments: ["a\0b"], environment: []).run()
        }
    }

    @Test("a descriptor is inherited on purpose, and no other one")
    func descriptors() throws {
        let scratch = Scratch()
        scratch.write("passed", "passed")
        scratch.write("kept", "kept")
        let system = LinuxSystemCalls()
        let passed = try system.openOwned("passed", in: scratch.descriptor, [.read])
        let kept = try system.openOwned("kept", in: scratch.descriptor, [.read])
        var request = request(
            "cat /proc/self/fd/\(passed.descriptor); ls -l /proc/self/fd | grep -c kept")
        request.environment = ["PATH=/usr/bin:/bin"]
        request.inheritedDescriptors = [passed.descriptor]
        request.output = .capture(limitBytes: 1000)
        #expect(String(decoding: try request.run().output, as: UTF8.self) == "passed0\n")
        _ = kept.descriptor
        // In this process it is as it was.
        #expect(fcntl(passed.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test("the child has SIGPIPE as usual, whatever we do with it")
    func brokenPipe() throws {
        signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, SIG_DFL) }
        #expect(try request("kill -PIPE $$").run().end == .signalled(SIGPIPE))
    }
}

@Suite("Signals", .serialized)
struct SignalTests {
    @Test("the first one is remembered and ends nothing, and a child hears of it")
    func pending() async throws {
        // In a process of its own: signals belong to all of it.
        await #expect(processExitsWith: .exitCode(143)) {
            TerminationSignals.catchAll()
            guard TerminationSignals.pending == nil else { exit(1) }
            kill(getpid(), SIGTERM)
            // Whichever thread it reaches, it may take a moment.
            for _ in 0..<1000 where TerminationSignals.pending == nil { usleep(10_000) }
            kill(getpid(), SIGINT)
            usleep(20_000)
            guard TerminationSignals.pending == SIGTERM else { exit(2) }
            let child = ProcessRequest(
                program: "/bin/sleep", arguments: ["60"], environment: [])
            guard try child.run().end == .signalled(SIGTERM) else { exit(3) }
            exit(128 + TerminationSignals.pending!)
        }
    }

    @Test("calls that signals interrupt again and again are carried on")
    func interruptions() async {
        await #expect(processExitsWith: .exitCode(0)) {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in }
            sigaction(SIGUSR1, &action, nil)
            let worker = Atomic<UInt>(0)
            let isDone = Atomic<Bool>(false)
            let results = WorkerThreads.map([0, 1], threads: 2) { item -> Int32 in
                if item == 0 {
                    while worker.load(ordering: .acquiring) == 0 { usleep(1000) }
                    while !isDone.load(ordering: .acquiring) {
                        pthread_kill(pthread_t(worker.load(ordering: .relaxed)), SIGUSR1)
                        usleep(1000)
                    }
                    return 0
                }
                defer { isDone.store(true, ordering: .releasing) }
                // The runtime's threads, of which we are born, block signals.
                var nothing = sigset_t()
                sigemptyset(&nothing)
                pthread_sigmask(SIG_SETMASK, &nothing, nil)
                worker.store(UInt(pthread_self()), ordering: .releasing)
                return workWhileInterrupted()
            }
            exit(results[1])
        }
    }

    @Test("one that is ignored from the start stays ignored")
    func ignored() async {
        await #expect(processExitsWith: .exitCode(0)) {
            signal(SIGHUP, SIG_IGN)
            TerminationSignals.catchAll()
            kill(getpid(), SIGHUP)
            usleep(20_000)
            exit(TerminationSignals.pending == nil ? 0 : 1)
        }
    }

    @Test("closed standard descriptors are filled with what cannot be used")
    func standardStreams() async {
        await #expect(processExitsWith: .exitCode(0)) {
            close(0)
            close(1)
            close(2)
            try StandardStreams.secure()
            let next = open("/dev/null", O_RDONLY)
            var byte: UInt8 = 0
            guard next > 2 else { exit(1) }
            guard write(1, &byte, 1) == -1, write(2, &byte, 1) == -1 else { exit(2) }
            exit(read(0, &byte, 1) == -1 ? 0 : 3)
        }
    }
}

/// 0 if all went well.
private func workWhileInterrupted() -> Int32 {
    let system = LinuxSystemCalls()
    let begun = system.monotonicNanoseconds()
    system.sleep(nanoseconds: 100_000_000)
    if system.monotonicNanoseconds() - begun < 100_000_000 { return 1 }
    var request = ProcessRequest(
        program: "/bin/sh", arguments: ["-c", "sleep 0.1; cat"], environment: ["PATH=/bin:/usr/bin"]
    )
    request.input = .bytes([UInt8](repeating: 7, count: 300_000))
    request.output = .capture(limitBytes: 300_000)
    guard let outcome = try? request.run(), outcome.end == .exited(0),
        outcome.output.count == 300_000
    else { return 2 }
    let scratch = Scratch()
    for number in 0..<50 {
        let name = "document \(number)"
        let contents = [UInt8](repeating: 7, count: 100_000)
        let status = try? system.replaceDurably(
            name, in: scratch.descriptor, contents: contents, expecting: .absent)
        if status?.size != 100_000 { return 3 }
    }
    return 0
}
