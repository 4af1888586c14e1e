import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

/// What a failing disk, or a mode, keeps from being read.
@Suite("Documents that cannot be read")
struct UnreadableDocumentTests {
    @Test("are found and named, and repair changes nothing where it cannot look")
    func failingRead() throws {
        let damage = DamageCase.all[0]
        let sound = try damage.makeStore()
        var system = HookedSystemCalls()
        system.onOpen = { (name) throws(Errno) in
            if name == "config.json" { throw .inputOutput }
        }
        let store = try Store.open(at: sound.scratch.path, system: system)
        let whole = try sound.wholeTree()

        let findings = try store.verify(VerifyRequest()).findings.filter {
            $0.severity > .info
        }
        #expect(findings.map(\.code) == [.unreadable])
        #expect(findings[0].document == "config.json" && findings[0].severity == .error)
        #expect(findings[0].detail == "cannot be read: \(Errno.inputOutput.description)")

        let report = try store.repair(RepairRequest(), WriteOptions(command: "repair"))
        #expect(report.actions.isEmpty)
        #expect(report.errors.map(\.code) == [.unreadable])
        #expect(try sound.wholeTree() == whole)
    }
}
