internal import Synchronization

/// A machine with a disk that loses power: the persistence model of docs/durability.md in memory.
///
/// It behaves to its processes like a POSIX file system, and keeps apart what they see from what
/// a crash would leave. Each value of this class is one process's view; `process(_:)` gives the
/// view of another process on the same machine. Nothing in it is random but what its seed says,
/// so that the same calls lead to the same states.
///
/// The registers are S(inode, sector), Z(inode) the size, A(inode) mode, owner and attributes,
/// and E(directory, name) the entry. Each has a durable floor and pending versions; syncs raise
/// floors. File times are not registers: they are the visible ones where a register of the file
/// takes a pending version, else those of the last sync.
package final class SimulatedDisk: Sendable {
    let machine: SimulatedMachine
    package let processIdentifier: Int32

    /// A machine with an empty disk and one process.
    package convenience init(_ configuration: SimulatedDiskConfiguration = .init()) {
        self.init(
            SimulatedMachine(DiskState(configuration: configuration)),
            process: configuration.processIdentifier)
    }

    init(_ machine: SimulatedMachine, process: Int32) {
        self.machine = machine
        processIdentifier = process
    }

    /// Another process on the same machine, with descriptors and locks of its own.
    package func process(_ identifier: Int32) -> SimulatedDisk {
        change { $0.startProcess(identifier) }
        return SimulatedDisk(machine, process: identifier)
    }

    /// Ends this process as a kill does: its descriptors close, its locks go, its number is free.
    package func endProcess() {
        change { $0.endProcess(processIdentifier) }
    }

    /// Lets a process of another user live on the machine: `kill` says EPERM.
    package func startForeignProcess(_ identifier: Int32) {
        change { $0.startProcess(identifier, liveness: .notPermitted) }
    }

    /// An independent machine in the same state, with this process alone and nothing open.
    package func copy() -> SimulatedDisk {
        var state = machine.snapshot()
        for process in state.processes { state.endProcess(process.identifier) }
        state.startProcess(processIdentifier)
        return SimulatedDisk(SimulatedMachine(state), process: processIdentifier)
    }

    /// Moves the wall clock; the monotonic one goes on as it did.
    package func jumpClock(bySeconds seconds: Int64) {
        change { state in
            let nanoseconds = seconds * 1_000_000_000
            state.clockNanoseconds = UInt64(Int64(state.clockNanoseconds) + nanoseconds)
            state.bootNanoseconds = UInt64(Int64(state.bootNanoseconds) + nanoseconds)
        }
    }

    /// How many descriptors this process has open.
    package var openDescriptorCount: Int {
        look { state in state.openFiles.count { $0?.process == processIdentifier } }
    }

    func look<Result: Sendable, Failure: Error>(
        _ body: (borrowing DiskState) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try machine.core.withLock { core throws(Failure) in try body(core.state) }
    }

    func change<Result: Sendable, Failure: Error>(
        _ body: (inout DiskState) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try machine.core.withLock { core throws(Failure) in try body(&core.state) }
    }
}

/// What all processes of a machine share.
final class SimulatedMachine: Sendable {
    struct Core: Sendable {
        var state: DiskState
        var recordsCutPoints = false
        var cutPoints: [CutPoint] = []
    }

    let core: Mutex<Core>

    init(_ state: DiskState) { core = Mutex(Core(state: state)) }

    func snapshot() -> DiskState { core.withLock { $0.state } }
}
