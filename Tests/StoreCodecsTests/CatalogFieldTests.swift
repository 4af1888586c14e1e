import StoreCodecs
import StoreTestSupport
import Testing

@Suite("The catalog's fields")
struct CatalogFieldTests {
    /// Text with everything in it that could confuse a line.
    static func name(using generator: inout SeededGenerator) -> [UInt8] {
        let parts = [
            "a", "/", "\t", "\n", "%", "%0A", "-", "=", ":", "é", "e\u{301}", "日", "\u{7F}",
        ]
        var name: [UInt8] = []
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            if Bool.random(using: &generator) {
                name += Array(parts.randomElement(using: &generator)!.utf8)
            } else {
                name.append(UInt8.random(in: 0x01...0x1F, using: &generator))
            }
        }
        return name
    }

    static func time(using generator: inout SeededGenerator) -> RecordedTime {
        let seconds: [Int64] = [.min, -1, 0, 1, 1_790_000_000, .max]
        return RecordedTime(
            seconds: seconds.randomElement(using: &generator)!,
            nanoseconds: [0, 1, 999_999_999, 100].randomElement(using: &generator)!)
    }

    static func state(using generator: inout SeededGenerator) -> DocumentState {
        let numbers: [UInt64] = [0, 9, 10, 1 << 40, 18_446_744_073_709_551_609, .max]
        let location = ContentLocation(
            segment: numbers.randomElement(using: &generator)!,
            offset: numbers.randomElement(using: &generator)!)
        return DocumentState(
            digest: Digest.of(generator.bytes(count: 3)),
            bytes: numbers.randomElement(using: &generator)!,
            mode: UInt16.random(in: 0...0o7777, using: &generator),
            user: [0, 1000, .max].randomElement(using: &generator)!,
            group: [0, 1000, .max].randomElement(using: &generator)!,
            modified: time(using: &generator),
            location: Bool.random(using: &generator) ? location : nil)
    }

    static func transaction(
        _ number: UInt64, using generator: inout SeededGenerator
    ) -> TransactionRecord {
        var changes: [ChangeRecord] = []
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            let before: PriorState =
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: .absent
                case 1: .asRecorded
                default: .present(state(using: &generator))
                }
            let signature = RecordedSignature(
                inode: .random(in: 0 ... .max, using: &generator), changed: time(using: &generator))
            changes.append(
                ChangeRecord(
                    document: name(using: &generator), before: before,
                    after: Bool.random(using: &generator) ? state(using: &generator) : nil,
                    signature: Bool.random(using: &generator) ? signature : nil))
        }
        return TransactionRecord(
            number: number, time: time(using: &generator), command: "put",
            message: String(decoding: name(using: &generator), as: UTF8.self), changes: changes)
    }

    @Test("random transactions come back byte for byte", arguments: UInt64(1)...40)
    func randomTransactions(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var sample = CatalogSample(
            header: CatalogHeader(
                store: LogTestSegment.store, generation: seed, firstTransaction: 1))
        for number in UInt64(1)...20 {
            let position = LogPosition(
                segment: .random(in: 0 ... .max, using: &generator),
                offset: .random(in: 0 ... .max, using: &generator),
                chain: .random(in: 0 ... .max, using: &generator))
            sample.append(
                Self.transaction(number, using: &generator),
                position: Bool.random(using: &generator) ? position : nil)
        }
        let reading = try CatalogReading(sample.bytes)
        #expect(reading.transactions == sample.transactions)
        #expect(reading.groups.map(\.position) == sample.positions)
        // Equality of strings would not tell canonically equivalent messages apart.
        for (read, written) in zip(reading.transactions, sample.transactions) {
            #expect(read.message.utf8.elementsEqual(written.message.utf8))
        }
        // Apart from the ends of lines there is no control character but the separator.
        #expect(sample.bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A })
    }

    @Test("names that are not UTF-8 come back as they were")
    func namesOfBytes() throws {
        let name: [UInt8] = [0xFF, 0xC3, 0x28, 0x80, 0x41]
        var sample = CatalogSample()
        sample.append(
            TransactionRecord(
                number: 41, time: RecordedTime(seconds: 0), command: "put",
                changes: [ChangeRecord(document: name, before: .absent, after: nil)]),
            position: nil)
        #expect(try CatalogReading(sample.bytes).transactions == sample.transactions)
    }

    @Test("every flipped bit of the header is found, and none is taken for a newer catalog")
    func headerBitFlips() {
        let line = CatalogSample().bytes
        for offset in line.indices {
            for bit in 0..<8 {
                var bytes = line
                bytes[offset] ^= 1 << bit
                let error = #expect(throws: CatalogHeaderError.self) {
                    try CatalogHeader.decode(bytes)
                }
                let expected: [CatalogHeaderError] = [.notACatalog, .checksum, .truncated]
                #expect(error.map { expected.contains($0) } == true)
            }
        }
    }

    @Test("the header comes back; truncated at every byte it does not")
    func header() throws {
        let bytes = CatalogSample().bytes
        let (header, length) = try CatalogHeader.decode(bytes + [0x74])
        #expect(header == CatalogSample.header)
        #expect(length == bytes.count)
        for length in 0..<bytes.count {
            #expect(throws: CatalogHeaderError.truncated) {
                try CatalogHeader.decode(Array(bytes[..<length]))
            }
        }
        #expect(throws: CatalogHeaderError.notACatalog) {
            try CatalogHeader.decode([UInt8](repeating: 0, count: 200))
        }
    }

    @Test("a newer catalog is told from a damaged one, whatever its other fields are")
    func newerVersion() {
        let covered = Array("canifly-store catalog 12\tanything else\t".utf8)
        let checksum = withUnsafeBytes(of: CRC32.of(covered).bigEndian) { Array($0) }
        let line = covered + Array(Hexadecimal.encode(checksum).utf8) + [0x0A]
        #expect(throws: CatalogHeaderError.newerVersion(12)) { try CatalogHeader.decode(line) }
    }

    @Test(
        "a header whose checksum is right and whose fields are not is refused",
        arguments: [
            "1\t101112131415161718191a1b1c1d1e1f\t1\t0\t \t",
            "1\t101112131415161718191a1b1c1d1e1F\t1\t1\t \t", "0\tx\t", "1\t", "x\t",
            "1\t101112131415161718191a1b1c1d1e1f\t1\t1\t",
            "1\t101112131415161718191a1b1c1d1e1f\t1\t1\t 1\t",
        ])
    func invalidHeader(fields: String) {
        let covered = Array("canifly-store catalog \(fields)".utf8)
        let checksum = withUnsafeBytes(of: CRC32.of(covered).bigEndian) { Array($0) }
        let line = covered + Array(Hexadecimal.encode(checksum).utf8) + [0x0A]
        #expect(throws: CatalogHeaderError.invalid) { try CatalogHeader.decode(line) }
    }

    @Test("a commit record's payload comes back, and every flipped bit of its lines is found")
    func commitPayload() throws {
        let transaction = CatalogSample.small().transactions[0]
        let payload = CommitPayload(contentCount: 2, transaction: transaction)
        let bytes = payload.encode()
        #expect(try CommitPayload.decode(bytes, transaction: 41) == payload)
        #expect(throws: CatalogDefect.self) { try CommitPayload.decode(bytes, transaction: 42) }
        #expect(throws: CatalogDefect.self) {
            try CommitPayload.decode(bytes + [0], transaction: 41)
        }
        for length in bytes.indices {
            #expect(throws: CatalogDefect.truncated) {
                try CommitPayload.decode(Array(bytes[..<length]), transaction: 41)
            }
        }
        for offset in 8..<bytes.count {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[offset] ^= 1 << bit
                #expect(throws: CatalogDefect.self) {
                    try CommitPayload.decode(flipped, transaction: 41)
                }
            }
        }
    }
}
