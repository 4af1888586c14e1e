package import StoreFiles
internal import Synchronization

/// Programs that run at the same time on one machine.
package struct InterleavingScenario: Sendable {
    package var name: String
    /// The machine before.
    package var initial: SimulatedDisk
    /// Each runs as a process of its own, which ends with it.
    package var participants: [@Sendable (any SystemCalls) throws -> Void]
    /// Looks at the machine when all have ended. The texts tell with what each failed.
    package var judge: @Sendable (SimulatedDisk, _ failures: [String?]) throws -> Verdict

    package init(
        _ name: String, initial: SimulatedDisk,
        participants: [@Sendable (any SystemCalls) throws -> Void],
        judge: @escaping @Sendable (SimulatedDisk, _ failures: [String?]) throws -> Verdict
    ) {
        self.name = name
        self.initial = initial
        self.participants = participants
        self.judge = judge
    }
}

/// Who goes first and how many calls the participants make in turn; then each goes on to its end.
package struct InterleavingSchedule: Sendable, Hashable, CustomStringConvertible {
    package var first: Int
    package var turns: [Int]

    package init(first: Int, turns: [Int]) {
        self.first = first
        self.turns = turns
    }

    package var description: String { "first \(first), turns \(turns)" }
}

package struct InterleavingReport: Sendable, CustomStringConvertible {
    package var name: String
    package var schedules = 0
    package var violations: [(schedule: InterleavingSchedule, message: String)] = []

    package var description: String {
        let lines = violations.map { "\n- \($0.schedule): \($0.message)" }.joined()
        return "\(name): \(schedules) schedules, \(violations.count) violations\(lines)"
    }
}

/// Runs a scenario under every schedule with so many changes from one participant to the next.
/// A participant that sleeps lets the next one go on, which is not counted.
package struct InterleavingExplorer: Sendable {
    package var scenario: InterleavingScenario
    /// Two find most of what there is to find.
    package var changes = 2
    /// Where changes are tried. Between calls that only look at a file that nobody else has, a
    /// change makes no difference.
    package var kinds = SystemCallKind.all.subtracting([.close, .fileSystemType])
    package var violationsWanted = 5
    package var maximumSteps = 100_000

    package init(_ scenario: InterleavingScenario) { self.scenario = scenario }

    package func explore() -> InterleavingReport {
        var report = InterleavingReport(name: scenario.name)
        for first in scenario.participants.indices {
            explore(InterleavingSchedule(first: first, turns: []), &report)
        }
        return report
    }

    private func explore(_ schedule: InterleavingSchedule, _ report: inout InterleavingReport) {
        if report.violations.count >= violationsWanted { return }
        let (verdict, stepsInLastTurn) = run(schedule)
        report.schedules += 1
        if case .illegal(let message) = verdict { report.violations.append((schedule, message)) }
        if schedule.turns.count == changes { return }
        for turn in stride(from: 1, to: stepsInLastTurn, by: 1) {
            explore(
                InterleavingSchedule(first: schedule.first, turns: schedule.turns + [turn]), &report
            )
        }
    }

    /// Runs one schedule again.
    package func replay(_ schedule: InterleavingSchedule) -> Verdict { run(schedule).verdict }

    private func run(
        _ schedule: InterleavingSchedule
    ) -> (verdict: Verdict, stepsInLastTurn: Int) {
        let machine = scenario.initial.copy()
        let stepper = Stepper(
            participants: scenario.participants.count, first: schedule.first,
            turns: schedule.turns, at: kinds, maximumSteps: maximumSteps)
        let failures = Failures(count: scenario.participants.count)
        stepper.run(
            scenario.participants.enumerated().map { index, participant in
                {
                    let process = machine.process(machine.processIdentifier + 1 + Int32(index))
                    let gate = SteppedGate(stepper: stepper, participant: index)
                    do {
                        try participant(FaultInjectingSystemCalls(wrapping: process, gate: gate))
                    } catch {
                        failures.texts.withLock { $0[index] = "\(error)" }
                    }
                    process.endProcess()
                }
            })
        if stepper.isOverrun { return (.illegal("it does not end"), 0) }
        let told = failures.texts.withLock { $0 }
        do {
            return (try scenario.judge(machine, told), stepper.stepsInLastTurn)
        } catch {
            return (.illegal("the judge failed: \(error)"), stepper.stepsInLastTurn)
        }
    }

    /// With what each participant failed.
    private final class Failures: Sendable {
        let texts: Mutex<[String?]>
        init(count: Int) { texts = Mutex(Array(repeating: nil, count: count)) }
    }
}
