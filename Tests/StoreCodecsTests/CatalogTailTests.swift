import StoreCodecs
import Testing

@Suite("The catalog's tail")
struct CatalogTailTests {
    let sample = CatalogSample.small()

    /// What is to be found of each group.
    private func lastGroups() throws -> [CatalogTail.LastGroup] {
        try CatalogReading(sample.bytes).groups.map { CatalogTail.LastGroup($0) }
    }

    private func find(_ bytes: [UInt8], from offset: Int) -> CatalogTail {
        CatalogTail.find(
            in: Array(bytes[offset...]), from: UInt64(offset), headerLength: sample.headerLength)
    }

    @Test("the last group is found from any place before it, and from no place behind its start")
    func anyStart() throws {
        let groups = try lastGroups()
        for offset in 0..<sample.bytes.count {
            // A line is known to be one only where the end of the line before it is seen.
            let expected: CatalogTail =
                offset < sample.ends[2] ? .found(groups[2]) : .earlierBytesNeeded
            #expect(find(sample.bytes, from: offset) == expected)
        }
    }

    @Test("behind the last complete group, what a crash leaves is passed over")
    func truncation() throws {
        let groups = try lastGroups()
        for length in sample.headerLength...sample.bytes.count {
            let kept = sample.ends.dropFirst().count { $0 <= length }
            let expected: CatalogTail = kept == 0 ? .empty : .found(groups[kept - 1])
            for tail in [[], [UInt8](repeating: 0, count: 600), Array("x\n\ne\t1\n".utf8)] {
                let bytes = Array(sample.bytes[..<length]) + tail
                #expect(find(bytes, from: 0) == expected)
                #expect(find(bytes, from: sample.headerLength) == expected)
            }
        }
    }

    @Test("no flipped bit makes a group of what is none")
    func bitFlips() throws {
        let groups = try lastGroups()
        for offset in sample.ends[1]..<sample.bytes.count {
            for bit in 0..<8 {
                var bytes = sample.bytes
                bytes[offset] ^= 1 << bit
                let expected = offset < sample.ends[2] ? groups[2] : groups[1]
                // A flip of the end before a group may hide that group's beginning.
                let isBoundary = offset == sample.ends[2] - 1
                let found = find(bytes, from: 0)
                #expect(found == .found(expected) || isBoundary && found == .found(groups[0]))
            }
        }
    }

    @Test("a catalog of a header alone is empty")
    func empty() {
        let header = Array(sample.bytes[..<sample.headerLength])
        #expect(find(header, from: 0) == .empty)
        #expect(find(header, from: header.count) == .empty)
    }
}
