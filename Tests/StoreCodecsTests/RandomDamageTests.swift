import StoreCodecs
import StoreTestSupport
import Testing

@Suite("Random damage")
struct RandomDamageTests {
    /// Changes, removes, repeats, moves or cuts a few random runs of bytes.
    static func damage(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let start = Int.random(in: 0..<bytes.count, using: &generator)
            let length = min(bytes.count - start, 1 << Int.random(in: 0...9, using: &generator))
            let range = start..<start + length
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes.replaceSubrange(range, with: generator.bytes(count: length))
            case 2: bytes.replaceSubrange(range, with: repeatElement(0, count: length))
            case 3: bytes.removeSubrange(range)
            case 4:
                let target = Int.random(in: 0...bytes.count, using: &generator)
                bytes.insert(contentsOf: Array(bytes[range]), at: target)
            default: bytes.removeSubrange(start...)
            }
        }
        return bytes
    }

    @Test(
        "a damaged log gives a beginning of its transactions and a verdict",
        arguments: UInt64(1)...8)
    func log(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let segment = LogTestSegment.sample()
        let whole = LogReading(segment.bytes, header: segment.header)
        let records = Array(segment.bytes[segment.ends[0]...])
        for _ in 0..<300 {
            let damaged = Self.damage(records, using: &generator)
            let header = Array(segment.bytes[..<segment.ends[0]])
            let reading = LogReading(header + damaged, header: segment.header)
            #expect(reading.transactions == Array(whole.transactions.prefix(reading.numbers.count)))
        }
    }

    @Test(
        "a damaged catalog gives a beginning of its groups and a verdict", arguments: UInt64(1)...8)
    func catalog(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let sample = CatalogSample.small()
        let groups = Array(sample.bytes[sample.headerLength...])
        let header = Array(sample.bytes[..<sample.headerLength])
        for _ in 0..<300 {
            let bytes = header + Self.damage(groups, using: &generator)
            let reading = try CatalogReading(bytes)
            let expected = sample.transactions.prefix(reading.groups.count)
            #expect(reading.transactions == Array(expected))
            // The tail is one of the groups that were written, or there is none.
            switch CatalogTail.find(in: bytes, from: 0, headerLength: header.count) {
            case .found(let group):
                #expect(sample.transactions.map(\.number).contains(group.number))
            case .empty: #expect(reading.groups.isEmpty)
            case .earlierBytesNeeded: Issue.record("all bytes were given")
            }
            _ = try? CatalogHeader.decode(Self.damage(header, using: &generator))
        }
    }

    @Test("damaged gzip data is unpacked as it was, or not at all", arguments: UInt64(1)...8)
    func gzip(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let content = GzipSamples.words(count: 3000)
        let packed = GzipWriter.pack(content)
        for _ in 0..<300 {
            let damaged = Self.damage(packed, using: &generator)
            let unpacked = try? GzipReader.unpack(damaged, requiresOwnHeader: true)
            // A member that is repeated as a whole gives its content as often.
            #expect(
                unpacked == nil || unpacked?.prefix(content.count).elementsEqual(content) == true)
        }
    }

    @Test("a damaged archive ends in an error or is read to its end", arguments: UInt64(1)...8)
    func tar(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let archive = TarReading.sample().archive()
        for _ in 0..<60 {
            let damaged = Self.damage(archive, using: &generator)
            do {
                _ = try TarReading(damaged, pieceSize: Int.random(in: 1...2000, using: &generator))
            } catch {
                #expect(error is TarError)
            }
        }
    }

    @Test("random bytes are nothing", arguments: UInt64(1)...8)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for count in 0..<200 {
            let noise = generator.bytes(count: count)
            #expect((try? LogSegmentHeader.decode(noise)) == nil)
            #expect((try? LogRecord.read(noise, at: count / 2, salt: 0, chain: nil)) == nil)
            #expect((try? CatalogHeader.decode(noise)) == nil)
            #expect((try? CatalogLines.change(noise, at: count / 2)) == nil)
            #expect((try? GzipReader.unpack(noise)) == nil)
            #expect((try? TarReading(noise)) == nil)
            let lines = CatalogReading(groupsOf: noise, from: 0, nextTransaction: 1)
            #expect(lines.groups.isEmpty)
        }
    }
}
