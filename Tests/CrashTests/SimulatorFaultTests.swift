import StoreFiles
import StoreTestSupport
import Testing

/// The wrapper that makes calls fail does so at the right call and nowhere else.
@Suite struct SimulatorFaultTests {
    private let disk = SimulatedDisk()

    init() throws { disk.place(letters(5), at: "/store/a") }

    private func replace(_ system: any SystemCalls) throws {
        let store = try system.openDirectory(at: "/store")
        try system.replaceFile("a", in: store, letters(900))
        try system.synchronize(store)
        try system.close(store)
    }

    private func callCount() throws -> Int {
        let counting = FaultInjectingSystemCalls(wrapping: disk.copy())
        try replace(counting)
        return counting.callCount
    }

    @Test("each call can be the last one, and none after it has an effect")
    func killAtEachCall() throws {
        let count = try callCount()
        #expect(count == 9)
        for ordinal in 1...count {
            let machine = disk.copy()
            let faulty = FaultInjectingSystemCalls(
                wrapping: machine, [.kill(atCall: ordinal)], keepsTrace: true)
            #expect(throws: Errno.killed) { try replace(faulty) }
            #expect(faulty.isKilled)
            #expect(faulty.callCount == ordinal)
            #expect(faulty.trace.last?.error == .killed)
            #expect(machine.openDescriptorCount == 0)
            let tree = machine.tree(at: "/store")
            let isReplaced = tree.count == 1 && tree[0].bytes == letters(900)
            // Calls 8 and 9 sync and close the directory; the rename before them is seen.
            #expect(isReplaced == (ordinal >= 8))
            #expect(throws: Errno.killed) { try faulty.openDirectory(at: "/store") }
        }
    }

    @Test("a killed process may have written a part")
    func killWithinAWrite() throws {
        let faulty = FaultInjectingSystemCalls(
            wrapping: disk, [.kill(atCall: 1, of: [.write], bytesWritten: 100)])
        #expect(throws: Errno.killed) { try replace(faulty) }
        #expect(disk.contents(at: "/store/temporary") == letters(100))
    }

    @Test("a call fails once, or for good")
    func failures() throws {
        let once = FaultInjectingSystemCalls(
            wrapping: disk, [.fail(call: 2, of: [.open], with: .tooManyOpenFiles)])
        let store = try once.openDirectory(at: "/store")
        _ = try once.open("a", in: store, [.read], mode: .privateFile)
        #expect(throws: Errno.tooManyOpenFiles) {
            try once.open("a", in: store, [.read], mode: .privateFile)
        }
        _ = try once.open("a", in: store, [.read], mode: .privateFile)

        let forGood = FaultInjectingSystemCalls(
            wrapping: disk, [.fail(call: 2, with: .noSpace, forGood: true)])
        let folder = try forGood.openDirectory(at: "/store")
        for _ in 0..<3 {
            #expect(throws: Errno.noSpace) { try forGood.unlink("a", in: folder) }
        }
        #expect(disk.contents(at: "/store/a") == letters(5))
    }

    @Test("a close that fails has closed")
    func failedClose() throws {
        let faulty = FaultInjectingSystemCalls(
            wrapping: disk, [.fail(call: 1, of: [.close], with: .inputOutput)])
        let store = try faulty.openDirectory(at: "/store")
        #expect(throws: Errno.inputOutput) { try faulty.close(store) }
        #expect(disk.openDescriptorCount == 0)
    }

    @Test("short reads and writes are what programs must be ready for")
    func shortTransfers() throws {
        let faulty = FaultInjectingSystemCalls(
            wrapping: disk, [.shorten([.read, .write], toBytes: 7)])
        try replace(faulty)
        let store = try faulty.openDirectory(at: "/store")
        #expect(try faulty.readFile("a", in: store) == letters(900))
        #expect(faulty.callCount > 2 * 900 / 7)
    }

    @Test("a trace tells calls, paths and failures")
    func trace() throws {
        let faulty = FaultInjectingSystemCalls(
            wrapping: disk, [.fail(call: 1, of: [.rename], with: .noSpace)], keepsTrace: true)
        #expect(throws: Errno.noSpace) { try replace(faulty) }
        let lines = faulty.trace.map(\.description)
        #expect(lines.contains("5 synchronize /store/temporary"))
        #expect(lines.last?.hasPrefix("7 rename /store/a failed") == true)
    }

    @Test("a sync that is left out seems to succeed, and changes nothing")
    func skippedSync() throws {
        let faulty = FaultInjectingSystemCalls(wrapping: disk, [.skip(sync: 2)])
        try replace(faulty)
        let found = Set(disk.machinesAfterCrash().map { $0.contents(at: "/store/a") })
        #expect(found == [letters(5), letters(900)])
    }
}
