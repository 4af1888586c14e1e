import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

/// Transactions that are durable in the log at once, and whose documents follow.
@Suite("A series of transactions")
struct TransactionSeriesTests {
    private let machine: SimulatedDisk

    init() throws {
        machine = SimulatedDisk()
        machine.placeDirectory(at: "/store", mode: FileMode(0o700))
        for (name, text) in ["a.json": "1", "b.json": "2"] {
            machine.place(Array(text.utf8), at: "/store/\(name)", mode: FileMode(0o640))
        }
        _ = try open(machine).initialize(
            profile: .named("generic"), WriteOptions(command: "init"))
        machine.settle()
    }

    private func open(_ machine: SimulatedDisk) throws(StoreError) -> Store {
        try Store.open(at: "/store", system: machine)
    }

    private func text(_ name: String, on machine: SimulatedDisk) -> String? {
        machine.contents(at: "/store/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }

    private func put(_ name: String, _ text: String) -> StoreOperation {
        .put(PutRequest(document: StorePath(unchecked: name), bytes: Array(text.utf8)))
    }

    /// The machine as a death leaves it after these transactions, each acknowledged.
    private func machineThatDied(after transactions: [[StoreOperation]]) throws -> SimulatedDisk {
        try open(machine).withSeries(WriteOptions(command: "apply")) { series in
            for operations in transactions { _ = try series.commit(operations) }
            return machine.copy()
        }
    }

    @Test("documents stay as they were until they are published, and readers look into the log")
    func publishing() throws {
        let store = try open(machine)
        try store.withSeries(WriteOptions(command: "apply")) { series in
            #expect(try series.commit([put("a.json", "10")]).transaction == 2)
            #expect(try series.commit([put("a.json", "11"), put("c.json", "3")]).transaction == 3)
            #expect(try series.contents(of: StorePath(unchecked: "a.json")) == Array("11".utf8))
            #expect(text("a.json", on: machine) == "1" && text("c.json", on: machine) == nil)
            #expect(series.waitingCount == 2)

            let reader = try open(machine)
            #expect(
                try reader.read().content(of: StorePath(unchecked: "a.json")) == Array("11".utf8))
            #expect(try reader.history().map(\.number) == [3, 2, 1])
            #expect(try reader.status().isLogPending)

            try series.publish()
            #expect(series.waitingCount == 0)
            #expect(text("a.json", on: machine) == "11" && text("c.json", on: machine) == "3")
            _ = try series.put(
                PutRequest(document: StorePath(unchecked: "b.json"), bytes: Array("20".utf8)))
            #expect(text("b.json", on: machine) == "2")
        }
        #expect(text("b.json", on: machine) == "20")
        #expect(try store.history().map(\.number) == [4, 3, 2, 1])
        #expect(try store.verify(VerifyRequest()).findings.isEmpty)
        // A replaced document keeps its mode, and a new one is private.
        #expect(
            machine.tree(at: "/store").first { $0.path == Array("a.json".utf8) }?.mode.bits == 0o640
        )
        #expect(
            machine.tree(at: "/store").first { $0.path == Array("c.json".utf8) }?.mode.bits == 0o600
        )
        // What is between two transactions of a series is history as well.
        let past = try store.read().state(
            of: StorePath(unchecked: "a.json"), at: .transaction(2))
        #expect(past?.digest == Digest.of(Array("10".utf8)))
    }

    @Test("an operation that fails changes nothing, and the series goes on")
    func refusedOperation() throws {
        let store = try open(machine)
        try store.withSeries(WriteOptions(command: "apply")) { series in
            _ = try series.commit([put("a.json", "10")])
            #expect(throws: StoreError.self) {
                try series.commit([
                    put("b.json", "20"), .delete(document: StorePath(unchecked: "none.json")),
                ])
            }
            #expect(throws: StoreError.self) { try series.commit([put("b.json", "{")]) }
            _ = try series.commit([
                .test(
                    document: StorePath(unchecked: "a.json"),
                    .digest(Digest.of(Array("10".utf8)))),
                put("a.json", "11"),
            ])
        }
        #expect(text("a.json", on: machine) == "11" && text("b.json", on: machine) == "2")
        #expect(try store.history().count == 3)
    }

    @Test("what was committed stays so where the body throws")
    func throwingBody() throws {
        let store = try open(machine)
        #expect(throws: StoreError.noSuchDocument(StorePath(unchecked: "x"))) {
            try store.withSeries(WriteOptions(command: "apply")) {
                (series: inout TransactionSeries) throws(StoreError) in
                _ = try series.commit([put("a.json", "10")])
                throw StoreError.noSuchDocument(StorePath(unchecked: "x"))
            }
        }
        #expect(text("a.json", on: machine) == "10")
        #expect(try !store.status().isLogPending)
        #expect(text(".lock", on: machine) == nil)
    }

    @Test("what nobody changed is no transaction, and so many are published by themselves")
    func limits() throws {
        var limits = TransactionSeries.Limits()
        limits.transactions = 2
        let count = try open(machine).withSeries(WriteOptions(command: "apply"), limits: limits) {
            (series: inout TransactionSeries) throws(StoreError) -> Int in
            #expect(try series.commit([put("a.json", "1")]).transaction == nil)
            _ = try series.commit([put("a.json", "10")])
            #expect(text("a.json", on: machine) == "1")
            _ = try series.commit([put("b.json", "20")])
            #expect(text("a.json", on: machine) == "10" && text("b.json", on: machine) == "20")
            return series.waitingCount
        }
        #expect(count == 0)
    }

    @Test("after a death the next command carries all of them out, and says so")
    func death() throws {
        let dead = try machineThatDied(after: [
            [put("a.json", "10")],
            [put("a.json", "11"), .delete(document: StorePath(unchecked: "b.json"))],
            [put("new/c.json", "3")],
        ])
        #expect(text("a.json", on: dead) == "1")
        let findings = try open(dead).verify(VerifyRequest()).findings.map(\.code)
        #expect(findings.contains(.logPending) && !findings.contains(.changed))
        let notes = try open(dead).recover()
        #expect(notes == ["transactions 2 to 4 were interrupted and are now finished"])
        #expect(text("a.json", on: dead) == "11" && text("b.json", on: dead) == nil)
        #expect(text("new/c.json", on: dead) == "3")
        #expect(try open(dead).history().map(\.number) == [4, 3, 2, 1])
        #expect(try open(dead).verify(VerifyRequest()).findings.isEmpty)
    }

    @Test("the application's newer bytes stay, and the other documents are written all the same")
    func overtaken() throws {
        let dead = try machineThatDied(after: [[put("a.json", "10")], [put("b.json", "20")]])
        dead.place(Array("by the application".utf8), at: "/store/a.json", mode: FileMode(0o640))
        let notes = try open(dead).recover()
        #expect(notes.count == 2 && notes[1].hasPrefix("a.json was changed by another program"))
        #expect(text("a.json", on: dead) == "by the application")
        #expect(text("b.json", on: dead) == "20")
        let kept = try open(dead).read().state(
            of: StorePath(unchecked: "a.json"), at: .transaction(2))
        #expect(kept?.digest == Digest.of(Array("10".utf8)))
    }

    @Test("a document made and removed again needs no folder")
    func madeAndRemoved() throws {
        let dead = try machineThatDied(after: [
            [put("new/c.json", "3")], [.delete(document: StorePath(unchecked: "new/c.json"))],
        ])
        #expect(try open(dead).recover().count == 1)
        #expect(text("new/c.json", on: dead) == nil)
        #expect(try open(dead).history().count == 3)
    }

    @Test("repair finishes them too, also where the catalog is lost", arguments: [false, true])
    func repair(losesCatalog: Bool) throws {
        let dead = try machineThatDied(after: [
            [put("a.json", "10")], [put("a.json", "11")], [put("b.json", "20")],
        ])
        if losesCatalog {
            dead.place(
                Array("rubbish".utf8), at: "/store/.canifly-store/catalog", mode: FileMode(0o600))
        }
        let report = try open(dead).repair(RepairRequest(), WriteOptions(command: "repair"))
        #expect(report.actions.map(\.action).contains(.finishTransaction))
        #expect(text("a.json", on: dead) == "11" && text("b.json", on: dead) == "20")
        #expect(try open(dead).history().count == 4)
        #expect(try open(dead).verify(VerifyRequest()).findings.isEmpty)
    }

    @Test("where the catalog is lost after the end, nothing is carried out again")
    func catalogLostAfterwards() throws {
        try open(machine).withSeries(WriteOptions(command: "apply")) { series in
            _ = try series.commit([put("a.json", "10")])
            _ = try series.commit([put("a.json", "11")])
        }
        machine.place(
            Array("rubbish".utf8), at: "/store/.canifly-store/catalog", mode: FileMode(0o600))
        machine.place(Array("12".utf8), at: "/store/a.json", mode: FileMode(0o640))
        let report = try open(machine).repair(RepairRequest(), WriteOptions(command: "repair"))
        #expect(!report.actions.map(\.action).contains(.finishTransaction))
        #expect(text("a.json", on: machine) == "12")
    }

    @Test("zeros that a death leaves behind the log's end are no damage")
    func reserve() throws {
        let dead = try machineThatDied(after: [[put("a.json", "10")], [put("a.json", "11")]])
        let log = dead.contents(at: "/store/.canifly-store/log/00000001.log") ?? []
        #expect(log.count > 1 << 20 && log.suffix(1000).allSatisfy { $0 == 0 })
        _ = try open(dead).put(
            PutRequest(document: StorePath(unchecked: "b.json"), bytes: Array("20".utf8)),
            WriteOptions(command: "put"))
        #expect(text("a.json", on: dead) == "11" && text("b.json", on: dead) == "20")
        #expect(try open(dead).verify(VerifyRequest()).findings.isEmpty)
        // And none are left where nobody dies.
        #expect(
            (machine.contents(at: "/store/.canifly-store/log/00000001.log") ?? []).count < 1 << 16)
    }
}
