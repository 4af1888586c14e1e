import CanIFlyStore
import StoreFiles
import StoreTestSupport
import Testing

/// A store with damage to documents, the profile, the catalog and `.lock`, and a repair of it that
/// fails, or dies, at each of its system calls: nothing is lost, and the next repair goes on.
@Suite("A repair that is interrupted")
struct RepairFaultTests {
    private static let flipped = ["a.json", ".canifly-store/profile.json"]

    /// - Returns: the machine, and what the documents are to be.
    private static func makeMachine(
        damagesCatalog: Bool
    ) throws -> (damaged: SimulatedDisk, whole: [TreeEntry]) {
        let store = try FormStore(["a.json": "[1, 2, 3]", "b.json": "2", "c.json": "3"])
        _ = try store.store.initialize(
            profile: .named("generic"), WriteOptions(command: "init"))
        _ = try store.store.snapshot(WriteOptions(command: "snapshot"))
        try store.put("c.json", "30")
        store.disk.settle()
        let whole = StoreWorkload.documents(on: store.disk)
        var names = flipped
        if damagesCatalog { names.append(".canifly-store/catalog") }
        for name in names {
            var bytes = try #require(store.bytes(name))
            bytes[bytes.count * 3 / 4] ^= 0x10
            store.disk.place(bytes, at: "/store/\(name)", mode: .privateFile)
        }
        let folder = OwnedDescriptor(try store.system.openDirectory(at: "/store"), store.system)
        try store.system.unlink("b.json", in: folder.descriptor)
        try folder.close()
        store.disk.place([], at: "/store/.lock", mode: .privateFile)
        store.disk.jumpClock(bySeconds: 3600)
        store.system.endProcess()
        store.disk.settle()
        return (store.disk, whole)
    }

    private static func repair(_ system: any SystemCalls) throws -> RepairReport {
        try Store.open(at: "/store", system: system).repair(
            RepairRequest(), WriteOptions(command: "repair"))
    }

    /// By content: modes of what was missing come from the record.
    private static func contents(_ machine: SimulatedDisk) -> [[UInt8]: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: StoreWorkload.documents(on: machine).map { ($0.path, $0.bytes) })
    }

    @Test("loses nothing and is finished by the next one", arguments: [false, true])
    func everyCall(damagesCatalog: Bool) throws {
        let (machine, whole) = try Self.makeMachine(damagesCatalog: damagesCatalog)
        let expected = Dictionary(uniqueKeysWithValues: whole.map { ($0.path, $0.bytes) })
        let damaged = try Self.flipped.map { try #require(machine.contents(at: "/store/\($0)")) }
        let calm = FaultInjectingSystemCalls(wrapping: machine.copy(), keepsTrace: true)
        #expect(try Self.repair(calm).remaining.isEmpty)

        var complaints: [String] = []
        for call in calm.trace {
            let plans: [(String, FaultPlan)] = [
                ("EIO", .fail(call: call.ordinal, with: .inputOutput)),
                ("no space from", .fail(call: call.ordinal, with: .noSpace, forGood: true)),
                ("killed", .kill(atCall: call.ordinal)),
            ]
            for (name, plan) in plans {
                let copy = machine.copy()
                let calls = FaultInjectingSystemCalls(wrapping: copy, [plan])
                do {
                    _ = try Self.repair(calls)
                } catch let error as StoreError {
                    if error.kind == .internalError {
                        complaints.append("\(name) at \(call): \(error)")
                    }
                }
                copy.endProcess()
                // What was damaged is where it was, or in quarantine, and put right.
                let now = Self.contents(copy)
                for (path, bytes) in now
                where bytes != expected[path] && !damaged.contains(bytes) {
                    complaints.append("\(name) at \(call): \(path) is neither")
                }
                let next = copy.process(5_001)
                let report = try Self.repair(next)
                next.endProcess()
                if Self.contents(copy) != expected || !report.errors.isEmpty {
                    complaints.append("\(name) at \(call): then \(report)")
                }
                let files = copy.tree(at: "/store").map(\.bytes)
                if !damaged.allSatisfy({ files.contains($0) }) {
                    complaints.append("\(name) at \(call): damaged bytes are gone")
                }
            }
        }
        #expect(complaints.isEmpty, "\(complaints.count): \(complaints.prefix(4))")
    }
}
