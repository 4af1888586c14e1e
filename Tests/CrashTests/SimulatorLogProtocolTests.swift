import StoreFiles
import StoreTestSupport
import Testing

/// A small transaction log with redo, of the kind that the store has: every crash of it, and of
/// its recovery, leaves all or nothing, and no sync of it can be left out.
@Suite struct SimulatorLogProtocolTests {
    private static let names = ["first", "second", "third"]

    private static func contents(_ generation: UInt8, _ index: Int) -> [UInt8] {
        letters(300 + 300 * index, from: UInt8(ascii: "A") + generation * 3 + UInt8(index))
    }

    /// All documents of one generation.
    private static func documents(_ generation: UInt8) -> [[UInt8]] {
        names.indices.map { contents(generation, $0) }
    }

    private static let applicationsOwn = letters(40, from: UInt8(ascii: "n"))

    private static func initialDisk() -> SimulatedDisk {
        let disk = SimulatedDisk()
        for (name, bytes) in zip(names, documents(0)) { disk.place(bytes, at: "/store/\(name)") }
        disk.place([], at: "/store/log")
        return disk
    }

    // MARK: The protocol

    /// Length, checksum, and the documents, each with its length.
    private static func record(_ documents: [[UInt8]]) -> [UInt8] {
        let payload = documents.flatMap { bytes(of: UInt64($0.count)) + $0 }
        return bytes(of: UInt64(payload.count)) + bytes(of: checksum(payload[...])) + payload
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// The documents in a log; nil for a torn one.
    private static func parse(_ log: [UInt8]) -> [[UInt8]]? {
        guard log.count >= 16, number(log[0...]) == UInt64(log.count - 16),
            number(log[8...]) == checksum(log[16...])
        else { return nil }
        var rest = log[16...]
        var documents: [[UInt8]] = []
        while !rest.isEmpty {
            let count = Int(number(rest))
            documents.append(Array(rest.dropFirst(8).prefix(count)))
            rest = rest.dropFirst(8 + count)
        }
        return documents
    }

    private static func commit(_ documents: [[UInt8]], _ system: any SystemCalls) throws {
        let store = try system.openDirectory(at: "/store")
        let log = try system.open("log", in: store, [.read, .write], mode: .privateFile)
        try system.writeAll(record(documents), to: log)
        try system.synchronizeData(log)
        try apply(documents, in: store, log, system)
        try system.close(log)
        try system.close(store)
    }

    private static func apply(
        _ documents: [[UInt8]], in store: Descriptor, _ log: Descriptor, _ system: any SystemCalls
    ) throws {
        for (name, bytes) in zip(names, documents) {
            try system.replaceFile(name, in: store, bytes)
        }
        try system.synchronize(store)
        try reset(log, system)
    }

    private static func reset(_ log: Descriptor, _ system: any SystemCalls) throws {
        try system.truncate(log, to: 0)
        try system.synchronizeData(log)
    }

    private static func recover(_ system: any SystemCalls) throws {
        let store = try system.openDirectory(at: "/store")
        let log = try system.open("log", in: store, [.read, .write], mode: .privateFile)
        let bytes = try system.readWhole(log, limitBytes: 1 << 20)
        if let documents = parse(bytes) {
            try apply(documents, in: store, log, system)
        } else if !bytes.isEmpty {
            try reset(log, system)
        }
    }

    /// The application saves one document, well.
    private static func saveAsApplication(_ system: any SystemCalls) throws {
        let store = try system.openDirectory(at: "/store")
        try system.replaceFile(names[0], in: store, applicationsOwn)
        try system.synchronize(store)
        try system.close(store)
    }

    private static func judge(_ disk: SimulatedDisk, _ acknowledged: Int) -> Verdict {
        let found = names.map { disk.contents(at: "/store/\($0)") ?? [] }
        var saved = documents(1)
        saved[0] = applicationsOwn
        let states = [documents(0), documents(1), saved]
        for state in acknowledged...min(2, acknowledged + 1) where found == states[state] {
            return .legal(outcome: state)
        }
        return .illegal("sizes \(found.map(\.count))")
    }

    private static func explorer(withoutSync skipped: Int? = nil) -> CrashExplorer {
        let plans = skipped.map { [FaultPlan.skip(sync: $0)] } ?? []
        return CrashExplorer(
            CrashScenario(
                "log", initial: initialDisk(),
                workload: { disk in
                    try commit(documents(1), FaultInjectingSystemCalls(wrapping: disk, plans))
                    disk.acknowledge()
                    try saveAsApplication(disk)
                    disk.acknowledge()
                },
                recover: recover, judge: judge))
    }

    // MARK: Tests

    @Test("every crash of a transaction and of its recovery leaves all or nothing")
    func allOrNothing() async throws {
        var explorer = Self.explorer()
        explorer.budget.samples = 200
        explorer.budgetOfSecondCrash = CrashBudget(
            exhaustiveCombinations: 16, pairs: 8, samples: 2)
        let report = try await explorer.explore()
        #expect(report.violationCount == 0, "\(report)")
        #expect(report.statesAfterOneCrash > 500)
        #expect(report.statesAfterTwoCrashes > 1_000)
    }

    @Test(
        "no sync of the transaction can be left out: log, each document, directory, reset",
        arguments: 1...6)
    func everySyncIsNeeded(_ sync: Int) async throws {
        var explorer = Self.explorer(withoutSync: sync)
        explorer.violationsWanted = 1
        explorer.budgetOfSecondCrash = nil
        let report = try await explorer.explore()
        #expect(report.violationCount > 0)
    }
}
