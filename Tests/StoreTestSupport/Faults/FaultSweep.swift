import CanIFlyStore
import StoreFiles

/// One command, with a fault at each of its system calls in turn: the store must be before or after
/// it, the error a clear one, and the next command must work.
package struct FaultSweep {
    package let workload: StoreWorkload
    private let command: StoreWorkload.Step
    private let initial: SimulatedDisk
    private let moments: [StoreWorkload.Moment]
    /// Every call that the command makes where nothing fails.
    package let calls: [TracedCall]

    /// What was wrong after a fault.
    package struct Complaint: Sendable, CustomStringConvertible {
        /// The call at which the faults began.
        package var call: TracedCall
        package var message: String
        package var description: String { "call \(call): \(message)" }
    }

    /// Of one command each, so that there is one before and one after.
    package static let workloads = StoreWorkload.all.compactMap(\.lastCommand)

    /// - Precondition: the workload is one command.
    package init(_ workload: StoreWorkload) throws {
        precondition(workload.steps.count == 1, "one command has one before and one after")
        self.workload = workload
        command = workload.steps[0]
        initial = try workload.initialMachine()
        moments = try workload.moments(from: initial)
        let calls = FaultInjectingSystemCalls(wrapping: initial.copy(), keepsTrace: true)
        try command.run(calls)
        self.calls = calls.trace
    }

    /// What is wrong after faults that begin at each call.
    package func complaints(_ plan: (_ call: Int) -> FaultPlan) throws -> [Complaint] {
        try calls.compactMap { call in
            try complaint(plan(call.ordinal)).map { Complaint(call: call, message: $0) }
        }
    }

    /// Runs the command under a plan, then looks at the machine with a process without faults.
    private func complaint(_ plan: FaultPlan) throws -> String? {
        let machine = initial.copy()
        let calls = FaultInjectingSystemCalls(wrapping: machine, [plan])
        var acknowledged = 0
        var failure = "no error"
        do {
            try command.run(calls)
            acknowledged = 1
        } catch let error as StoreError {
            failure = error.message
            if error.kind == .internalError || error.message.contains("\n") {
                return "an unclear error: \(error)"
            }
        } catch {
            return "not the store's error: \(error)"
        }
        if calls.isKilled { acknowledged = 0 }
        machine.endProcess()
        let next = machine.process(5_001)
        do {
            try workload.recover(on: next, acknowledged: acknowledged)
        } catch {
            return "the next command fails: \(error)"
        }
        next.endProcess()
        let verdict = try workload.judge(
            machine.process(5_002), acknowledged: acknowledged, states: moments)
        guard case .illegal(let reason) = verdict else { return nil }
        return "after “\(failure)”: \(reason)"
    }
}
