/// What a judge says of a machine after a crash and recovery.
package enum Verdict: Sendable, Hashable {
    /// Nothing is wrong. `outcome` tells which of the allowed states it is, where the judge knows:
    /// what one recovery has decided, a crash after its end must not change.
    case legal(outcome: Int? = nil)
    case illegal(String)

    /// The verdict where an earlier recovery came to its end with an outcome.
    func after(decision: Int?) -> Verdict {
        guard case .legal(let outcome?) = self, let decision, decision != outcome else {
            return self
        }
        return .illegal("recovery decided for outcome \(decision), after a crash it is \(outcome)")
    }
}

/// A program to be tried under crashes. The closures run many times, on copies, on several
/// threads, and have to do the same each time.
package struct CrashScenario: Sendable {
    package var name: String
    /// The machine before the workload, with a settled disk.
    package var initial: SimulatedDisk
    /// Works on the machine and calls `acknowledge` after each transaction that the world was told
    /// is done. What it throws ends the exploration: the test itself is wrong.
    package var workload: @Sendable (SimulatedDisk) throws -> Void
    /// What is run first after a crash. What it throws is a violation.
    package var recover: @Sendable (SimulatedDisk) throws -> Void
    /// Looks at the machine after recovery, knowing how many transactions were acknowledged; it
    /// may run further commands. What it throws is a violation.
    package var judge: @Sendable (SimulatedDisk, _ acknowledged: Int) throws -> Verdict

    /// Stands for what is demanded after so many acknowledgements, and after a recovery that came to
    /// its end with an outcome. Scenarios that share a ledger must mean the same by the same.
    package var demands: @Sendable (_ acknowledged: Int, _ outcome: Int?) -> Hash128 = {
        Hash128(tag: 30, UInt64($0), UInt64($1.map { $0 + 1 } ?? 0))
    }
    /// Stands for all of a machine that the judge's verdict can depend on, so that it need not look
    /// at two alike. Nil where it is to look at each.
    package var sight: (@Sendable (SimulatedDisk) -> Hash128)?

    package init(
        _ name: String, initial: SimulatedDisk,
        workload: @escaping @Sendable (SimulatedDisk) throws -> Void,
        recover: @escaping @Sendable (SimulatedDisk) throws -> Void = { _ in },
        judge: @escaping @Sendable (SimulatedDisk, _ acknowledged: Int) throws -> Verdict
    ) {
        self.name = name
        self.initial = initial
        self.workload = workload
        self.recover = recover
        self.judge = judge
    }
}

/// A crash, or two, after which the judge found something wrong.
package struct CrashViolation: Sendable, Hashable, CustomStringConvertible {
    /// The crashes that led to it, first to last.
    package var crashes: [CrashReplay]
    /// Where they were and what the registers took, line by line.
    package var story: [String]
    package var acknowledged: Int
    package var message: String

    package var description: String {
        let replay = crashes.map(\.description).joined(separator: " then ")
        let lines = story.map { "\n    " + $0 }.joined()
        return "\(message)\n  after \(acknowledged) acknowledged; replay: \(replay)\(lines)"
    }
}

/// What an exploration found.
package struct CrashReport: Sendable, CustomStringConvertible {
    package var name: String
    package var cutPoints = 0
    /// Distinct states after the first crash that recovery was run on.
    package var statesAfterOneCrash = 0
    /// Distinct states after a crash of the recovery.
    package var statesAfterTwoCrashes = 0
    /// Choices that led to a state already tried, by this exploration or another one with the same
    /// ledger.
    package var repeatedStates = 0
    package var violationCount = 0
    /// The first ones.
    package var violations: [CrashViolation] = []

    package var distinctStates: Int { statesAfterOneCrash + statesAfterTwoCrashes }

    package var description: String {
        var text =
            "\(name): \(cutPoints) cut points, \(statesAfterOneCrash) states after one crash, "
            + "\(statesAfterTwoCrashes) after two, \(violationCount) violations"
        for violation in violations { text += "\n- \(violation)" }
        return text
    }
}
