import CanIFlyStore
import StoreCodecs
import StoreFiles
import Testing

@Suite("Sealed documents")
struct SealedDocumentTests {
    /// What Go's `encoding/json` writes for a struct with a string of awkward characters, numbers,
    /// a map, and empty containers: `json.Marshal`, whose SHA-256 is the checksum.
    private static let goData =
        "{\"Name\":\"a \\u003c b \\u0026 c \\u003e d\\u2028é\\\\\\\"\",\"Big\":1e+21,"
        + "\"Small\":1e-7,\"Whole\":9007199254740993,\"Map\":{\"a\":[],\"b\":{},\"z\":null},"
        + "\"Nested\":[[1,2],[true,false]]}"

    /// The same as `json.MarshalIndent(…, "", "  ")` writes it inside the wrapper.
    private static let goIndented = """
        {
          "version": 3,
          "checksum": "CHECKSUM",
          "data": {
            "Name": "a \\u003c b \\u0026 c \\u003e d\\u2028é\\\\\\"",
            "Big": 1e+21,
            "Small": 1e-7,
            "Whole": 9007199254740993,
            "Map": {
              "a": [],
              "b": {},
              "z": null
            },
            "Nested": [
              [
                1,
                2
              ],
              [
                true,
                false
              ]
            ]
          }
        }
        """
    private static let goChecksum = Digest.of(Array(goData.utf8)).hexadecimal

    private static func goText(indented: Bool) -> String {
        indented
            ? goIndented.split(separator: "CHECKSUM").joined(separator: goChecksum)
            : "{\"version\":3,\"checksum\":\"\(goChecksum)\",\"data\":\(goData)}\n"
    }

    private func judged(_ text: String) -> Seal? {
        if case .sealed(let seal) = SealScanner.judge(Array(text.utf8)) { seal } else { nil }
    }

    @Test("by Go verify, indented or not", arguments: [true, false])
    func goVectors(indented: Bool) throws {
        let seal = try #require(judged(Self.goText(indented: indented)))
        #expect(seal.version == 3)
        #expect(seal.isIntact)
        #expect(seal.statedChecksum?.hexadecimal == Self.goChecksum)
    }

    @Test("may have their members in any order, and any white space")
    func anyOrder() throws {
        let text =
            "\t{ \"data\" :\r\n {\"a\" : [1 , 2.50 ]} , \"checksum\":\""
            + Digest.of(Array("{\"a\":[1,2.50]}".utf8)).hexadecimal + "\"  }\n "
        let seal = try #require(judged(text))
        #expect(seal.isIntact && seal.version == nil)
        #expect(
            String(decoding: Array(text.utf8)[seal.data], as: UTF8.self) == "{\"a\" : [1 , 2.50 ]}")
    }

    @Test(
        "have any kind of value as data",
        arguments: ["1", "-0.50", "\"a \\\" b\"", "null", "true", "[]", "{}", "[[{\"a\":[]}]]"])
    func anyData(_ data: String) throws {
        let checksum = Digest.of(Array(data.utf8)).hexadecimal
        for text in [
            "{\"checksum\":\"\(checksum)\",\"data\":\(data)}",
            "{\"data\":\(data),\"checksum\":\"\(checksum)\"}",
            "{\"data\":\(data) , \"version\":1, \"checksum\":\"\(checksum)\"}",
        ] {
            let seal = try #require(judged(text))
            #expect(seal.isIntact)
            #expect(String(decoding: Array(text.utf8)[seal.data], as: UTF8.self) == data)
        }
    }

    @Test("are judged the same however the bytes are cut")
    func anyPieces() {
        let bytes = Array(Self.goText(indented: true).utf8)
        let whole = SealScanner.judge(bytes)
        for cut in bytes.indices {
            var scanner = SealScanner()
            bytes[..<cut].withUnsafeBytes { scanner.consume($0) }
            bytes[cut...].withUnsafeBytes { scanner.consume($0) }
            #expect(scanner.finish() == whole)
        }
    }

    @Test(
        "are not what merely looks like one",
        arguments: [
            "{}", "[]", "1", "{\"data\":1}", "{\"version\":1}", "{\"version\":\"1.0\",\"data\":[]}",
            "{\"version\":1,\"name\":\"x\",\"data\":[]}", "{\"checksum\":\"abc\",\"data\":1}",
            "{\"a\":1,\"version\":1,\"checksum\":\"x\",\"data\":2}", "{\"version\":1.5,\"data\":1}",
        ])
    func others(_ text: String) {
        #expect(SealScanner.judge(Array(text.utf8)) == .notSealed)
    }

    @Test("tell a flip of any byte that says something")
    func everyFlip() throws {
        let original =
            Array(
                "{\"version\": 1, \"checksum\": \"\(Digest.of(Array("{\"a\":[1,\"x y\"]}".utf8)))\", "
                    .utf8) + Array("\"data\": {\"a\": [1, \"x y\"]}}".utf8)
        let store = try FormStore()
        store.place("a.json", original)
        _ = try store.store.snapshot(WriteOptions(command: "snapshot"))
        #expect(try store.findings().isEmpty)
        for index in original.indices {
            for bit in 0..<8 {
                var damaged = original
                damaged[index] ^= 1 << UInt8(bit)
                store.place("a.json", damaged)
                let findings = try store.findings()
                #expect(findings.contains { $0.document == "a.json" })
                // The version is not under the checksum, and white space may be of any kind: these
                // show as changed, no more.
                let isVersion = index == 12
                let isSpace =
                    original[index] == 0x20 && [0x20, 0x0A, 0x0D, 0x09].contains(damaged[index])
                if !isVersion && !isSpace {
                    #expect(
                        findings.contains { $0.severity == .error },
                        "byte \(index), bit \(bit): \(String(decoding: damaged, as: UTF8.self))")
                }
            }
        }
    }

    @Test("name both digests where they differ")
    func mismatch() throws {
        let store = try FormStore()
        let wrong = String(repeating: "0", count: 64)
        store.place("a.json", Array("{\"checksum\":\"\(wrong)\",\"data\":1}".utf8))
        let finding = try #require(try store.findings().first { $0.code == .checksumMismatch })
        #expect(finding.detail.contains(wrong))
        #expect(finding.detail.contains(Digest.of(Array("1".utf8)).hexadecimal))
        #expect(store.code { _ = try store.get("a.json") } == "checksum-mismatch")
        #expect(
            store.code {
                try store.patch("a.json", "[{\"op\":\"test\",\"path\":\"/data\",\"value\":1}]")
            }
                == "checksum-mismatch")
        #expect(
            store.code { try store.put("b.json", "{\"checksum\":\"\(wrong)\",\"data\":1}") }
                == "checksum-mismatch")
    }

    @Test("are made by put, keep their data's spelling, and come out as they went in")
    func putAndGet() throws {
        let store = try FormStore()
        try store.put("a.json", "{\"a\": 1.50}\n", seals: true, version: 7)
        let text = try store.get("a.json")
        let seal = try #require(judged(text))
        #expect(seal.version == 7 && seal.isIntact && seal.statedChecksum != nil)
        #expect(text.hasSuffix("{\"a\": 1.50}}\n"))
        let data = try SealedDocument.data(
            of: Array(text.utf8), document: store.path("a.json"))
        #expect(String(decoding: data, as: UTF8.self) == "{\"a\": 1.50}")
        #expect(store.code { try store.put("b.json", "not json", seals: true) } == "json-malformed")
    }

    @Test("stay sealed when they are patched, with a new checksum")
    func patched() throws {
        let store = try FormStore()
        store.place("a.json", Array(Self.goText(indented: true).utf8))
        try store.patch(
            "a.json", "[{\"op\":\"replace\",\"path\":\"/data/Nested\",\"value\":\"new\"}]")
        let text = try store.get("a.json")
        let seal = try #require(judged(text))
        #expect(seal.isIntact && seal.version == 3)
        #expect(seal.statedChecksum?.hexadecimal != Self.goChecksum)
        #expect(text.contains("1e+21"))
    }
}
