private import Dispatch
internal import StoreFiles
internal import Synchronization

/// Lets one participant at a time go on, and changes from one to the next where a schedule says
/// so. The participants run on threads of their own and wait in their calls.
final class Stepper: Sendable {
    private struct State: Sendable {
        var current: Int
        /// How many steps the participants make in turn; after the last of these numbers each goes
        /// on to its end.
        var turns: ArraySlice<Int>
        var stepsInTurn = 0
        var steps = 0
        var isDone: [Bool]
    }

    private let state: Mutex<State>
    private let wakeUps: [DispatchSemaphore]
    private let end = DispatchSemaphore(value: 0)
    private let kinds: Set<SystemCallKind>
    private let maximumSteps: Int

    init(
        participants: Int, first: Int, turns: [Int], at kinds: Set<SystemCallKind>,
        maximumSteps: Int
    ) {
        state = Mutex(
            State(
                current: first, turns: turns[...],
                isDone: Array(repeating: false, count: participants)))
        wakeUps = (0..<participants).map { _ in DispatchSemaphore(value: 0) }
        self.kinds = kinds
        self.maximumSteps = maximumSteps
    }

    /// How many steps were made since the last change that the schedule asked for.
    var stepsInLastTurn: Int { state.withLock { $0.stepsInTurn } }
    var isOverrun: Bool { state.withLock { $0.steps > maximumSteps } }

    /// Runs the participants and returns when all have ended.
    func run(_ bodies: [@Sendable () -> Void]) {
        for (index, body) in bodies.enumerated() {
            DispatchQueue.global().async {
                self.wakeUps[index].wait()
                body()
                self.finish(index)
            }
        }
        wakeUps[state.withLock { $0.current }].signal()
        end.wait()
    }

    /// Before a call of a participant whose turn it is.
    func enter(_ participant: Int, _ kind: SystemCallKind) throws(Errno) {
        guard kinds.contains(kind) else { return }
        let next = try state.withLock { state throws(Errno) in
            // Somebody waits for ever for somebody: end it all.
            if state.steps > maximumSteps { throw .killed }
            if let turn = state.turns.first, state.stepsInTurn >= turn {
                state.turns.removeFirst()
                state.stepsInTurn = 0
                state.current = Self.next(after: participant, state.isDone)
            }
            return state.current
        }
        change(from: participant, to: next)
        state.withLock { state in
            state.steps += 1
            // Where only one is left there is nobody to change to.
            if state.isDone.count(where: { !$0 }) > 1 { state.stepsInTurn += 1 }
        }
    }

    /// A participant has slept: the next one goes on, and the schedule as well.
    func pause(_ participant: Int) {
        let next = state.withLock { state in
            state.current = Self.next(after: participant, state.isDone)
            return state.current
        }
        change(from: participant, to: next)
    }

    private func finish(_ participant: Int) {
        let next: Int? = state.withLock { state in
            state.isDone[participant] = true
            if state.isDone.allSatisfy({ $0 }) { return nil }
            state.current = Self.next(after: participant, state.isDone)
            return state.current
        }
        if let next { wakeUps[next].signal() } else { end.signal() }
    }

    private func change(from participant: Int, to next: Int) {
        if next == participant { return }
        wakeUps[next].signal()
        wakeUps[participant].wait()
    }

    private static func next(after participant: Int, _ isDone: [Bool]) -> Int {
        var next = participant
        repeat { next = (next + 1) % isDone.count } while isDone[next] && next != participant
        return next
    }
}

/// The gate of one participant.
struct SteppedGate: CallGate {
    let stepper: Stepper
    let participant: Int

    func enter(_ kind: SystemCallKind) throws(Errno) { try stepper.enter(participant, kind) }
    func pause() { stepper.pause(participant) }
}
