import StoreCodecs
import Testing

@Suite("The log's reader")
struct LogReaderTests {
    let segment = LogTestSegment.sample()
    var whole: LogReading { LogReading(segment.bytes, header: segment.header) }

    /// How many of the sample's transactions end at or before `offset`.
    func complete(before offset: Int) -> Int {
        segment.ends.dropFirst().count { $0 <= offset }
    }

    @Test("what was written is read, and the end is clean")
    func roundTrip() {
        #expect(whole.numbers == [5, 6, 7])
        #expect(
            whole.transactions.map { $0.dropLast() } == [
                [Array("first".utf8), []], [Array("12345678".utf8)],
                [Array("x".utf8), Array("abcdefghijkl".utf8)],
            ])
        let end = LogPosition(
            segment: 3, offset: UInt64(segment.bytes.count), chain: segment.encoder.chain)
        #expect(whole.verdict == .clean(end))
    }

    @Test("a segment without records is clean")
    func empty() {
        let segment = LogTestSegment()
        let reading = LogReading(segment.bytes, header: segment.header)
        #expect(reading.verdict == .clean(segment.header.start))
    }

    @Test("reading and writing resume at the end of any transaction")
    func resume() {
        for kept in 0...3 {
            let first = LogReading(
                Array(segment.bytes[..<segment.ends[kept]]), header: segment.header)
            guard case .clean(let position) = first.verdict else {
                Issue.record("not clean: \(first.verdict)")
                return
            }
            let rest = LogReading(
                segment.bytes, header: segment.header, from: position,
                nextTransaction: 5 + UInt64(kept))
            #expect(first.transactions + rest.transactions == whole.transactions)
            #expect(rest.verdict == whole.verdict)

            var resumed = LogTestSegment()
            resumed.bytes = Array(segment.bytes[..<segment.ends[kept]])
            resumed.encoder = LogRecordEncoder(salt: segment.header.salt, chain: position.chain)
            resumed.append(transaction: 5 + UInt64(kept), contents: [[1, 2, 3]])
            let reading = LogReading(resumed.bytes, header: segment.header)
            #expect(reading.transactions.count == kept + 1)
            #expect(reading.goodEnd == resumed.bytes.count)
        }
    }

    @Test("truncated at every byte: the complete transactions are read, the rest is torn")
    func truncation() {
        for length in LogSegmentHeader.byteCount..<segment.bytes.count {
            let reading = LogReading(Array(segment.bytes[..<length]), header: segment.header)
            let kept = complete(before: length)
            #expect(reading.transactions == Array(whole.transactions[..<kept]))
            #expect(reading.goodEnd == segment.ends[kept])
            if segment.ends.contains(length) {
                guard case .clean = reading.verdict else {
                    Issue.record("not clean at \(length): \(reading.verdict)")
                    continue
                }
            } else {
                guard case .tornTail = reading.verdict else {
                    Issue.record("not torn at \(length): \(reading.verdict)")
                    continue
                }
            }
        }
    }

    @Test("every flipped bit is found: damage before the last transaction, torn within it")
    func bitFlips() {
        let lastStart = segment.ends[2]
        for offset in LogSegmentHeader.byteCount..<segment.bytes.count {
            for bit in 0..<8 {
                var bytes = segment.bytes
                bytes[offset] ^= 1 << bit
                let reading = LogReading(bytes, header: segment.header)
                let kept = complete(before: offset)
                #expect(reading.transactions == Array(whole.transactions[..<kept]))
                switch reading.verdict {
                case .clean: Issue.record("flip of bit \(bit) at \(offset) not found")
                case .tornTail(let position, _):
                    #expect(offset >= lastStart)
                    #expect(position.offset == UInt64(lastStart))
                case .damaged(let damage, _):
                    #expect(offset < lastStart)
                    #expect(damage <= UInt64(offset) && damage >= UInt64(segment.ends[kept]))
                }
            }
        }
    }

    @Test("every missing, zeroed or foreign 8 bytes are found")
    func overwritten() {
        for offset in stride(
            from: LogSegmentHeader.byteCount, to: segment.bytes.count, by: 8)
        {
            for filler in [UInt8(0), 0xFF, 0xAB] {
                var bytes = segment.bytes
                for index in offset..<offset + 8 { bytes[index] = filler }
                guard bytes != segment.bytes else { continue }
                let kept = complete(before: offset)
                let reading = LogReading(bytes, header: segment.header)
                #expect(reading.transactions == Array(whole.transactions[..<kept]))
                if case .clean = reading.verdict { Issue.record("not found at \(offset)") }
            }
            var bytes = segment.bytes
            bytes.removeSubrange(offset..<offset + 8)
            if case .clean = LogReading(bytes, header: segment.header).verdict {
                Issue.record("removal at \(offset) not found")
            }
        }
    }

    @Test("zeros behind the last transaction are a torn tail", arguments: [1, 7, 8, 56, 64, 5000])
    func zeroTail(count: Int) {
        let bytes = segment.bytes + [UInt8](repeating: 0, count: count)
        let reading = LogReading(bytes, header: segment.header)
        #expect(reading.transactions.count == 3)
        let end = LogPosition(
            segment: 3, offset: UInt64(segment.bytes.count), chain: segment.encoder.chain)
        let defect: LogDefect = count < 56 ? .truncated : .marker
        #expect(reading.verdict == .tornTail(end, defect))
    }

    @Test("records of another segment behind the last transaction are a torn tail")
    func staleOtherSalt() {
        var other = LogTestSegment(salt: 99, firstTransaction: 8)
        other.append(transaction: 8, contents: [[1]])
        other.append(transaction: 9, contents: [[2]])
        let stale = other.bytes[LogSegmentHeader.byteCount...]
        let reading = LogReading(segment.bytes + stale, header: segment.header)
        #expect(reading.transactions.count == 3)
        #expect(reading.goodEnd == segment.bytes.count)
        guard case .tornTail(_, .foreignSalt) = reading.verdict else {
            Issue.record("unexpected \(reading.verdict)")
            return
        }
    }

    @Test("earlier transactions of the same segment behind the last one are a torn tail")
    func staleEarlierTransaction() {
        let stale = segment.bytes[segment.ends[0]..<segment.ends[2]]
        let reading = LogReading(segment.bytes + stale, header: segment.header)
        #expect(reading.transactions.count == 3)
        #expect(reading.verdict == .tornTail(endOfSample, .brokenChain))
    }

    @Test("what an attempt that was cut off left behind is never part of the next one")
    func staleSameNumber() {
        var attempt = segment
        attempt.append(transaction: 8, contents: [[UInt8](repeating: 1, count: 40)])
        var next = segment
        next.append(transaction: 8, contents: [[2]])
        // The next attempt is shorter, and the older one's end shows behind it.
        let bytes = next.bytes + attempt.bytes[next.bytes.count...]
        let reading = LogReading(bytes, header: segment.header)
        #expect(reading.numbers == [5, 6, 7, 8])
        #expect(reading.transactions.last?.first == [2])
        #expect(reading.goodEnd == next.bytes.count)

        // Or only the new content has landed, before the older attempt's commit record.
        var sameLength = segment
        sameLength.append(transaction: 8, contents: [[UInt8](repeating: 3, count: 40)])
        let commit = attempt.bytes.count - 72
        let mixed = sameLength.bytes[..<commit] + attempt.bytes[commit...]
        let mixedReading = LogReading(Array(mixed), header: segment.header)
        #expect(mixedReading.numbers == [5, 6, 7])
        #expect(mixedReading.verdict == .tornTail(endOfSample, .brokenChain))
    }

    @Test("any subset of the last transaction's sectors may be missing: torn, never damaged")
    func missingSectors() {
        var segment = segment
        let start = segment.bytes.count
        segment.append(
            transaction: 8,
            contents: (0..<4).map { [UInt8](repeating: UInt8($0 + 1), count: 400) })
        let sectors = Array(start / 512...(segment.bytes.count - 1) / 512)
        for subset in 1..<(1 << sectors.count) {
            var bytes = segment.bytes
            for (index, sector) in sectors.enumerated() where subset >> index & 1 == 1 {
                let range = max(start, sector * 512)..<min(bytes.count, (sector + 1) * 512)
                for offset in range { bytes[offset] = 0 }
            }
            let reading = LogReading(bytes, header: segment.header)
            #expect(reading.numbers == [5, 6, 7])
            guard case .tornTail(endOfSample, _) = reading.verdict else {
                Issue.record("subset \(subset): \(reading.verdict)")
                continue
            }
        }
    }

    @Test("a good record of a later transaction, even uncommitted, proves damage")
    func laterContentProvesDamage() {
        var segment = segment
        let commit = segment.bytes.count
        segment.append(transaction: 8, contents: [[1], [2]])
        // Of transaction 8 only the first content is there; transaction 7 has a flipped bit.
        var bytes = Array(segment.bytes[..<(commit + 64)])
        bytes[segment.ends[2] + 56] ^= 1
        let reading = LogReading(bytes, header: segment.header)
        #expect(
            reading.verdict
                == .damaged(offset: UInt64(segment.ends[2]), .payloadChecksum))
    }

    @Test("a payload that claims 2^63 bytes is refused before anything is allocated")
    func hugeLength() {
        for length in [UInt64(1) << 63, .max, .max - 7, 1 << 40] {
            var segment = segment
            segment.encoder.appendHeader(
                type: .content, transaction: 8, payloadLength: length, payloadChecksum: 0,
                to: &segment.bytes)
            segment.bytes += [UInt8](repeating: 0, count: 64)
            let reading = LogReading(segment.bytes, header: segment.header)
            #expect(reading.verdict == .tornTail(endOfSample, .truncated))
        }
    }

    @Test("what is chained and checksummed and yet wrong is damage, not a tear")
    func wrongThoughChained() {
        var wrongNumber = segment
        wrongNumber.append(transaction: 7, contents: [])
        #expect(
            LogReading(wrongNumber.bytes, header: segment.header).verdict
                == .damaged(offset: UInt64(segment.bytes.count), .transactionNumber(7)))

        for count in [0, 2, UInt64.max] {
            var wrongCount = segment
            wrongCount.encoder.appendRecord(
                type: .content, transaction: 8, payload: [1], to: &wrongCount.bytes)
            let commit = wrongCount.bytes.count
            let payload = withUnsafeBytes(of: count.littleEndian) { Array($0) }
            wrongCount.encoder.appendRecord(
                type: .commit, transaction: 8, payload: payload, to: &wrongCount.bytes)
            #expect(
                LogReading(wrongCount.bytes, header: segment.header).verdict
                    == .damaged(offset: UInt64(commit), .contentCount))
        }

        var shortCommit = segment
        shortCommit.encoder.appendRecord(
            type: .commit, transaction: 8, payload: [0, 0, 0], to: &shortCommit.bytes)
        #expect(
            LogReading(shortCommit.bytes, header: segment.header).verdict
                == .damaged(offset: UInt64(segment.bytes.count), .contentCount))
    }

    @Test("a type, a reserved byte or a complement that this version does not write is damage")
    func unknownFields() {
        for (offset, byte, defect) in [
            (4, UInt8(5), LogDefect.unknownType(5)), (4, 0, .unknownType(0)),
            (5, 1, .invalidHeader), (7, 0x80, .invalidHeader), (8, 1, .invalidHeader),
            (16, 0, .invalidHeader), (48, 1, .invalidHeader),
        ] {
            var bytes = segment.bytes
            let start = bytes.count
            var encoder = segment.encoder
            encoder.appendRecord(type: .content, transaction: 8, payload: [], to: &bytes)
            bytes[start + offset] = byte
            let checksum = CRC32.of(Array(bytes[start..<start + 52]))
            withUnsafeBytes(of: checksum.littleEndian) {
                bytes.replaceSubrange(start + 52..<start + 56, with: $0)
            }
            #expect(
                LogReading(bytes, header: segment.header).verdict
                    == .damaged(offset: UInt64(start), defect))
        }
    }

    @Test("a payload may look like a record without being taken for one")
    func payloadThatLooksLikeRecords() {
        var segment = LogTestSegment()
        let imitation = Array(LogTestSegment.sample().bytes[LogSegmentHeader.byteCount...])
        segment.append(transaction: 5, contents: [imitation, imitation])
        let reading = LogReading(segment.bytes, header: segment.header)
        #expect(reading.transactions.first?.first == imitation)
        #expect(reading.goodEnd == segment.bytes.count)
    }

    var endOfSample: LogPosition {
        LogPosition(segment: 3, offset: UInt64(segment.bytes.count), chain: segment.encoder.chain)
    }
}
