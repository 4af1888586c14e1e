import StoreCodecs
import StoreTestSupport
import Testing

@Suite("The catalog's reader")
struct CatalogReaderTests {
    let sample = CatalogSample.small()

    @Test("what was written is read, with the place of every group and change")
    func roundTrip() throws {
        let reading = try CatalogReading(sample.bytes)
        #expect(reading.transactions == sample.transactions)
        #expect(reading.groups.map(\.position) == sample.positions)
        #expect(reading.verdict == .clean(offset: UInt64(sample.bytes.count)))
        for (index, group) in reading.groups.enumerated() {
            #expect(group.range == UInt64(sample.ends[index])..<UInt64(sample.ends[index + 1]))
            for (change, offset) in zip(group.transaction.changes, group.changeOffsets) {
                let line = try CatalogLines.change(sample.bytes, at: Int(offset))
                #expect(line.change == change)
                #expect(line.transaction == group.transaction.number)
            }
        }
    }

    @Test("the lines are spelled as the format's page says")
    func spelling() {
        let lines = String(decoding: sample.bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines[0].hasPrefix("canifly-store catalog 1\t101112"))
        #expect(lines[1].hasPrefix("t\t41\t1700000001.999999999\tput\t2\t100 %25%09sure%0A\t"))
        let digest = Digest.of([1]).hexadecimal
        #expect(
            lines[2].hasPrefix(
                "c\t41\ta.json\t-\t\(digest):1234:0600:1000:100:1700000000.000000007:3/64\t-\t-\t"))
        #expect(lines[3].contains("\tplans/Bö%1B.txt\t\(digest):1234:4755:"))
        #expect(lines[3].contains(":-\t-\t-\t-\t"))
        #expect(lines[4].hasPrefix("e\t41\t3\t640\tdeadbeef\t"))
        #expect(lines[5].hasPrefix("t\t42\t-1.000000000\tsnapshot\t0\t\t"))
        #expect(lines[6].hasPrefix("e\t42\t-\t-\t-\t"))
    }

    @Test("every flipped bit is found: corrupt before the last group, torn within it")
    func bitFlips() throws {
        for offset in sample.headerLength..<sample.bytes.count {
            for bit in 0..<8 {
                var bytes = sample.bytes
                bytes[offset] ^= 1 << bit
                let reading = try CatalogReading(bytes)
                let kept = sample.ends.dropFirst().count { $0 <= offset }
                #expect(reading.transactions == Array(sample.transactions[..<kept]))
                switch reading.verdict {
                case .clean: Issue.record("flip of bit \(bit) at \(offset) not found")
                case .tornTail(let end, _):
                    #expect(kept == 2 && end == UInt64(sample.ends[2]))
                case .corrupt(let bad, let line, _):
                    #expect(kept < 2)
                    #expect(bad <= UInt64(offset) && bad >= UInt64(sample.ends[kept]))
                    let before = sample.bytes[..<Int(bad)].count { $0 == 0x0A }
                    #expect(line == before + 1)
                }
            }
        }
    }

    @Test("truncated at every byte: the complete groups are read, the rest is torn")
    func truncation() throws {
        for length in sample.headerLength..<sample.bytes.count {
            let reading = try CatalogReading(Array(sample.bytes[..<length]))
            let kept = sample.ends.dropFirst().count { $0 <= length }
            #expect(reading.transactions == Array(sample.transactions[..<kept]))
            let end = UInt64(sample.ends[kept])
            if sample.ends.contains(length) {
                #expect(reading.verdict == .clean(offset: end))
            } else {
                #expect(reading.verdict == .tornTail(offset: end, .truncated))
            }
        }
    }

    @Test("zeros and garbage behind the last group are a torn tail")
    func garbageTail() throws {
        let end = UInt64(sample.bytes.count)
        var generator = SeededGenerator(seed: 1)
        for tail in [
            [0], [UInt8](repeating: 0, count: 5000), Array("\n".utf8), Array("t\t44\t".utf8),
            Array("e\t99\t-\t-\t-\t00000000\t00000000\n".utf8), generator.bytes(count: 3000),
        ] {
            let reading = try CatalogReading(sample.bytes + tail)
            #expect(reading.transactions == sample.transactions)
            guard case .tornTail(end, _) = reading.verdict else {
                Issue.record("unexpected \(reading.verdict)")
                continue
            }
        }
    }

    @Test("a group that is repeated, left out or moved is found")
    func movedGroups() throws {
        let groups = (0..<3).map { Array(sample.bytes[sample.ends[$0]..<sample.ends[$0 + 1]]) }
        let header = Array(sample.bytes[..<sample.headerLength])

        // An older group behind the end is what a stale sector shows.
        let repeated = try CatalogReading(header + groups[0] + groups[1] + groups[0])
        #expect(
            repeated.verdict
                == .tornTail(offset: UInt64(sample.ends[2]), .transactionNumber(41)))

        let leftOut = try CatalogReading(header + groups[0] + groups[2])
        #expect(
            leftOut.verdict
                == .corrupt(offset: UInt64(sample.ends[1]), line: 6, .transactionNumber(43)))

        let moved = try CatalogReading(header + groups[1] + groups[0] + groups[2])
        #expect(
            moved.verdict
                == .corrupt(
                    offset: UInt64(sample.headerLength), line: 2, .transactionNumber(42)))

        let twice = try CatalogReading(header + groups[0] + groups[0] + groups[1] + groups[2])
        #expect(
            twice.verdict
                == .corrupt(offset: UInt64(sample.ends[1]), line: 6, .transactionNumber(41)))
    }

    @Test("a line that is moved, repeated or left out within a group is found")
    func movedLines() throws {
        let lines = sample.bytes.split(separator: 0x0A).map { Array($0) + [0x0A] }
        // Lines 1 to 4 are the group 41: t, c, c, e.
        for order in [
            [1, 2, 4], [1, 3, 2, 4], [1, 2, 2, 3, 4], [1, 2, 2, 4], [2, 1, 3, 4], [1, 1],
        ] {
            let bytes: [UInt8] = ([0] + order).flatMap { lines[$0] }
            let reading = try CatalogReading(bytes)
            #expect(reading.groups.isEmpty)
            guard case .tornTail = reading.verdict else {
                Issue.record("unexpected \(reading.verdict)")
                continue
            }
            let corrupt = try CatalogReading(bytes + lines[5] + lines[6])
            guard case .corrupt = corrupt.verdict else {
                Issue.record("unexpected \(corrupt.verdict)")
                continue
            }
        }
    }

    @Test("lines of two attempts at the same transaction do not make a group")
    func mixedAttempts() throws {
        var first = CatalogSample()
        var second = CatalogSample()
        for (value, isFirst) in [(UInt8(1), true), (2, false)] {
            let state = DocumentState(
                digest: Digest.of([value]), bytes: 1, mode: 0o600, user: 0, group: 0,
                modified: RecordedTime(seconds: 0), location: nil)
            let transaction = TransactionRecord(
                number: 41, time: RecordedTime(seconds: 0), command: "put",
                changes: ["a", "b"].map {
                    ChangeRecord(document: Array($0.utf8), before: .absent, after: state)
                })
            if isFirst {
                first.append(transaction, position: nil)
            } else {
                second.append(transaction, position: nil)
            }
        }
        let firstLines = first.bytes.split(separator: 0x0A)
        var lines = second.bytes.split(separator: 0x0A)
        lines[2] = firstLines[2]
        let mixed: [UInt8] = lines.flatMap { Array($0) + [0x0A] }
        #expect(mixed.count == second.bytes.count)
        #expect(
            try CatalogReading(mixed).verdict
                == .tornTail(offset: UInt64(first.headerLength), .groupChecksum))
    }

    @Test("a line with the right checksum that is not of the grammar is corrupt, wherever it is")
    func wrongGrammar() throws {
        for line in [
            "t\t44\t0.000000000\tput\t0\t", "t\t044\t0.000000000\tput\t0\t\t",
            "t\t44\t0.00000000\tput\t0\t\t", "t\t44\t-0.000000000\tput\t0\t\t",
            "t\t44\t0.000000000\tput\t0\t%41\t", "t\t44\t0.000000000\tput\t0\t%0a\t",
            "t\t44\t0.000000000\tput\t99999999999999999999\t\t", "x\t44\t",
            "t\t44\t0.000000000\tput\t0\t%\t", "t\t44\t0.000000000\tput\t0\t\t\t", "t\t44\t",
            "t\t44\t9223372036854775808.000000000\tput\t0\t\t",
            "t\t44\t0.000000000\tput\t0\t\u{7F}\t",
        ] {
            var bytes = sample.bytes + Array(line.utf8)
            bytes += Array(checksumField(Array(line.utf8)).utf8) + [0x0A]
            #expect(
                try CatalogReading(bytes).verdict
                    == .corrupt(offset: UInt64(sample.bytes.count), line: 11, .invalidLine),
                "\(line)")
        }
    }

    @Test("a count of changes that a line merely claims allocates nothing")
    func hugeCount() throws {
        let line = "t\t44\t0.000000000\tput\t18446744073709551615\t\t"
        let bytes =
            sample.bytes + Array(line.utf8) + Array(checksumField(Array(line.utf8)).utf8) + [0x0A]
        let end = UInt64(sample.bytes.count)
        #expect(try CatalogReading(bytes).verdict == .tornTail(offset: end, .truncated))
    }

    @Test("pieces of any size give the same groups")
    func pieces() throws {
        for size in [1, 100, 333, 1000] {
            var (offset, end, number) = (sample.headerLength, sample.headerLength, UInt64(41))
            var transactions: [TransactionRecord] = []
            while offset < sample.bytes.count {
                end = min(end + size, sample.bytes.count)
                let reading = CatalogReading(
                    groupsOf: Array(sample.bytes[offset..<end]), from: UInt64(offset),
                    nextTransaction: number)
                transactions += reading.transactions
                number += UInt64(reading.transactions.count)
                switch reading.verdict {
                case .clean(let good), .tornTail(let good, _): offset = Int(good)
                case .corrupt:
                    Issue.record("unexpected \(reading.verdict)")
                    return
                }
            }
            #expect(transactions == sample.transactions)
        }
    }

    @Test("a change read by its place alone is checked, and other lines are refused")
    func changeByPlace() throws {
        let reading = try CatalogReading(sample.bytes)
        let start = Int(reading.groups[0].changeOffsets[0])
        let end = Int(reading.groups[0].changeOffsets[1])
        for offset in start..<end {
            for bit in 0..<8 {
                var bytes = sample.bytes
                bytes[offset] ^= 1 << bit
                #expect(throws: CatalogDefect.self) { try CatalogLines.change(bytes, at: start) }
            }
        }
        #expect(throws: CatalogDefect.unexpectedLine) {
            try CatalogLines.change(sample.bytes, at: sample.headerLength)
        }
        for place in [-1, sample.bytes.count, Int.max, Int.min] {
            #expect(throws: CatalogDefect.truncated) {
                try CatalogLines.change(sample.bytes, at: place)
            }
        }
        #expect(throws: CatalogDefect.self) {
            try CatalogLines.change(sample.bytes, at: start + 1)
        }
    }

    private func checksumField(_ covered: [UInt8]) -> String {
        Hexadecimal.encode(withUnsafeBytes(of: CRC32.of(covered).bigEndian) { Array($0) })
    }
}
