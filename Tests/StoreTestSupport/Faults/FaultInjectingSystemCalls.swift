package import StoreFiles
internal import Synchronization

/// Any system calls, counted and traced, with some that fail, fall short, are left out, or are the
/// last one of the process.
///
/// A sweep runs once without a plan, takes `callCount`, and then runs with a fault at each call.
package final class FaultInjectingSystemCalls: Sendable {
    let wrapped: any SystemCalls
    let gate: (any CallGate)?
    let state: Mutex<State>

    struct State: Sendable {
        var plans: [FaultPlan]
        /// For each plan the calls that it counts.
        var counts: [Int]
        var calls: [TracedCall] = []
        var callCount = 0
        var keepsTrace: Bool
        var isKilled = false
        var paths: [Descriptor: String] = [:]
        var syncs: [TracedCall] = []
    }

    package init(
        wrapping wrapped: any SystemCalls, _ plans: [FaultPlan] = [], keepsTrace: Bool = false,
        gate: (any CallGate)? = nil
    ) {
        self.wrapped = wrapped
        self.gate = gate
        state = Mutex(
            State(
                plans: plans, counts: Array(repeating: 0, count: plans.count),
                keepsTrace: keepsTrace))
    }

    /// How many calls that can fail were made, the failed ones included.
    package var callCount: Int { state.withLock { $0.callCount } }
    /// Every call so far, where the trace is kept.
    package var trace: [TracedCall] { state.withLock { $0.calls } }
    /// Every sync so far, in order: number n is what `FaultPlan.skip(sync: n)` leaves out.
    package var syncs: [TracedCall] { state.withLock { $0.syncs } }
    package var isKilled: Bool { state.withLock { $0.isKilled } }

    /// The process is dead: its descriptors close, and with them its locks go.
    package func kill() {
        let descriptors = state.withLock { state in
            state.isKilled = true
            defer { state.paths = [:] }
            return state.paths.keys.sorted()
        }
        for descriptor in descriptors { try? wrapped.close(descriptor) }
    }

    // MARK: Faults

    struct Begun {
        var action: FaultPlan.Action?
        var ordinal: Int
    }

    /// Counts a call and tells what is to happen to it.
    func begin(
        _ kind: SystemCallKind, _ place: CallPlace
    ) throws(Errno) -> Begun {
        try gate?.enter(kind)
        return try state.withLock { state throws(Errno) in
            if state.isKilled { throw .killed }
            state.callCount += 1
            let isSync = SystemCallKind.syncs.contains(kind)
            if state.keepsTrace || isSync {
                let call = TracedCall(
                    ordinal: state.callCount, kind: kind, path: state.path(of: place))
                if state.keepsTrace { state.calls.append(call) }
                if isSync { state.syncs.append(call) }
            }
            var action: FaultPlan.Action?
            for (index, plan) in state.plans.enumerated() where plan.kinds.contains(kind) {
                state.counts[index] += 1
                let isHit =
                    plan.isLasting
                    ? state.counts[index] >= plan.ordinal : state.counts[index] == plan.ordinal
                if isHit && action == nil { action = plan.action }
            }
            return Begun(action: action, ordinal: state.callCount)
        }
    }

    /// Notes in the trace that a call failed.
    func note(_ error: Errno, _ begun: Begun) {
        state.withLock { state in
            if state.keepsTrace { state.calls[begun.ordinal - 1].error = error }
        }
    }

    /// A call that has no effect where it fails.
    func perform<Result>(
        _ kind: SystemCallKind, _ place: CallPlace,
        _ call: () throws(Errno) -> Result
    ) throws(Errno) -> Result {
        let begun = try begin(kind, place)
        do throws(Errno) {
            switch begun.action {
            case .fail(let error): throw error
            case .kill:
                kill()
                throw .killed
            default: return try call()
            }
        } catch {
            note(error, begun)
            throw error
        }
    }

    /// Remembers what a new descriptor stands for.
    func register(_ descriptor: Descriptor, _ place: CallPlace) -> Descriptor {
        state.withLock { $0.paths[descriptor] = $0.path(of: place) }
        return descriptor
    }
}

/// Decides when a call may go on.
package protocol CallGate: Sendable {
    /// Returns when the call may be made.
    func enter(_ kind: SystemCallKind) throws(Errno)
    /// The process has slept: others had their time.
    func pause()
}

/// What a call is about.
enum CallPlace {
    case absolute(String)
    case descriptor(Descriptor)
    case name(String, in: Descriptor)
}

extension FaultInjectingSystemCalls.State {
    fileprivate func path(of place: CallPlace) -> String {
        switch place {
        case .absolute(let path): path
        case .descriptor(let descriptor): paths[descriptor] ?? "#\(descriptor)"
        case .name(let name, let directory): path(of: .descriptor(directory)) + "/" + name
        }
    }
}
