// Tries the store's commands under simulated power loss, for as long as it is given:
//
//     crash-test [--sweep | --pairs] [--short] [--samples N] [--second-crash N] [--states N]
//                [--seed N] [NAME…]
//     crash-test --faults [NAME…]
//     crash-test --syncs [NAME…]
//     crash-test --interleavings [NAME…]
//
// NAME is a part of a workload's name; without one all are tried. --short is what the tests do.
// --pairs tries every command after every other in place of the workloads of the tests; --sweep tries
// both, round after round, each going twice as far as the one before. --states ends it when that many
// distinct states were tried (10,000,000 for --sweep). --faults lets every system call fail, and
// kills at each, in place of cutting power; then it lets every sync fail before power is cut. --syncs
// leaves out every sync in turn, which must be found. --interleavings lets writers, and the
// application, change places: two of them twice before any call, three of them three times before any
// call that the others can see. It prints a line for each workload and what is wrong, and ends with 1
// if anything is.

import StoreFiles
import StoreTestSupport

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct Options {
    var names: [String] = []
    var budget = CrashBudget.standard
    var secondBudget = CrashBudget.light
    var seed: UInt64 = 1
    var sweepsFaults = false
    var triesPairs = false
    var isSweep = false
    var mostStates = Int.max
    var leavesOutSyncs = false
    var interleaves = false

    func wants(_ name: String) -> Bool {
        names.isEmpty || names.contains { name.contains($0) }
    }
}

func parse(_ arguments: [String]) -> Options? {
    var options = Options()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
        switch argument {
        case "--short":
            options.budget = .short
            options.secondBudget = .shortSecond
        case "--faults":
            options.sweepsFaults = true
        case "--syncs":
            options.leavesOutSyncs = true
        case "--interleavings":
            options.interleaves = true
        case "--pairs":
            options.triesPairs = true
        case "--sweep":
            options.isSweep = true
            if options.mostStates == .max { options.mostStates = 10_000_000 }
            options.budget = .sweep
            options.secondBudget = .sweepSecond
        case "--states":
            guard let value = rest.popFirst().flatMap({ Int($0) }) else { return nil }
            options.mostStates = value
        case "--samples":
            guard let value = rest.popFirst().flatMap({ Int($0) }) else { return nil }
            options.budget.samples = value
        case "--second-crash":
            guard let value = rest.popFirst().flatMap({ Int($0) }) else { return nil }
            options.secondBudget.samples = value
        case "--seed":
            guard let value = rest.popFirst().flatMap({ UInt64($0) }) else { return nil }
            options.seed = value
        default:
            if argument.hasPrefix("-") { return nil }
            options.names.append(argument)
        }
    }
    return options
}

/// - Returns: how many crashes led to an illegal state.
func cutPower(_ options: Options) async throws -> Int {
    // What two workloads have in common, as pairs their first commands, is tried and counted once.
    let ledger = CrashLedger()
    var violations = 0
    var round = 0
    let workloads =
        options.isSweep
        ? StoreWorkload.all + StoreWorkload.pairs
        : options.triesPairs ? StoreWorkload.pairs : StoreWorkload.all
    repeat {
        for workload in workloads
        where options.wants(workload.name) && ledger.distinctStates < options.mostStates {
            violations += try await cutPower(during: workload, ledger, options, round: round)
            // Also where the output is a file: this takes long.
            fflush(nil)
        }
        round += 1
        print("\(ledger.distinctStates) distinct states, \(violations) violations")
    } while options.isSweep && ledger.distinctStates < options.mostStates
    return violations
}

func cutPower(
    during workload: StoreWorkload, _ ledger: CrashLedger, _ options: Options, round: Int
) async throws -> Int {
    let scenario: CrashScenario
    do {
        scenario = try workload.scenario()
    } catch {
        // Without any crash: the other workloads are tried all the same.
        print("\(workload.name): \(error)")
        return 1
    }
    var explorer = CrashExplorer(scenario)
    explorer.seed = options.seed &+ UInt64(round)
    explorer.budget = options.budget.doubled(round)
    explorer.budgetOfSecondCrash = options.secondBudget.doubled(round)
    explorer.ledger = ledger
    let report = try await explorer.explore()
    print(report)
    return report.violationCount
}

/// - Returns: how many faults led to an illegal state.
func sweepFaults(_ options: Options) async throws -> Int {
    let errors: [Errno] = [
        .inputOutput, .noSpace, .quotaExceeded, .accessDenied, .tooManyOpenFiles,
    ]
    var violations = 0
    for workload in FaultSweep.workloads where options.wants(workload.name) {
        let sweep = try FaultSweep(workload)
        var found: [(fault: String, complaints: [FaultSweep.Complaint])] = []
        for error in errors {
            found.append((error.name, try sweep.complaints { .fail(call: $0, with: error) }))
        }
        for error in errors.prefix(2) {
            found.append(
                (
                    "\(error.name) from then on",
                    try sweep.complaints { .fail(call: $0, with: error, forGood: true) }
                ))
        }
        found.append(("killed", try sweep.complaints { .kill(atCall: $0) }))
        let count = found.reduce(0) { $0 + $1.complaints.count }
        print("\(workload.name): \(sweep.calls.count) calls, \(count) violations")
        for (fault, complaints) in found {
            for complaint in complaints.prefix(5) { print("- \(fault): \(complaint)") }
        }
        violations += count
        if !workload.isLong { violations += try await failSyncs(of: workload) }
        fflush(nil)
    }
    return violations
}

func failSyncs(of workload: StoreWorkload) async throws -> Int {
    let failed = try FailedSync(workload)
    var violations = 0
    var states = 0
    for sync in 0..<failed.syncCount {
        let report = try await failed.explore(failing: sync + 1)
        if report.violationCount > 0 { print(report) }
        violations += report.violationCount
        states += report.distinctStates
    }
    print(
        "  \(failed.syncCount) syncs failing, then power cut: \(states) states, \(violations) violations"
    )
    return violations
}

/// - Returns: how many syncs nothing goes wrong without.
func leaveOutSyncs(_ options: Options) async throws -> Int {
    let workloads = StoreWorkload.all.filter { options.wants($0.name) }
    let found = try await SyncMutation.score(of: workloads)
    for (site, isFound) in found.sorted(by: { $0.key.description < $1.key.description }) {
        print(isFound ? "found" : "not found", site)
    }
    let count = found.count { $0.value }
    print("\(found.count) syncs left out, \(count) found")
    return found.count - count
}

/// - Returns: how many schedules led to an illegal state.
func interleave(_ options: Options) throws -> Int {
    var violations = 0
    for (scenarios, changes) in [
        (try StoreInterleavings.pairs(), 2), (try StoreInterleavings.triples(), 3),
    ] {
        for scenario in scenarios where options.wants(scenario.name) {
            var explorer = InterleavingExplorer(scenario)
            explorer.changes = changes
            if changes > 2 { explorer.kinds = StoreInterleavings.sharedKinds }
            let report = explorer.explore()
            print(report)
            fflush(nil)
            violations += report.violations.count
        }
    }
    return violations
}

guard let options = parse(Array(CommandLine.arguments.dropFirst())) else {
    print(
        """
        usage: crash-test [--sweep | --pairs] [--short] [--samples N] [--second-crash N]
                          [--states N] [--seed N] [NAME…]
               crash-test --faults [NAME…]
               crash-test --syncs [NAME…]
               crash-test --interleavings [NAME…]
        """)
    exit(64)
}
let violations =
    if options.interleaves {
        try interleave(options)
    } else if options.leavesOutSyncs {
        try await leaveOutSyncs(options)
    } else if options.sweepsFaults {
        try await sweepFaults(options)
    } else {
        try await cutPower(options)
    }
exit(violations == 0 ? 0 : 1)
