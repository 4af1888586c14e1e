// Feeds every reader of bytes with mutations of its seeds (Tests/Fuzzing), for so long or so many:
//
//     fuzz [--mutations N] [--seconds N] [--seed N] [--from N] [--memory MB] [TARGET…]
//     fuzz --bits [--every N]
//     fuzz --flips N [--seed N]
//
// A reader that traps, breaks a rule, takes more than a second of the processor or more memory than
// that ends the program, which says by which seed and number the input can be made again:
// `fuzz --seed S --from N --mutations 1 TARGET`. --bits turns over each bit of each file of a small
// store and of its backup instead, --flips so many drawn bits of each large file of a larger one.

import FuzzSupport
import StoreTestSupport
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

let usage = """
    usage: fuzz [--mutations N] [--seconds N] [--seed N] [--from N] [--memory MB] [TARGET…]
           fuzz --bits [--every N]
           fuzz --flips N [--seed N]
    """

func fail(_ message: String) -> Never {
    print(message)
    exit(64)
}

struct Options {
    var mutations = UInt64.max
    var seconds = UInt64.max
    var seed: UInt64 = 1
    var from: UInt64 = 0
    var memoryMegabytes: UInt64 = 512
    var turnsBits = false
    var flips = 0
    var every: UInt64 = 1
    var targets: [String] = []

    init(_ arguments: [String]) {
        var rest = arguments[...]
        func number() -> UInt64 {
            guard let value = rest.popFirst().flatMap({ UInt64($0) }) else { fail(usage) }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--mutations": mutations = number()
            case "--seconds": seconds = number()
            case "--seed": seed = number()
            case "--from": from = number()
            case "--memory": memoryMegabytes = number()
            case "--bits": turnsBits = true
            case "--flips": flips = Int(clamping: number())
            case "--every": every = max(1, number())
            default:
                if argument.hasPrefix("-") { fail(usage) }
                targets.append(argument)
            }
        }
        if mutations == .max, seconds == .max { mutations = 10_000 }
    }
}

let options = Options(Array(CommandLine.arguments.dropFirst()))

/// What is being read, for those who look from outside: the watch and the signal handler.
let currentTarget = Atomic<Int>(-1)
let currentNumber = Atomic<UInt64>(0)
/// The processor time at which it was begun.
let begun = Atomic<Int>(0)
let secondsAllowed = 1

func tellCurrent() {
    let index = currentTarget.load(ordering: .relaxed)
    guard index >= 0 else { return }
    let name = FuzzTarget.all[index].name
    let number = currentNumber.load(ordering: .relaxed)
    print("\n\(name): fuzz --seed \(options.seed) --from \(number) --mutations 1 \(name)")
    fflush(nil)
}

func watch() {
    // Not strictly allowed in a handler, and the process is lost anyway.
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] {
        signal(number) { received in
            tellCurrent()
            signal(received, SIG_DFL)
            raise(received)
        }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { _ in
            while true {
                usleep(100_000)
                let start = begun.load(ordering: .relaxed)
                guard start > 0, clock() - start > secondsAllowed * Int(CLOCKS_PER_SEC) else {
                    continue
                }
                print("more than \(secondsAllowed) s")
                tellCurrent()
                exit(1)
            }
        }, nil)
}

func peakMegabytes() -> UInt64 {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return UInt64(usage.ru_maxrss) / 1024
}

func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func fuzz(_ index: Int) throws {
    let target = FuzzTarget.all[index]
    for seed in try target.seeds() { target.read(seed) }
    let mutator = try target.mutator(seed: options.seed)
    let start = monotonicSeconds()
    currentTarget.store(index, ordering: .relaxed)
    var number = options.from
    var slowest = 0
    while number - options.from < options.mutations {
        if number.isMultiple(of: 64), monotonicSeconds() - start >= Double(options.seconds) {
            break
        }
        currentNumber.store(number, ordering: .relaxed)
        let before = clock()
        begun.store(max(1, before), ordering: .relaxed)
        target.readMutation(number, of: mutator)
        begun.store(0, ordering: .relaxed)
        slowest = max(slowest, clock() - before)
        number += 1
    }
    currentTarget.store(-1, ordering: .relaxed)
    let milliseconds = slowest / (Int(CLOCKS_PER_SEC) / 1000)
    print(
        "\(target.name): \(number - options.from) mutations, slowest \(milliseconds) ms, "
            + "\(peakMegabytes()) MB at most")
    fflush(nil)
    if peakMegabytes() > options.memoryMegabytes {
        print("more than \(options.memoryMegabytes) MB")
        exit(1)
    }
}

func isSound(_ report: FlipSweep.Report) -> Bool {
    print(report)
    fflush(nil)
    return report.unnoticed.isEmpty && report.misapplied.isEmpty
}

func turnBits() throws -> Int32 {
    var failures: Int32 = 0
    for isCompacted in [false, true] {
        let sweep = try FlipSweep(isCompacted: isCompacted)
        print(isCompacted ? "a store whose history was compacted:" : "a store:")
        for file in sweep.files {
            let bits = stride(from: 0, to: sweep.bitCount(of: file), by: Int(options.every))
            if !isSound(try sweep.run(file, bits: bits)) { failures = 1 }
        }
    }
    return failures
}

/// Files below this many bits have each of theirs turned over by `--bits`, in a small store.
let bitsOfLargeFile = 8 * 8192

func turnDrawnBits() throws -> Int32 {
    var failures: Int32 = 0
    for isCompacted in [false, true] {
        let sweep = try FlipSweep(large: isCompacted)
        print(isCompacted ? "a larger store whose history was compacted:" : "a larger store:")
        for file in sweep.files where sweep.bitCount(of: file) >= bitsOfLargeFile {
            let bits = sweep.bits(of: file, count: options.flips, seed: options.seed)
            if !isSound(try sweep.run(file, bits: bits, commandsEvery: 64)) { failures = 1 }
        }
    }
    return failures
}

if options.turnsBits { exit(try turnBits()) }
if options.flips > 0 { exit(try turnDrawnBits()) }
for name in options.targets where !FuzzTarget.all.contains(where: { $0.name == name }) {
    fail("no target \(name); there are \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
}
watch()
for index in FuzzTarget.all.indices
where options.targets.isEmpty || options.targets.contains(FuzzTarget.all[index].name) {
    try fuzz(index)
}
