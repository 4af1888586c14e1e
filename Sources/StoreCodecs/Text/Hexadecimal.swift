/// Lower-case hexadecimal, both ways, eight digits at a time.
///
/// Eight digits fit a 64-bit word, and arithmetic on all of its bytes at once needs neither a table
/// nor a branch for each digit. Upper-case digits are refused: what this program writes has exactly
/// one spelling, so that equal values are equal bytes.
public enum Hexadecimal {
    /// The digits of `bytes`, two for each.
    public static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { digits in
            for (index, byte) in bytes.enumerated() {
                digits[index * 2] = digit(byte >> 4)
                digits[index * 2 + 1] = digit(byte & 0x0F)
            }
            return bytes.count * 2
        }
    }

    /// The digits of `bytes`, two for each.
    public static func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { encode($0) }
    }

    /// The bytes that `digits` spell; nil where a character is no lower-case digit or one is left
    /// over.
    public static func decode(_ digits: UnsafeRawBufferPointer) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// The bytes that `digits` spell; nil where a character is no lower-case digit or one is left
    /// over.
    public static func decode(_ digits: String) -> [UInt8]? {
        var digits = digits
        return digits.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }

    /// One digit of a value below 16.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }

    /// The value of one lower-case digit.
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }

    /// Eight digits, the first in the lowest byte, as they lie in little-endian memory.
    static func digits(_ value: UInt32) -> UInt64 {
        var nibbles = UInt64(value)
        nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (nibbles + 0x3030_3030_3030_3030 + letters * 0x27).byteSwapped
    }

    /// The value of eight digits, the first in the lowest byte; nil where one is no lower-case
    /// digit.
    static func value(ofDigits digits: UInt64) -> UInt32? {
        let letters = digits >> 6 & 0x0101_0101_0101_0101
        let high = digits & 0xF0F0_F0F0_F0F0_F0F0
        // A digit is 0x3d, a letter 0x6d: anything else differs in its upper half.
        guard high == 0x3030_3030_3030_3030 + letters * 0x30 else { return nil }
        let nibbles = (digits & 0x0F0F_0F0F_0F0F_0F0F) + letters * 9
        // Letters must have come out as 10 to 15, digits as 0 to 9.
        let aboveNine = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        guard nibbles & 0xF0F0_F0F0_F0F0_F0F0 == 0, aboveNine == letters else { return nil }
        var value = nibbles.byteSwapped
        value = (value | value >> 4) & 0x00FF_00FF_00FF_00FF
        value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: value | value >> 16)
    }
}
