/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
public enum Base64 {
    private static let alphabet: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each character; 0xFF for those outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        return values
    }()

    private static let padding: UInt8 = 0x3D

    public static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let groups = (bytes.count + 2) / 3
        let alphabet = alphabet
        return String(unsafeUninitializedCapacity: groups * 4) { characters in
            for group in 0..<groups {
                let start = group * 3
                let count = min(3, bytes.count - start)
                var word: UInt32 = 0
                for index in 0..<3 {
                    word = word << 8 | (index < count ? UInt32(bytes[start + index]) : 0)
                }
                for index in 0..<4 {
                    let value = Int(word >> UInt32(18 - 6 * index) & 0x3F)
                    characters[group * 4 + index] = index <= count ? alphabet[value] : padding
                }
            }
            return groups * 4
        }
    }

    public static func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { encode($0) }
    }

    /// The bytes that `characters` stand for; nil for anything that `encode` would not write: white
    /// space, missing padding, other alphabets, bits set behind the last byte.
    public static func decode(_ characters: UnsafeRawBufferPointer) -> [UInt8]? {
        guard characters.count.isMultiple(of: 4) else { return nil }
        if characters.isEmpty { return [] }
        var padded = 0
        while padded < 2, characters[characters.count - 1 - padded] == padding { padded += 1 }
        let values = values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3)
        for start in stride(from: 0, to: characters.count, by: 4) {
            let isLast = start + 4 == characters.count
            let count = isLast ? 4 - padded : 4
            var word: UInt32 = 0
            for index in 0..<4 {
                let value = index < count ? values[Int(characters[start + index])] : 0
                guard value != 0xFF else { return nil }
                word = word << 6 | UInt32(value)
            }
            let unused: UInt32 = count == 4 ? 0 : count == 3 ? 0xFF : 0xFFFF
            guard word & unused == 0 else { return nil }
            bytes.append(UInt8(word >> 16))
            if count > 2 { bytes.append(UInt8(word >> 8 & 0xFF)) }
            if count > 3 { bytes.append(UInt8(word & 0xFF)) }
        }
        return bytes
    }

    /// The bytes that `characters` stand for; nil for anything that `encode` would not write.
    public static func decode(_ characters: String) -> [UInt8]? {
        var characters = characters
        return characters.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }
}
