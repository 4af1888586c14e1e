import LosslessJSON
import StoreTestSupport
import Testing

@Suite("Scanning, swept")
struct ScannerSweepTests {
    @Test("a text cut off anywhere is truncated there", arguments: sampleTexts)
    func truncation(sample: String) throws {
        let bytes = Array(sample.utf8)
        #expect(scan(bytes) == nil)
        for length in 0..<bytes.count {
            let piece = Array(bytes[..<length])
            let error = scan(piece)
            #expect(error == parse(piece), "\(length) bytes")
            let expected = ReferenceParser.judge(piece)
            #expect(error?.code == expected?.code, "\(length) bytes")
            #expect(error?.offset == expected?.offset, "\(length) bytes")
            if let error { #expect([.truncated, .empty].contains(error.code)) }
            if let error { #expect(error.offset == length) }
        }
    }

    @Test("NUL bytes from anywhere to the end are told as such", arguments: sampleTexts)
    func nulTail(sample: String) throws {
        let bytes = Array(sample.utf8)
        for length in 0...bytes.count {
            let torn = bytes[..<length] + [UInt8](repeating: 0, count: 20)
            let error = try #require(scan(Array(torn)))
            #expect(error.code == .nulBytes)
            #expect(error.offset == length)
            #expect(error == parse(Array(torn)))
            #expect(ReferenceParser.judge(Array(torn))?.code == .nulBytes)
            let single = torn.indices.map { torn[$0...$0] }
            #expect(scan(single) == error)
            let broken = try #require(scan(Array(torn + [UInt8(ascii: "x")])))
            #expect(broken.code != .nulBytes)
            if length >= trimmedCount(bytes) { #expect(broken.code == .trailing) }
        }
    }

    @Test("a key is the same however it is written and wherever pieces end", arguments: 0..<24)
    func keysInPieces(length: Int) {
        let key = String((0..<length).map { Character(Unicode.Scalar(UInt8(97 + $0 % 23))) })
        let escaped = key.unicodeScalars.map {
            "\\u00" + String($0.value, radix: 16)
        }.joined()
        // With so much behind it that a word can be loaded, and with nothing.
        for (second, rest) in [(key, ":1}"), (escaped, ":1}"), (key, ": [1, 2, 3, 4]}")] {
            let bytes = Array("{\"\(key)\":0,\"\(second)\"\(rest)".utf8)
            #expect(scan(bytes)?.code == .duplicateKey)
            for cut in 0...bytes.count {
                let error = scan([bytes[..<cut], bytes[cut...]])
                #expect(error?.code == .duplicateKey, "cut at \(cut)")
                #expect(error?.offset == length + 6, "cut at \(cut)")
            }
        }
        // Nothing but the length tells these from each other.
        let zeros = String(repeating: "\\u0000", count: length)
        #expect(scan("{\"\(zeros)\":0,\"\(zeros)\\u0000\":0}") == nil)
        #expect(scan("{\"\(zeros)\":0,\"\(zeros)\":0}")?.code == .duplicateKey)
        #expect(scan("{\"\(key)\":0,\"\(key)x\":0,\"y\(key)\":0}") == nil)
    }

    @Test("a number ends at its first byte that is no digit", arguments: UInt8.min...UInt8.max)
    func digits(byte: UInt8) {
        for length in 1...18 {
            let digits = (0..<length).map { UInt8(ascii: "1") + UInt8($0 % 9) }
            for rest in [[], Array("                ".utf8), Array("123456789012".utf8)] {
                let bytes = [UInt8(ascii: "[")] + digits + [byte] + rest + [UInt8(ascii: "]")]
                let expected = ReferenceParser.judge(bytes)
                let error = scan(bytes)
                #expect(error?.code == expected?.code, "\(bytes)")
                #expect(error?.offset == expected?.offset, "\(bytes)")
            }
        }
    }

    private func trimmedCount(_ bytes: [UInt8]) -> Int {
        bytes.count - bytes.reversed().prefix { $0 <= 0x20 }.count
    }

    @Test("changed texts are judged as the grammar says", arguments: 0..<8)
    func mutation(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let interesting: [UInt8] = [
            0x00, 0x09, 0x0A, 0x1F, 0x20, 0x22, 0x2B, 0x2C, 0x2D, 0x2E, 0x30, 0x31, 0x3A, 0x5B,
            0x5C, 0x5D, 0x65, 0x75, 0x7B, 0x7D, 0x7F, 0x80, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED,
            0xEF, 0xF0, 0xF4, 0xF5, 0xFE, 0xFF,
        ]
        var refusals: Set<JSONErrorCode> = []
        for round in 0..<600 {
            var bytes =
                round % 2 == 0
                ? Array((sampleTexts.randomElement(using: &generator) ?? "").utf8)
                : Array(
                    MadeUpValue.random(4, using: &generator).text(using: &generator).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                let byte = interesting.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                case 2: bytes.remove(at: place)
                default:
                    let end = Int.random(in: place..<bytes.count, using: &generator)
                    let target = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes.insert(contentsOf: Array(bytes[place...end].prefix(8)), at: target)
                }
            }
            let expected = ReferenceParser.judge(bytes)
            let error = scan(bytes)
            #expect(error?.code == expected?.code, "\(bytes)")
            #expect(error?.offset == expected?.offset, "\(bytes)")
            #expect(error == parse(bytes), "\(bytes)")
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            #expect(scan([bytes[..<cut], bytes[cut...]]) == error, "\(bytes) cut at \(cut)")
            if let error {
                refusals.insert(error.code)
                #expect(
                    LineColumn(of: error.offset, in: bytes)
                        == LineColumn(line: error.line, column: error.column))
                #expect(error.reason.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
            }
        }
        #expect(refusals.isSuperset(of: [.malformed, .truncated, .trailing, .invalidUTF8]))
    }

    @Test("every two-byte text is judged as the grammar says")
    func pairs() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let error = scan([first, second])
                let expected = ReferenceParser.judge([first, second])
                if error?.code != expected?.code || error?.offset != expected?.offset {
                    Issue.record("\(first) \(second): \(error?.code as Any)")
                }
            }
        }
    }

    @Test("every start of a UTF-8 sequence is judged as the standard library does")
    func sequences() {
        for first in UInt8(0x80)...0xFF {
            for second in stride(from: UInt8(0x70), through: 0xC8, by: 1) {
                for rest: [UInt8] in [
                    [], [0x80], [0x80, 0xBF], [0xC0, 0x80], [0x80, 0x80, 0x80],
                ] {
                    let body = [first, second] + rest
                    let isValid = String(validating: body, as: UTF8.self) != nil
                    let error = scan([0x22] + body + [0x22])
                    if (error == nil) != isValid { Issue.record("\(body)") }
                    if let error, error.code != .invalidUTF8 { Issue.record("\(body)") }
                }
            }
        }
    }
}
