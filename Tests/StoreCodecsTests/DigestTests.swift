import StoreCodecs
import Testing

@Suite("SHA-256 digests")
struct DigestTests {
    static let knownAnswers: [(message: [UInt8], digest: String)] = [
        (
            Array("abc".utf8),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        ),
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            [UInt8](repeating: 0x61, count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ]

    @Test("the known answers of FIPS 180 come out", arguments: 0..<knownAnswers.count)
    func knownAnswer(index: Int) {
        let (message, expected) = Self.knownAnswers[index]
        #expect(Digest.of(message).hexadecimal == expected)
    }

    @Test("pieces of any size give the digest of the whole, and the hasher can be used again")
    func pieces() {
        let message = [UInt8]((0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) })
        let expected = Digest.of(message)
        var hasher = DigestHasher()
        for size in [1, 3, 63, 64, 65, 999, 1000] {
            for start in stride(from: 0, to: message.count, by: size) {
                hasher.update(Array(message[start..<min(start + size, message.count)]))
            }
            let digest = hasher.finish()
            #expect(digest == expected)
        }
        hasher.update([1, 2, 3])
        hasher.reset()
        hasher.update(message)
        let digest = hasher.finish()
        #expect(digest == expected)
    }

    @Test("bytes and digits spell the same digest")
    func spelling() throws {
        let bytes = [UInt8]((0..<32).map { UInt8($0 * 8 + 7) })
        let digest = try #require(Digest(bytes: bytes))
        #expect(digest.bytes == bytes)
        #expect(digest.hexadecimal == Hexadecimal.encode(bytes))
        #expect(Digest(hexadecimal: digest.hexadecimal) == digest)
        #expect("\(digest)" == digest.hexadecimal)
    }

    @Test("what is not 64 lower-case digits is no digest")
    func refusals() {
        let digits = Array(Digest.of([]).hexadecimal.utf8)
        #expect(Digest(hexadecimal: Array(digits.dropLast())) == nil)
        #expect(Digest(hexadecimal: digits + [0x30]) == nil)
        #expect(Digest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
        for position in digits.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = digits
                changed[position] = byte
                let isDigit = (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
                let digest = Digest(hexadecimal: changed)
                #expect((digest != nil) == isDigit)
                if let digest { #expect(Array(digest.hexadecimal.utf8) == changed) }
            }
        }
    }

    @Test("digests are ordered as their bytes are")
    func order() throws {
        for position in 0..<32 {
            var low = [UInt8](repeating: 0x80, count: 32)
            var high = low
            low[position] = 0x7F
            high[position] = 0x81
            let lower = try #require(Digest(bytes: low))
            let higher = try #require(Digest(bytes: high))
            #expect(lower < higher)
            #expect(!(higher < lower))
            #expect(lower != higher)
        }
    }
}

@Suite("CRC-32")
struct CRC32Tests {
    @Test("the check value of the catalogues comes out")
    func knownAnswer() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.of([UInt8]()) == 0)
    }

    @Test("pieces, seeds and combination give the checksum of the whole")
    func pieces() {
        let bytes = [UInt8]((0..<500).map { UInt8(truncatingIfNeeded: $0 &* 101) })
        let whole = CRC32.of(bytes)
        for split in [0, 1, 8, 250, 499, 500] {
            let (first, second) = (Array(bytes[..<split]), Array(bytes[split...]))
            #expect(CRC32.of(second, seed: CRC32.of(first)) == whole)
            var streaming = CRC32()
            streaming.update(first)
            streaming.update(second)
            #expect(streaming.value == whole)
            let combined = CRC32.combine(
                CRC32.of(first), CRC32.of(second), secondLength: second.count)
            #expect(combined == whole)
        }
    }
}
