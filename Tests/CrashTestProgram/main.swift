// Tries the store's commands under simulated power loss, for as long as it is given:
//
//     crash-test [--pairs] [--short] [--samples N] [--second-crash N] [--states N] [--seed N] [NAME…]
//     crash-test --faults [NAME…]
//     crash-test --interleavings [NAME…]
//
// NAME is a part of a workload's name; without one all are tried. --short is what the tests do.
// --pairs tries every command after every other in place of the workloads of the tests; --states
// ends when that many distinct states were tried. --faults lets every system call fail, and kills at each, in place of cutting power.
// --interleavings lets writers, and the application, change places: two of them twice before any
// call, three of them three times before any call that the others can see. It prints a
// line for each workload and what is wrong, and ends with 1 if anything is.

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
    var mostStates = Int.max
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
        case "--interleavings":
            options.interleaves = true
        case "--pairs":
            options.triesPairs = true
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
    var states = 0
    var violations = 0
    let workloads = options.triesPairs ? StoreWorkload.pairs : StoreWorkload.all
    for workload in workloads where options.wants(workload.name) && states < options.mostStates {
        var explorer = CrashExplorer(try workload.scenario())
        explorer.seed = options.seed
        explorer.budget = options.budget
        explorer.budgetOfSecondCrash = options.secondBudget
        let report = try await explorer.explore()
        print(report)
        // Also where the output is a file: this takes long.
        fflush(nil)
        states += report.distinctStates
        violations += report.violationCount
    }
    print("\(states) distinct states, \(violations) violations")
    return violations
}

/// - Returns: how many faults led to an illegal state.
func sweepFaults(_ options: Options) throws -> Int {
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
    }
    return violations
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
        usage: crash-test [--pairs] [--short] [--samples N] [--second-crash N] [--states N]
                          [--seed N] [NAME…]
               crash-test --faults [NAME…]
               crash-test --interleavings [NAME…]
        """)
    exit(64)
}
let violations =
    if options.interleaves {
        try interleave(options)
    } else if options.sweepsFaults {
        try sweepFaults(options)
    } else {
        try await cutPower(options)
    }
exit(violations == 0 ? 0 : 1)
