import StoreCodecs
import Testing

@Suite("A log segment's header")
struct LogSegmentHeaderTests {
    let header = LogTestSegment.sample().header

    @Test("what was written is read, whatever follows it")
    func roundTrip() throws {
        let bytes = header.encode()
        #expect(bytes.count == LogSegmentHeader.byteCount)
        #expect(try LogSegmentHeader.decode(bytes) == header)
        #expect(try LogSegmentHeader.decode(bytes + [1, 2, 3]) == header)
        let decoded = try LogSegmentHeader.decode(bytes)
        #expect(decoded.store == LogTestSegment.store)
        #expect(decoded.start.offset == UInt64(LogSegmentHeader.byteCount))
        #expect(decoded.start.chain == CRC32.of(Array(bytes.dropLast(4))))
    }

    @Test("every flipped bit is found, and none is taken for a newer program's work")
    func bitFlips() {
        for offset in 0..<LogSegmentHeader.byteCount {
            for bit in 0..<8 {
                var bytes = header.encode()
                bytes[offset] ^= 1 << bit
                let error = #expect(throws: LogSegmentError.self) {
                    try LogSegmentHeader.decode(bytes)
                }
                // A claim to be longer than the bytes there is truncation as well.
                let expected: [LogSegmentError] =
                    offset < 8 ? [.notALog] : offset < 16 ? [.checksum, .truncated] : [.checksum]
                #expect(error.map { expected.contains($0) } == true)
            }
        }
    }

    @Test("truncated at every byte")
    func truncation() {
        for length in 0..<LogSegmentHeader.byteCount {
            #expect(throws: LogSegmentError.truncated) {
                try LogSegmentHeader.decode(Array(header.encode()[..<length]))
            }
        }
    }

    @Test("a newer version is told from damage, also with a longer header")
    func newerVersion() {
        var bytes = header.encode()
        bytes[8] = 2
        resign(&bytes)
        #expect(throws: LogSegmentError.newerVersion(2)) { try LogSegmentHeader.decode(bytes) }

        var longer = header.encode()
        longer[8] = 7
        // 544 bytes.
        longer[12] = 0x20
        longer += [UInt8](repeating: 5, count: 32)
        resign(&longer)
        #expect(throws: LogSegmentError.newerVersion(7)) { try LogSegmentHeader.decode(longer) }
    }

    @Test("fields that this version does not write are refused")
    func invalid() {
        // Version 0, transaction 0, a reserved byte.
        for (offset, value) in [(8, UInt8(0)), (48, 0), (56, 1)] {
            var bytes = header.encode()
            bytes[offset] = value
            resign(&bytes)
            #expect(throws: LogSegmentError.invalid) { try LogSegmentHeader.decode(bytes) }
        }
    }

    @Test("an unwritten header is no log")
    func zeros() {
        #expect(throws: LogSegmentError.notALog) {
            try LogSegmentHeader.decode([UInt8](repeating: 0, count: LogSegmentHeader.byteCount))
        }
    }

    private func resign(_ bytes: inout [UInt8]) {
        let checksum = CRC32.of(Array(bytes.dropLast(4)))
        withUnsafeBytes(of: checksum.littleEndian) {
            bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: $0)
        }
    }
}

@Suite("A log record by itself")
struct LogRecordTests {
    let segment = LogTestSegment.sample()

    @Test("a content is read by its offset alone")
    func byOffset() throws {
        let record = try LogRecord.read(
            segment.bytes, at: segment.ends[1], salt: segment.header.salt, chain: nil)
        #expect(record.header.type == .content)
        #expect(record.header.transaction == 6)
        #expect(Array(segment.bytes[record.payload]) == Array("12345678".utf8))
        #expect(record.end - record.start == 64)
    }

    @Test("a header read by itself tells what a payload read in pieces must be")
    func inPieces() throws {
        let start = segment.ends[2]
        let header = try LogRecordHeader.decode(
            Array(segment.bytes[start..<start + 56]), salt: segment.header.salt, chain: nil)
        #expect(header.payloadLength == 1)
        #expect(header.paddingLength == 7)
        #expect(header.payloadChecksum == CRC32.of(Array("x".utf8)))
    }

    @Test("every flipped bit of a record is found without its neighbours")
    func bitFlips() {
        let range = segment.ends[2]..<segment.ends[2] + 64
        for offset in range {
            for bit in 0..<8 {
                var bytes = segment.bytes
                bytes[offset] ^= 1 << bit
                #expect(throws: LogDefect.self) {
                    try LogRecord.read(
                        bytes, at: range.lowerBound, salt: segment.header.salt, chain: nil)
                }
            }
        }
    }

    @Test("an offset outside the bytes is truncation", arguments: [-1, 100_000, Int.max, Int.min])
    func outside(offset: Int) {
        #expect(throws: LogDefect.truncated) {
            try LogRecord.read(segment.bytes, at: offset, salt: segment.header.salt, chain: nil)
        }
    }

    @Test("a wrong chain and a wrong salt are told apart")
    func chainAndSalt() {
        let start = segment.ends[1]
        #expect(throws: LogDefect.foreignSalt) {
            try LogRecord.read(segment.bytes, at: start, salt: 1, chain: nil)
        }
        #expect(throws: LogDefect.brokenChain) {
            try LogRecord.read(segment.bytes, at: start, salt: segment.header.salt, chain: 1)
        }
    }

    @Test("records take a multiple of eight bytes")
    func lengths() {
        for length in UInt64(0)...40 {
            let record = LogRecordHeader.recordLength(payloadLength: length)
            #expect(record % 8 == 0)
            #expect(record >= 56 + length && record < 64 + length)
        }
    }
}
