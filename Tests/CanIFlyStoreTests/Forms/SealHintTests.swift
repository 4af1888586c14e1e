import CanIFlyStore
import LosslessJSON
import StoreCodecs
import StoreFiles
import Testing

@Suite("The hint that a document may be sealed")
struct SealHintTests {
    private static let data = "{\"skills\":[1,2,3],\"name\":\"x\"}"
    private static let checksum = Digest.of(Array(data.utf8)).hexadecimal
    private static let documents = [
        "{\"version\":3,\"checksum\":\"\(checksum)\",\"data\":\(data)}",
        "{\"checksum\":\"\(checksum)\",\"data\":\(data)}",
        "{\"data\":\(data),\n \"checksum\": \"\(checksum)\"}\n",
    ].map { Array($0.utf8) }

    private static func hint(_ bytes: [UInt8], splitAt splits: [Int] = []) -> Bool {
        var scanner = JSONScanner()
        guard (try? scanner.consume(bytes)) != nil, (try? scanner.finish()) != nil else {
            return false
        }
        var hint = SealHint()
        var start = 0
        for end in splits + [bytes.count] {
            bytes[start..<end].withUnsafeBytes { hint.consume($0) }
            start = end
        }
        return hint.mayBeSealed(memberCount: scanner.rootMemberCount) { false }
    }

    private static func isWellFormed(_ bytes: [UInt8]) -> Bool {
        (try? JSONScanner.validate(bytes)) != nil
    }

    @Test("comes wherever one flipped bit breaks a seal", arguments: documents)
    func flips(document: [UInt8]) {
        var broken = 0
        for index in document.indices {
            for bit in 0..<8 {
                var damaged = document
                damaged[index] ^= 1 << bit
                guard Self.isWellFormed(damaged), SealScanner.judge(damaged).defect != nil else {
                    continue
                }
                broken += 1
                #expect(Self.hint(damaged), "bit \(bit) of byte \(index)")
            }
        }
        #expect(broken > 100)
    }

    @Test("comes however the document is cut into pieces", arguments: documents)
    func pieces(document: [UInt8]) {
        for first in 0...document.count {
            #expect(Self.hint(document, splitAt: [first]))
            let second = min(first + 7, document.count)
            #expect(Self.hint(document, splitAt: [first, second]))
        }
        #expect(Self.hint(document, splitAt: Array(0..<document.count)))
    }

    @Test("does not come for what cannot be sealed")
    func others() {
        let digits = String(repeating: "0123456789abcdef", count: 4)
        for text in [
            "[\"\(digits)\"]", "{\"a\":\"\(digits)\"}", "{\"a\":1,\"b\":2}",
            "{\"a\":1,\"b\":\"\(digits)\",\"c\":3,\"d\":4}",
            "{\"a\":1,\"b\":\"\(digits.dropLast())\"}",
        ] {
            #expect(!Self.hint(Array(text.utf8)), "\(text)")
        }
    }
}
