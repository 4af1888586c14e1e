import CanIFlyStore
import StoreFiles
import StoreTestSupport
import Testing

/// While a transaction that asks for it replaces documents, `.lock` has a line that is no number
/// first: the application cannot start on half of it, even if the writer dies.
@Suite("The fence")
struct FenceTests {
    private static let documents = ["a.json": "1", "b.json": "2", "c.json": "3"]

    /// - Parameter isKnown: whether a command of ours has ever written there.
    private func machine(isKnown: Bool) throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        disk.placeDirectory(at: "/store", mode: .privateDirectory)
        for (name, text) in Self.documents {
            disk.place(Array(text.utf8), at: "/store/\(name)", mode: FileMode(0o644))
        }
        guard isKnown else { return disk }
        let first = disk.process(90)
        _ = try Store.open(at: "/store", system: first).snapshot(
            WriteOptions(command: "snapshot"))
        first.endProcess()
        return disk
    }

    /// Replaces two documents, removes one and adds one, fenced.
    private func change(_ system: any SystemCalls) throws {
        var options = WriteOptions(command: "restore")
        options.raisesFence = true
        _ = try Store.open(at: "/store", system: system).transact(options) {
            builder throws(StoreError) in
            for name in ["a.json", "b.json", "d.json"] {
                try builder.put(
                    PutRequest(document: StorePath(unchecked: name), bytes: [0x39]))
            }
            try builder.delete(StorePath(unchecked: "c.json"))
        }
    }

    private func text(_ disk: SimulatedDisk, _ name: String) -> String? {
        disk.contents(at: "/store/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }

    /// How many of the four documents are as they will be.
    private func progress(_ disk: SimulatedDisk) -> Int {
        ["a.json": "9", "b.json": "9", "c.json": nil, "d.json": "9"]
            .count { text(disk, $0.key) == $0.value }
    }

    private func isFenced(_ disk: SimulatedDisk) -> Bool {
        guard let lock = text(disk, ".lock") else { return false }
        return !lock.prefix { $0 != "\n" }.allSatisfy(\.isNumber)
    }

    @Test(
        "stands wherever a writer that is killed leaves half of its documents replaced",
        arguments: [true, false])
    func killedAnywhere(isKnown: Bool) throws {
        let disk = try machine(isKnown: isKnown)
        let counting = FaultInjectingSystemCalls(wrapping: disk.copy().process(91))
        try change(counting)
        var halfDone = 0
        for call in 1...counting.callCount {
            let machine = disk.copy()
            let process = machine.process(91)
            let faulty = FaultInjectingSystemCalls(wrapping: process, [.kill(atCall: call)])
            // The last calls are about hints, and their errors of no account.
            do { try change(faulty) } catch {}
            process.endProcess()
            if (1...3).contains(progress(machine)) {
                halfDone += 1
                #expect(isFenced(machine), "killed at call \(call)")
            }
            let next = machine.process(92)
            try Store.open(at: "/store", system: next).recover()
            next.endProcess()
            #expect([0, 4].contains(progress(machine)), "killed at call \(call)")
            #expect(text(machine, ".lock") == nil, "killed at call \(call)")
        }
        #expect(halfDone >= 3)
    }

    /// Once it stayed where it had got its name and only the sync after that failed; and where the
    /// store had no history yet, recovery left it, and the application could not start any more.
    @Test(
        "is gone after success, and after a failure that took everything back",
        arguments: [true, false])
    func afterwards(isKnown: Bool) throws {
        let disk = try machine(isKnown: isKnown)
        let counting = FaultInjectingSystemCalls(wrapping: disk.copy().process(91))
        try change(counting)
        for call in 1...counting.callCount {
            let machine = disk.copy()
            let process = machine.process(91)
            let faulty = FaultInjectingSystemCalls(
                wrapping: process, [.fail(call: call, with: .inputOutput)])
            do { try change(faulty) } catch {}
            process.endProcess()
            // Whatever is not whole is fenced; a failed call that did no harm leaves no fence.
            if (1...3).contains(progress(machine)) {
                #expect(isFenced(machine), "call \(call) failed")
            } else if progress(machine) == 0 {
                #expect(!isFenced(machine), "call \(call) failed")
            }
            let next = machine.process(92)
            try Store.open(at: "/store", system: next).recover()
            #expect(text(machine, ".lock") == nil, "call \(call) failed")
            #expect([0, 4].contains(progress(machine)), "call \(call) failed")
        }
        let process = disk.process(91)
        try change(process)
        #expect(text(disk, ".lock") == nil && progress(disk) == 4)
    }
}
