// Tries the store's commands under simulated power loss, for as long as it is given:
//
//     crash-test [--short] [--samples N] [--second-crash N] [--seed N] [NAME…]
//
// NAME is a part of a workload's name; without one all are tried. --short is what the tests do. It
// prints a line for each workload and
// ends with 1 if any state is illegal.

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
}

func parse(_ arguments: [String]) -> Options? {
    var options = Options()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
        switch argument {
        case "--short":
            options.budget = .short
            options.secondBudget = .shortSecond
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

guard let options = parse(Array(CommandLine.arguments.dropFirst())) else {
    print("usage: crash-test [--short] [--samples N] [--second-crash N] [--seed N] [NAME…]")
    exit(64)
}
var states = 0
var violations = 0
for workload in StoreWorkload.all
where options.names.isEmpty || options.names.contains(where: { workload.name.contains($0) }) {
    var explorer = CrashExplorer(try workload.scenario())
    explorer.seed = options.seed
    explorer.budget = options.budget
    explorer.budgetOfSecondCrash = options.secondBudget
    let report = try await explorer.explore()
    print(report)
    states += report.distinctStates
    violations += report.violationCount
}
print("\(states) distinct states, \(violations) violations")
exit(violations == 0 ? 0 : 1)
