import StoreFiles
import StoreTestSupport
import Synchronization
import Testing

@testable import CanIFlyStore

/// Looks at every file of a simulated store whenever something has been written or named.
private final class ModeWatch: CallGate {
    private let machine: SimulatedDisk
    private let found = Mutex<Set<String>>([])
    /// Documents that nobody but their owner may see, at any moment.
    private let secrets: Set<String>
    /// What they hold, under whatever name.
    private let contents: Set<[UInt8]>

    init(_ machine: SimulatedDisk, secrets: Set<String>) {
        self.machine = machine
        self.secrets = secrets
        contents = Set(secrets.compactMap { machine.contents(at: "/store/\($0)") })
    }

    var exposed: Set<String> { found.withLock { $0 } }

    private static let kinds: Set<SystemCallKind> = [
        .write, .rename, .link, .unlink, .synchronize, .synchronizeData,
    ]

    func enter(_ kind: SystemCallKind) throws(Errno) {
        if Self.kinds.contains(kind) { look() }
    }
    func pause() { look() }

    func look() {
        for entry in machine.tree(at: "/store") where entry.mode.bits & 0o077 != 0 {
            let path = String(decoding: entry.path, as: UTF8.self)
            // `.lock` and what becomes it name a process and no secret; what is staged for a document
            // that the application lays open has its mode, in a folder that nobody else can enter.
            let name = path.split(separator: "/").last ?? ""
            let isOnItsWay = name.hasPrefix(".canifly-store-")
            let isOurs = path.hasPrefix(".canifly-store") && !isOnItsWay
            let isSecret = secrets.contains(path) || contents.contains(entry.bytes)
            if isOurs || isSecret {
                found.withLock { _ = $0.insert("\(path) \(entry.mode.octal)") }
            }
        }
    }
}

@Suite("Modes of what may hold secrets")
struct SecretModeTests {
    @Test("nobody else can read any of it, whatever the umask, at any moment of any command")
    func everyInstant() throws {
        var configuration = SimulatedDiskConfiguration()
        configuration.umask = 0
        let machine = SimulatedDisk(configuration)
        try Fixtures.layOut("0.5.0", at: "/store", on: machine)
        let secrets: Set = ["secret.key", "sessions.json", "login_states.json"]
        let watch = ModeWatch(machine, secrets: secrets)
        let system = FaultInjectingSystemCalls(wrapping: machine, gate: watch)
        let store = try Store.open(at: "/store", system: system)
        func content(_ name: String) throws -> [UInt8] {
            try #require(machine.contents(at: "/store/\(name)"))
        }

        _ = try store.initialize(profile: .recognise, WriteOptions(command: "init"))
        _ = try store.snapshot(WriteOptions(command: "snapshot"))
        for name in secrets.sorted() {
            let bytes = try content(name)
            let path = try StorePath(name)
            _ = try store.put(
                PutRequest(document: path, bytes: bytes + [0x0A]), WriteOptions(command: "put"))
            _ = try store.delete([path], WriteOptions(command: "delete"))
            // As a new document it gets its layout's mode.
            _ = try store.put(
                PutRequest(document: path, bytes: bytes), WriteOptions(command: "put"))
        }
        _ = try store.restore(
            RestoreRequest([], at: .transaction(2)), WriteOptions(command: "restore"))
        machine.place([0x5B], at: "/store/sessions.json", mode: FileMode(0o600))
        machine.place([0x5B], at: "/store/accounts.json")
        let report = try store.repair(RepairRequest(), WriteOptions(command: "repair"))
        #expect(report.actions.count == 2)
        _ = try store.migrate(
            MigrationRequest(.layout(3)), WriteOptions(command: "migrate"))
        _ = try store.migrate(MigrationRequest(.rollback), WriteOptions(command: "migrate"))
        watch.look()
        #expect(watch.exposed.isEmpty)
        #expect(system.callCount > 500)
    }
}
