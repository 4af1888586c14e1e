import LosslessJSON
import Testing

@Suite("Writing")
struct WriterTests {
    func sample(indented: Bool) -> String {
        var writer = JSONWriter(indented: indented)
        writer.object { writer in
            writer.member("name", "a\"b")
            writer.member("count", UInt64.max)
            writer.member("ok", true)
            writer.member("none", orNull: nil)
            writer.key("list")
            writer.array { writer in
                writer.integer(-1)
                writer.raw("1.50".utf8)
                writer.object { _ in }
                writer.array { _ in }
            }
        }
        return text(writer.bytes)
    }

    @Test("gives one line, or two spaces a level")
    func layouts() {
        #expect(
            sample(indented: false)
                == #"{"name":"a\"b","count":18446744073709551615,"ok":true,"none":null,"list":[-1,1.50,{},[]]}"#
        )
        #expect(
            sample(indented: true)
                == """
                {
                  "name": "a\\"b",
                  "count": 18446744073709551615,
                  "ok": true,
                  "none": null,
                  "list": [
                    -1,
                    1.50,
                    {},
                    []
                  ]
                }
                """)
    }

    @Test("writes any bytes as a string that decodes to them, what is no UTF-8 as U+FFFD")
    func anyBytes() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...0x7F, using: &generator)
                    : UInt8.random(in: .min ... .max, using: &generator)
            }
            for escaping: JSONStringEscaping in [.required, .visible] {
                var written: [UInt8] = []
                appendJSONString(bytes, to: &written, escaping: escaping)
                let value = try JSONDocument(written).root
                #expect(
                    value.string?.utf8.elementsEqual(String(decoding: bytes, as: UTF8.self).utf8)
                        == true)
            }
        }
    }

    @Test("escapes everything that could move a cursor or turn the direction of writing")
    func visible() {
        let dangerous =
            Array(0x00...0x1F) + Array(0x7F...0x9F) + Array(0x202A...0x202E)
            + Array(0x2066...0x2069)
            + [0x61C, 0x200E, 0x200F, 0x2028, 0x2029]
        for value in dangerous {
            let scalar = Unicode.Scalar(UInt16(value)).map(String.init) ?? ""
            var written: [UInt8] = []
            appendJSONString(scalar.utf8, to: &written)
            #expect(written.allSatisfy { (0x20..<0x7F).contains($0) }, "\(value)")
            #expect((try? JSONDocument(written).root.isString(scalar)) == true)
        }
        var written: [UInt8] = []
        appendJSONString("é漢𝄞 /\u{202E}".utf8, to: &written, escaping: .required)
        #expect(text(written).utf8.elementsEqual("\"é漢𝄞 /\u{202E}\"".utf8))
    }
}
