import StoreCodecs
import Testing

@Suite("The catalog index's bytes")
struct CatalogIndexFormatTests {
    private static let headerLength = 512

    /// A catalog of some groups; its header, too.
    private static func catalog(groups: ClosedRange<UInt64>) -> (CatalogHeader, [UInt8]) {
        let header = CatalogHeader(
            store: StoreIdentifier(bytes: Array(0..<16))!, generation: 3,
            firstTransaction: groups.lowerBound)
        var bytes = header.encode()
        for number in groups {
            let changes = (0..<number % 4).map { change in
                let state = DocumentState(
                    digest: Digest.of([UInt8(change), UInt8(number)]), bytes: 2, mode: 0o600,
                    user: 1, group: 1, modified: RecordedTime(seconds: 1),
                    location: change == 1 ? nil : ContentLocation(segment: 1, offset: 512 * number))
                return ChangeRecord(
                    document: Array("\(change)%\t.json".utf8), before: .present(state),
                    after: state)
            }
            let record = TransactionRecord(
                number: number, time: RecordedTime(seconds: Int64(100 - number), nanoseconds: 7),
                command: number == 6 ? "init" : "put", changes: changes)
            var group: [UInt8] = []
            CatalogLines.append(
                record, position: LogPosition(segment: 1, offset: 512, chain: 9),
                paddedFrom: UInt64(bytes.count), to: &group)
            bytes += group
        }
        return (header, bytes)
    }

    private static func add(_ bytes: [UInt8], to builder: inout CatalogIndexBuilder) -> Bool {
        bytes.withUnsafeBytes { builder.add($0) { $0.command == "init" } }
    }

    private static func index(
        groups: ClosedRange<UInt64>, salt: UInt64 = 5
    ) throws -> [UInt8] {
        let (header, bytes) = catalog(groups: groups)
        var builder = CatalogIndexBuilder(header, headerLength: UInt64(headerLength))
        #expect(add(Array(bytes[headerLength...]), to: &builder))
        return try #require(builder.encode(salt: salt))
    }

    @Test("state what they cover, and each transaction's place and latest time")
    func stated() throws {
        let (catalogHeader, catalog) = Self.catalog(groups: 5...40)
        let bytes = try Self.index(groups: 5...40)
        try bytes.withUnsafeBytes { bytes in
            let header = try #require(CatalogIndexHeader.decode(bytes))
            #expect(header.catalog == catalogHeader)
            #expect(header.coveredLength == UInt64(catalog.count))
            #expect(header.fileLength == UInt64(bytes.count))
            #expect(header.nextTransaction == 41 && header.firstFullRecording == 6)
            #expect(header.placeRange(ofTransaction: 4) == nil)
            #expect(header.placeRange(ofTransaction: 41) == nil)
            for number in UInt64(5)...40 {
                let range = try #require(header.placeRange(ofTransaction: number))
                let part = UnsafeRawBufferPointer(
                    rebasing: bytes[Int(range.lowerBound)..<Int(range.upperBound)])
                let found = try #require(header.transaction(number, part))
                // The clock went back all the time.
                #expect(found.latestTime == RecordedTime(seconds: 95, nanoseconds: 7))
                let line = try CatalogLines.line(Array(catalog[Int(found.lineOffset)...]))
                #expect(line?.number == number && line?.checksum == found.lineChecksum)
                // No other transaction's.
                #expect(header.transaction(number + 1, part) == nil)
            }
        }
    }

    @Test("are the same whether made at once or extended", arguments: [5, 6, 17, 39])
    func extended(split: UInt64) throws {
        let short = try Self.index(groups: 5...split)
        let (_, catalog) = Self.catalog(groups: 5...40)
        var builder = try #require(short.withUnsafeBytes { CatalogIndexBuilder(extending: $0) })
        #expect(Self.add(Array(catalog[Int(builder.coveredLength)...]), to: &builder))
        #expect(try builder.encode(salt: 5) == Self.index(groups: 5...40))
    }

    @Test("are refused with any bit flipped, and with any end missing")
    func damaged() throws {
        let bytes = try Self.index(groups: 5...12)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(flipped.withUnsafeBytes { CatalogIndexBuilder(extending: $0) } == nil)
        }
        for length in 0..<bytes.count {
            let cut = Array(bytes[..<length])
            #expect(cut.withUnsafeBytes { CatalogIndexBuilder(extending: $0) } == nil)
        }
    }

    @Test("are refused where parts of one with another salt are among them")
    func salted() throws {
        let bytes = try Self.index(groups: 5...12)
        let other = try Self.index(groups: 5...12, salt: 6)
        #expect(bytes.count == other.count)
        for start in stride(from: 0, to: bytes.count, by: 32)
        where bytes[start...] != other[start...] {
            var mixed = bytes
            mixed.replaceSubrange(start..., with: other[start...])
            if mixed == other { continue }
            #expect(mixed.withUnsafeBytes { CatalogIndexBuilder(extending: $0) } == nil)
        }
    }

    @Test("are not made of a catalog that ends within a group")
    func torn() {
        let (header, bytes) = Self.catalog(groups: 5...9)
        var builder = CatalogIndexBuilder(header, headerLength: UInt64(Self.headerLength))
        #expect(builder.encode(salt: 1) == nil)
        #expect(!Self.add(Array(bytes[Self.headerLength..<bytes.count - 1]), to: &builder))
    }
}
