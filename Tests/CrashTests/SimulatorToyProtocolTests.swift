import StoreFiles
import StoreTestSupport
import Testing

/// Protocols small enough that everybody knows what is wrong with them: the simulator must find
/// it, and must find nothing in the one that is right.
@Suite struct SimulatorToyProtocolTests {
    private static let old = TreeEntry(
        path: "document", mode: FileMode(0o644), bytes: Array("old ".utf8) + filler(600))
    private static let new = TreeEntry(
        path: "document", mode: FileMode(0o600), bytes: Array("new ".utf8) + filler(1_700))

    private static func filler(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(97 + $0 % 26) }
    }

    private static func diskWithOldDocument() -> SimulatedDisk {
        let disk = SimulatedDisk()
        disk.place(old.bytes, at: "/store/document", mode: old.mode)
        return disk
    }

    /// Before the acknowledgement old or new, after it new; nothing else but the temporary file.
    private static func judgeDocument(
        _ disk: SimulatedDisk, _ acknowledged: Int
    ) -> Verdict {
        let documents = disk.tree(at: "/store").filter { $0.path != Array("temporary".utf8) }
        if documents == [new] { return .legal(outcome: 1) }
        if documents == [old] && acknowledged == 0 { return .legal(outcome: 0) }
        return .illegal("found \(documents)")
    }

    /// The steps of a safe replacement, any sync of which can be left out.
    private static func replace(
        _ disk: SimulatedDisk, without skipped: Int? = nil
    ) throws {
        let store = try disk.openDirectory(at: "/store")
        let file = try disk.open(
            "temporary", in: store, [.write, .create, .exclusive], mode: .privateFile)
        let written = try new.bytes.withUnsafeBytes { bytes throws(Errno) in
            try disk.write(file, from: bytes, at: 0)
        }
        #expect(written == new.bytes.count)
        if skipped != 0 { try disk.synchronize(file) }
        try disk.close(file)
        try disk.rename("temporary", in: store, to: "document", in: store, .replace)
        if skipped != 1 { try disk.synchronize(store) }
        try disk.close(store)
        disk.acknowledge()
    }

    @Test("the classic safe replacement survives every crash")
    func safeReplacement() async throws {
        let report = try await CrashExplorer(
            CrashScenario(
                "safe replacement", initial: Self.diskWithOldDocument(),
                workload: { try Self.replace($0) }, judge: Self.judgeDocument)
        ).explore()
        #expect(report.violationCount == 0, "\(report)")
        #expect(report.cutPoints == 4)
        #expect(report.statesAfterOneCrash > 20)
    }

    @Test("each sync of the safe replacement is needed", arguments: [0, 1])
    func everySyncIsNeeded(_ skipped: Int) async throws {
        let explorer = CrashExplorer(
            CrashScenario(
                "replacement without sync \(skipped)", initial: Self.diskWithOldDocument(),
                workload: { try Self.replace($0, without: skipped) }, judge: Self.judgeDocument))
        let report = try await explorer.explore()
        #expect(report.violationCount > 0)
        for violation in report.violations {
            let crashes = violation.crashes.compactMap { CrashReplay($0.description) }
            #expect(try explorer.replay(crashes) == .illegal(violation.message))
        }
    }
}
