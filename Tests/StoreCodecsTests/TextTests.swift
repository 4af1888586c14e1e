import StoreCodecs
import Testing

@Suite("Hexadecimal and Base64")
struct TextTests {
    @Test(
        "the vectors of RFC 4648, section 10",
        arguments: [
            ("", "", ""), ("f", "Zg==", "66"), ("fo", "Zm8=", "666f"), ("foo", "Zm9v", "666f6f"),
            ("foob", "Zm9vYg==", "666f6f62"), ("fooba", "Zm9vYmE=", "666f6f6261"),
            ("foobar", "Zm9vYmFy", "666f6f626172"),
        ])
    func vectors(text: String, base64: String, hexadecimal: String) {
        let bytes = Array(text.utf8)
        #expect(Base64.encode(bytes) == base64)
        #expect(Base64.decode(base64) == bytes)
        #expect(Hexadecimal.encode(bytes) == hexadecimal)
        #expect(Hexadecimal.decode(hexadecimal) == bytes)
    }

    @Test("every byte at every place comes back")
    func everyByte() {
        for count in 1...5 {
            for place in 0..<count {
                for byte in UInt8.min...UInt8.max {
                    var bytes = [UInt8](repeating: 0xA5, count: count)
                    bytes[place] = byte
                    #expect(Base64.decode(Base64.encode(bytes)) == bytes)
                    #expect(Hexadecimal.decode(Hexadecimal.encode(bytes)) == bytes)
                }
            }
        }
    }

    @Test(
        "what no encoder writes is refused as Base64",
        arguments: [
            "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", "Zm 9v", "Zm9-", "Zm9_", "====", "=",
            "Z===", "Zg==Zg==", "Zm8=Zm8=", "Zm9\u{e9}", "A=AA", "AA=A",
        ])
    func strictBase64(characters: String) {
        #expect(Base64.decode(characters) == nil)
    }

    @Test(
        "what no encoder writes is refused as hexadecimal",
        arguments: ["6", "6F", "6g", " 6", "0x"])
    func strictHexadecimal(digits: String) {
        #expect(Hexadecimal.decode(digits) == nil)
    }
}
