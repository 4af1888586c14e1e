import CanIFlyStore
import StoreFiles
import StoreTestSupport
import Testing

/// Every system call of a series of transactions fails, once and for good, and the process dies at
/// every one: what was acknowledged is there after the next command, and at most one transaction more.
@Suite struct SeriesFaultTests {
    @Test("every call of a series may fail", arguments: StoreWorkload.series)
    func everyCallFails(_ workload: StoreWorkload) throws {
        let initial = try workload.initialMachine()
        let moments = try workload.moments(from: initial)
        let atOnce = try #require(workload.atOnce)
        let counting = FaultInjectingSystemCalls(wrapping: initial.copy())
        try atOnce(counting) {}
        #expect(counting.callCount > 50)
        var refused = 0
        for call in 1...counting.callCount {
            for plan in [
                FaultPlan.fail(call: call, with: .inputOutput),
                .fail(call: call, with: .noSpace, forGood: true), .kill(atCall: call),
            ] {
                let machine = initial.copy()
                let calls = FaultInjectingSystemCalls(wrapping: machine, [plan])
                var acknowledged = 0
                do {
                    try atOnce(calls) { acknowledged += 1 }
                } catch let error as StoreError {
                    refused += 1
                    #expect(error.kind != .internalError && !error.message.contains("\n"))
                }
                machine.endProcess()
                let next = machine.process(5_001)
                try workload.recover(on: next, acknowledged: acknowledged)
                next.endProcess()
                let verdict = try workload.judge(
                    machine.process(5_002), acknowledged: acknowledged, states: moments)
                if case .illegal(let reason) = verdict {
                    Issue.record("\(plan), \(acknowledged) acknowledged: \(reason)")
                }
            }
        }
        #expect(refused > counting.callCount)
    }
}
