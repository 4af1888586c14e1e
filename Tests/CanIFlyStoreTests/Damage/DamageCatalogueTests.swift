import Foundation
import StoreCommands
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

@Suite("Every kind of damage")
struct DamageCatalogueTests {
    @Test("is found, named and placed, and repaired as far as it can be", arguments: DamageCase.all)
    func found(damage: DamageCase) throws {
        let store = try damage.makeStore()
        let known = Set(try store.allFindings().map(DamageCase.Place.init))
        let whole = try store.everything()
        try damage.damage(store)

        let tree = try store.wholeTree()
        let findings = try store.allFindings()
        let new = findings.map(DamageCase.Place.init).filter { !known.contains($0) }
        #expect(new == damage.findings)
        #expect(try store.allFindings() == findings, "verify does not say the same twice")
        #expect(try store.repair(isDryRun: true).actions.map(\.action) == damage.actions)
        #expect(try store.wholeTree() == tree, "looking has changed something")

        let report = try store.repair()
        #expect(report.actions.map(\.action) == damage.actions)
        switch damage.outcome {
        case .undone:
            #expect(try store.everything() == whole)
            #expect(report.errors.isEmpty, "\(report.errors)")
        case .leftAlone:
            #expect(try store.wholeTree() == tree)
            #expect(try store.allFindings() == findings)
        case .judged(let judge): try judge(store, report)
        }
        let errors = try store.store.verify(VerifyRequest()).findings.filter {
            $0.severity == .error
        }
        #expect(errors == report.errors, "repair and verify do not agree")
        let settled = try store.wholeTree()
        #expect(try store.repair().actions.isEmpty, "there was more to do")
        #expect(try store.wholeTree() == settled, "a second repair writes")
        let status: Int32 = errors.isEmpty ? 0 : 65
        #expect(store.command("repair", "--yes") == status)
        #expect(store.command("verify") == status)
    }

    @Test("has a code, and every code has its damage")
    func complete() {
        // That a document cannot be read is made by a failing disk: UnreadableDocumentTests.
        let expected = Set(FindingCode.allCases).subtracting([.unreadable])
        let found = Set(DamageCase.all.flatMap(\.findings).map(\.code))
        #expect(expected.subtracting(found).isEmpty)
    }
}

extension HistoryStore {
    /// The exit status of the program.
    func command(_ arguments: String...) -> Int32 {
        let program = Program(
            table: .standard,
            environment: ProgramEnvironment([
                "HOME": "/nonexistent", "CANIFLY_STORE": scratch.path,
            ]),
            streams: ProgramStreams(
                input: NoInput(), output: NoOutput(), error: NoOutput()),
            system: LinuxSystemCalls(),
            signals: SignalSource(catchAll: {}, pending: { nil }))
        return program.run(arguments.map { RawArgument($0) }).code
    }
}

private struct NoInput: StoreCommands.InputStream {
    var isTerminal: Bool { false }
    func waitToRead(milliseconds: Int32) throws(Errno) -> Bool { true }
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int { 0 }
}

private struct NoOutput: StoreCommands.OutputStream {
    var columns: Int? { nil }
    var isTerminal: Bool { false }
    func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) {}
}
