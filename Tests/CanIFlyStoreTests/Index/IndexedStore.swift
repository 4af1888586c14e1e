import CanIFlyStore
import StoreCodecs
import StoreFiles
import StoreTestSupport

/// A store on a simulated machine whose catalog is long enough for an index, and everything that can
/// be looked up in it.
struct IndexedStore {
    static let index = "/store/.canifly-store/catalog.index"
    static let catalog = "/store/.canifly-store/catalog"

    let machine: SimulatedDisk

    init(_ documents: [String: String] = [:]) {
        machine = SimulatedDisk()
        machine.placeDirectory(at: "/store", mode: FileMode(0o700))
        for (name, text) in documents.sorted(by: { $0.key < $1.key }) {
            machine.place(Array(text.utf8), at: "/store/\(name)", mode: FileMode(0o644))
        }
    }

    init(_ machine: SimulatedDisk) { self.machine = machine.copy() }

    // MARK: The program

    /// Long enough for a catalog to need an index after a few transactions.
    static let message = String(repeating: "a long message ", count: 200)

    func run(_ command: (Store, WriteOptions) throws -> Void) throws {
        let process = machine.process(7)
        var options = WriteOptions(command: "test")
        options.message = Self.message
        machine.jumpClock(bySeconds: 60)
        try command(try Store.open(at: "/store", system: process), options)
        process.endProcess()
    }

    func initialize() throws {
        try run { store, _ in
            _ = try store.initialize(profile: .named("generic"), WriteOptions(command: "init"))
        }
    }

    func snapshot() throws {
        try run { store, _ in _ = try store.snapshot(WriteOptions(command: "snapshot")) }
    }

    func put(_ name: String, _ text: String) throws {
        try run { store, options in
            let request = PutRequest(document: try StorePath(name), bytes: Array(text.utf8))
            _ = try store.put(request, options)
        }
    }

    func delete(_ name: String) throws {
        try run { store, options in _ = try store.delete([try StorePath(name)], options) }
    }

    func compact(keepingLast count: Int) throws {
        machine.place(
            Array("{\"keep\": {\"last\": \(count)}}".utf8), at: "/store/.canifly-store/config.json",
            mode: FileMode(0o600))
        try run { store, options in _ = try store.compact(CompactRequest(), options) }
    }

    func repair() throws -> RepairReport {
        let process = machine.process(8)
        defer { process.endProcess() }
        return try Store.open(at: "/store", system: process)
            .repair(RepairRequest(), WriteOptions(command: "repair"))
    }

    func findings() throws -> [Finding] {
        var request = VerifyRequest()
        request.isDeep = true
        request.threads = 1
        return try Store.open(at: "/store", system: machine).verify(request).findings
    }

    // MARK: The index

    var index: [UInt8]? { machine.contents(at: Self.index) }
    var catalog: [UInt8] { machine.contents(at: Self.catalog) ?? [] }

    var indexHeader: CatalogIndexHeader? {
        index?.withUnsafeBytes { CatalogIndexHeader.decode($0) }
    }

    /// How much of the catalog must be read line by line, in bytes.
    var uncoveredLength: Int { catalog.count - Int(indexHeader?.coveredLength ?? 512) }

    func place(index bytes: [UInt8]) {
        machine.place(bytes, at: Self.index, mode: FileMode(0o600))
    }

    /// The same store with another index; nil: with none.
    func with(index bytes: [UInt8]?) throws -> IndexedStore {
        let other = IndexedStore(machine)
        let control = try other.machine.openDirectory(at: "/store/.canifly-store")
        try? other.machine.unlink("catalog.index", in: control)
        try other.machine.close(control)
        if let bytes { other.place(index: bytes) }
        return other
    }

    // MARK: Looking up

    func reading<Result>(
        _ look: (borrowing StoreReading) throws -> Result
    ) throws -> Result {
        let root = OwnedDescriptor(try machine.openDirectory(at: "/store"), machine)
        let reading = try StoreReading.open(system: machine, root: root.descriptor)
        return try look(reading)
    }

    /// Whether the index is one that readers use.
    func usesIndex() throws -> Bool {
        try reading { reading in
            switch reading.catalog {
            case .some(let catalog): catalog.index != nil
            case .none: false
            }
        }
    }

    /// What is looked up by document and by moment, in words.
    /// - Parameter stride: every so many-th transaction.
    func answers(of names: [String], stride: Int = 1) throws -> [String] {
        try reading { reading in try Self.answers(of: names, stride: stride, reading) }
    }

    static func answers(
        of names: [String], stride: Int, _ reading: borrowing StoreReading
    ) throws -> [String] {
        var answers: [String] = []
        let documents = try names.map { try StorePath($0) }
        var digests: Set<Digest> = []
        let last = reading.lastTransaction
        for document in documents {
            let history = try reading.history(of: document, limit: nil)
            for transaction in history {
                answers.append(
                    "\(document) \(transaction.number) \(transaction.time) \(transaction.command) "
                        + "\(transaction.changes) \(transaction.isPending)")
                digests.formUnion(transaction.changes.compactMap(\.after))
            }
        }
        answers.append("newest \(try reading.history(of: nil, limit: 3))")
        let kept = try reading.locations(of: digests)
        answers += kept.map { "\($0.key.hexadecimal) \($0.value)" }.sorted()
        for number in Swift.stride(from: UInt64(0), through: last + 1, by: stride) {
            for moment in [PointInTime.transaction(number), .before(number)] {
                answers.append(try answer(moment, documents, reading))
            }
        }
        let times = try reading.history(of: nil, limit: nil).map(\.time)
        for time in times + [Timestamp(seconds: 0), Timestamp(seconds: 1 << 40)] {
            answers.append(words { "\(time) \(try reading.resolve(.time(time)))" })
        }
        return answers
    }

    private static func answer(
        _ moment: PointInTime, _ documents: [StorePath], _ reading: borrowing StoreReading
    ) throws -> String {
        var words = "\(moment)"
        do throws(StoreError) {
            let past = try reading.past(at: moment, of: Set(documents))
            words += " \(past.time)"
            for document in documents {
                let state = try reading.state(of: document, at: moment)
                words += " \(document) \(state as Any) \(past.documents[document] as Any) "
                words += "\(past.absence(of: document)) \(past.isKnownToBeAbsent(document))"
            }
        } catch {
            words += " \(error.message)"
        }
        return words
    }

    private static func words(_ look: () throws -> String) -> String {
        do { return try look() } catch { return "\(error)" }
    }
}
