import StoreFiles
import StoreTestSupport
import Testing

/// A log whose records are told by their first byte alone takes an earlier generation's sectors
/// for its own; one with a checksum that knows its generation does not.
@Suite struct SimulatorStaleSectorTests {
    private static let recordBytes = 256

    /// `R`, the generation, a number, a checksum over these, and filler.
    private static func record(_ generation: UInt8, _ number: UInt8) -> [UInt8] {
        let head = [UInt8(ascii: "R"), generation, number]
        return head + [checksum(head)] + letters(recordBytes - 4)
    }

    private static func checksum(_ head: some Sequence<UInt8>) -> UInt8 {
        head.reduce(17) { ($0 &* 31) ^ $1 }
    }

    private static func records(in log: [UInt8], generation: UInt8?) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var rest = log[...]
        while rest.count >= recordBytes {
            let record = Array(rest.prefix(recordBytes))
            guard record[0] == UInt8(ascii: "R") else { break }
            if let generation {
                guard record[1] == generation, record[3] == checksum(record[..<3]),
                    Array(record[4...]) == letters(recordBytes - 4)
                else { break }
            }
            found.append(record)
            rest = rest.dropFirst(recordBytes)
        }
        return found
    }

    private static func explore(checksums: Bool) async throws -> CrashReport {
        let disk = SimulatedDisk()
        disk.place([], at: "/store/log")
        return try await CrashExplorer(
            CrashScenario(
                checksums ? "log with checksums" : "log without checksums", initial: disk,
                workload: { disk in
                    let store = try disk.openDirectory(at: "/store")
                    let log = try disk.open("log", in: store, [.write], mode: .privateFile)
                    let first = (1...6).flatMap { record(1, $0) }
                    try disk.writeAll(first, to: log)
                    try disk.synchronizeData(log)
                    try disk.truncate(log, to: 0)
                    try disk.synchronizeData(log)
                    let second = (1...4).flatMap { record(2, $0) }
                    try disk.writeAll(second, to: log)
                    try disk.synchronizeData(log)
                    disk.acknowledge()
                },
                judge: { disk, acknowledged in
                    let log = disk.contents(at: "/store/log") ?? []
                    let found = records(in: log, generation: checksums ? 2 : nil)
                    let first = (1...6).map { record(1, $0) }
                    let second = (1...4).map { record(2, $0) }
                    if acknowledged == 1 {
                        return found == second ? .legal() : .illegal("lost")
                    }
                    let isPrefix = second.starts(with: found) || first.starts(with: found)
                    return isPrefix ? .legal() : .illegal("mixed")
                })
        ).explore()
    }

    @Test("a log without checksums takes stale sectors for its own")
    func withoutChecksums() async throws {
        let report = try await Self.explore(checksums: false)
        #expect(report.violations.contains { $0.message == "mixed" })
    }

    @Test("a log with checksums does not")
    func withChecksums() async throws {
        let report = try await Self.explore(checksums: true)
        #expect(report.violationCount == 0, "\(report)")
    }
}
