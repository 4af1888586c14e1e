import CanIFlyStore
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

@Suite("The catalog's index")
struct CatalogIndexTests {
    private static let names = [
        "a.json", "A.json", "folder/a.json", "caf\u{e9}.txt", "cafe\u{301}.txt", "100%.txt",
        "new.json", "never.json",
    ]

    /// A history of all kinds of transactions, by chance.
    private static func history(seed: UInt64, transactions: Int) throws -> IndexedStore {
        var generator = SeededGenerator(seed: seed)
        let store = IndexedStore(["a.json": "1", "100%.txt": "x\n", "old.json": "2"])
        try store.initialize()
        for number in 0..<transactions {
            let name = names.dropLast().randomElement(using: &generator)!
            let isThere = store.machine.contents(at: "/store/\(name)") != nil
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: try store.snapshot()
            case 1 where number > 6: try store.compact(keepingLast: 12)
            case 2, 3, 4:
                if isThere { try store.delete(name) } else { try store.put(name, "\(number % 5)") }
            case 5:
                // The application writes beside.
                store.machine.place(
                    Array("[\(number)]".utf8), at: "/store/old.json", mode: FileMode(0o644))
            default: try store.put(name, "\(number % 5)")
            }
        }
        return store
    }

    @Test("tells what the catalog tells, whatever has happened", arguments: UInt64(1)...3)
    func likeTheCatalog(seed: UInt64) throws {
        let store = try Self.history(seed: seed, transactions: 24)
        try #require(try store.usesIndex())
        #expect(try store.findings().filter { $0.code == .indexCorrupt } == [])
        let names = Self.names + ["old.json"]
        let found = try store.answers(of: names, stride: 2)
        let read = try store.with(index: nil).answers(of: names, stride: 2)
        #expect(found == read)
    }

    @Test("tells of the documents asked about what the whole past tells")
    func pastOfSome() throws {
        let store = try Self.history(seed: 7, transactions: 20)
        let documents = try Self.names.map { try StorePath($0) }
        try store.reading { reading in
            for number in stride(from: 1, through: reading.lastTransaction, by: 2) {
                for moment in [PointInTime.transaction(number), .before(number)] {
                    guard let whole = try? reading.past(at: moment) else { continue }
                    let some = try reading.past(at: moment, of: Set(documents))
                    #expect(some.time == whole.time)
                    for document in documents {
                        #expect(some.documents[document] == whole.documents[document])
                        #expect(some.absence(of: document) == whole.absence(of: document))
                        let isAbsent = some.isKnownToBeAbsent(document)
                        #expect(isAbsent == whole.isKnownToBeAbsent(document))
                    }
                }
            }
        }
    }

    @Test("is extended by those who write, and then is as if it had been made at once")
    func extended() throws {
        let store = IndexedStore(["a.json": "1"])
        try store.initialize()
        #expect(store.index == nil)
        var versions: Set<UInt64> = []
        for number in 0..<24 {
            try store.put("\(number % 3).json", "\(number)")
            #expect(store.uncoveredLength <= 16 << 10)
            if let header = store.indexHeader { versions.insert(header.coveredLength) }
        }
        #expect(versions.count > 2)
        #expect(store.machine.status(at: IndexedStore.index)?.mode == FileMode(0o600))
        let extended = try #require(store.index)
        let header = try #require(store.indexHeader)
        var builder = CatalogIndexBuilder(header.catalog, headerLength: 512)
        let covered = Array(store.catalog[512..<Int(header.coveredLength)])
        let isWhole = covered.withUnsafeBytes {
            builder.add($0) { $0.command == "init" || $0.command == "snapshot" }
        }
        #expect(isWhole && builder.encode(salt: header.salt) == extended)
    }

    @Test("is made by the first who writes where there is none any more")
    func lost() throws {
        let store = try Self.history(seed: 3, transactions: 20).with(index: nil)
        try store.put("a.json", "[1]")
        #expect(try store.usesIndex())
        #expect(store.uncoveredLength == 0)
    }

    @Test("covers the new catalog after history was compacted")
    func compacted() throws {
        let store = IndexedStore(["a.json": "1"])
        try store.initialize()
        let long = String(repeating: "1, ", count: 900)
        for number in 0..<20 { try store.put("a.json", "[\(long)\(number)]") }
        let old = try #require(store.index)
        try store.compact(keepingLast: 10)
        #expect(try store.usesIndex() && store.uncoveredLength == 0)
        // That of the old catalog, if it is left, is not taken for the new one's.
        let other = try store.with(index: old)
        #expect(try !other.usesIndex())
        #expect(try other.answers(of: ["a.json"]) == store.answers(of: ["a.json"]))
        #expect(try other.findings().filter { $0.code == .indexCorrupt } == [])
        try store.compact(keepingLast: 1)
        #expect(store.index == nil)
    }

    // MARK: What does not fit

    private static let damaged = Result { try history(seed: 5, transactions: 16) }

    /// Hands over what may lie there instead of an index, in words as well.
    private static func forEachUnfit(
        of store: IndexedStore, _ body: (String, [UInt8]) throws -> Void
    ) throws {
        let index = try #require(store.index)
        for length in stride(from: 0, to: index.count, by: 401) {
            try body("cut to \(length)", Array(index[..<length]))
        }
        for bit in stride(from: 0, to: index.count * 8, by: 509) {
            var flipped = index
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            try body("bit \(bit)", flipped)
        }
        for sector in stride(from: 0, to: index.count, by: 512) {
            var torn = index
            for place in sector..<min(sector + 512, torn.count) { torn[place] = 0 }
            try body("without the sector at \(sector)", torn)
        }
    }

    @Test("that is torn, cut or flipped anywhere never leads astray, and is found and mended")
    func unfit() throws {
        let store = try Self.damaged.get()
        let names = ["a.json", "old.json", "never.json"]
        let truth = try store.with(index: nil).answers(of: names, stride: 6)
        #expect(try store.answers(of: names, stride: 6) == truth)
        var count = 0
        try Self.forEachUnfit(of: store) { what, bytes in
            count += 1
            let other = try store.with(index: bytes)
            #expect(try other.answers(of: names, stride: 6) == truth, "\(what)")
            guard count.isMultiple(of: 5) else { return }
            #expect(try other.findings().contains { $0.code == .indexCorrupt }, "\(what)")
            let report = try other.repair()
            #expect(report.actions.map(\.action) == [.renewIndex], "\(what)")
            #expect(try other.usesIndex(), "\(what)")
            #expect(try other.findings().filter { $0.code == .indexCorrupt } == [], "\(what)")
        }
        #expect(count > 20)
    }

    @Test("with sectors of an older one of the same catalog never leads astray")
    func mixed() throws {
        let store = IndexedStore(["a.json": "1", "b.json": "1"])
        try store.initialize()
        var older: [[UInt8]] = []
        for number in 0..<24 {
            try store.put("\(number % 2 == 0 ? "a" : "b").json", "\(number)")
            if let index = store.index, older.last != index { older.append(index) }
        }
        let newest = older.removeLast()
        #expect(older.count > 1)
        let names = ["a.json", "b.json"]
        let truth = try store.with(index: nil).answers(of: names, stride: 8)
        for old in older {
            for sector in stride(from: 0, to: min(old.count, newest.count), by: 512) {
                let range = sector..<min(sector + 512, old.count, newest.count)
                var mixed = newest
                mixed.replaceSubrange(range, with: old[range])
                #expect(try store.with(index: mixed).answers(of: names, stride: 8) == truth)
            }
            // An older one as it was is a good one.
            let other = try store.with(index: old)
            #expect(try other.usesIndex())
            #expect(try other.answers(of: names, stride: 8) == truth)
        }
    }

    @Test("of another store, or of a catalog that was longer, is not used")
    func foreign() throws {
        let store = try Self.damaged.get()
        let other = try Self.history(seed: 6, transactions: 16)
        let theirs = try #require(other.index)
        #expect(try !store.with(index: theirs).usesIndex())

        let longer = IndexedStore(store.machine)
        for number in 0..<12 { try longer.put("a.json", "\(number)") }
        let later = try #require(longer.index)
        let behind = try store.with(index: later)
        #expect(try !behind.usesIndex())
        #expect(try behind.answers(of: ["a.json"]) == store.answers(of: ["a.json"]))
        #expect(try behind.findings().contains { $0.code == .indexCorrupt })
    }

    @Test("does not hide damage of the catalog that it covers, and leads to no damaged line")
    func damagedCatalog() throws {
        let store = try Self.damaged.get()
        let header = try #require(store.indexHeader)
        let names = ["a.json"]
        let truth = try store.answers(of: names, stride: 3)
        for place in stride(from: 600, to: Int(header.coveredLength), by: 4801) {
            let other = IndexedStore(store.machine)
            other.machine.rot(
                [other.catalog[place] ^ 1], at: place, of: IndexedStore.catalog)
            #expect(try other.findings().contains { $0.code == .catalogCorrupt }, "\(place)")
            do {
                let found = try other.reading { reading in
                    try reading.history(of: StorePath("a.json"), limit: nil).map { "\($0)" }
                }
                let sound = try store.reading { reading in
                    try reading.history(of: StorePath("a.json"), limit: nil).map { "\($0)" }
                }
                #expect(found == sound, "\(place)")
            } catch let error as StoreError {
                #expect(error.code == "catalog-corrupt", "\(place)")
            }
            guard place % 3 == 0 else { continue }
            _ = try other.repair()
            #expect(try other.answers(of: names, stride: 3).count == truth.count, "\(place)")
            #expect(try other.findings().filter { $0.severity > .info } == [], "\(place)")
        }
    }

    // MARK: Readers beside writers

    @Test("that was opened goes on telling what the catalog told then, whoever writes beside")
    func beside() throws {
        let store = try Self.history(seed: 8, transactions: 16)
        let names = ["a.json", "old.json"]
        let before = try store.answers(of: names, stride: 5)
        let old = try #require(store.index)
        try store.reading { reading in
            for number in 0..<14 { try store.put("a.json", "\(100 + number)") }
            #expect(store.index != old)
            #expect(try IndexedStore.answers(of: names, stride: 5, reading) == before)
        }
        #expect(try store.answers(of: names, stride: 5) != before)
    }
}
