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

    /// The sample's groups and four more that were appended in one write.
    private func withJoinedGroups() throws -> (sample: CatalogSample, bytes: [UInt8], ends: [Int]) {
        var bytes = sample.bytes
        var ends = [bytes.count]
        for number in UInt64(44)...47 {
            CatalogLines.append(
                TransactionRecord(number: number, time: RecordedTime(seconds: 1), command: "put"),
                position: nil, isJoined: number > 44, to: &bytes)
            ends.append(bytes.count)
        }
        return (sample, bytes, ends)
    }

    @Test("of groups that were appended together, one counts only where all before it are whole")
    func joinedGroups() throws {
        let (_, bytes, ends) = try withJoinedGroups()
        guard case .found(let last) = find(bytes, from: 0) else {
            Issue.record("nothing found")
            return
        }
        #expect(last.number == 47)
        // What begins in their middle cannot tell whether they count.
        #expect(find(bytes, from: ends[2]) == .earlierBytesNeeded)
        #expect(find(bytes, from: ends[0] - 1) == .found(last))
        for lost in 0..<4 {
            var torn = bytes
            // As a crash leaves a sector that never reached the disk.
            for index in ends[lost]..<ends[lost + 1] { torn[index] = 0 }
            guard case .found(let found) = find(torn, from: 0) else {
                Issue.record("nothing found")
                return
            }
            #expect(found.number == UInt64(43 + lost))
            #expect(found.range.upperBound == UInt64(ends[lost]))
        }
    }

    @Test("a catalog of a header alone is empty")
    func empty() {
        let header = Array(sample.bytes[..<sample.headerLength])
        #expect(find(header, from: 0) == .empty)
        #expect(find(header, from: header.count) == .empty)
    }
}
