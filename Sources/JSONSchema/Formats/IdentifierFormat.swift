/// UUIDs and JSON pointers.
enum IdentifierFormat {
    /// RFC 4122, section 3, of any version and variant.
    static func isUUID(_ text: Span<UInt8>) -> Bool {
        guard text.count == 36 else { return false }
        for offset in 0..<36 {
            switch offset {
            case 8, 13, 18, 23:
                guard text[offset] == UInt8(ascii: "-") else { return false }
            default:
                guard text[offset].isHexadecimalDigit else { return false }
            }
        }
        return true
    }

    /// RFC 6901, section 3, in its plain form.
    static func isJSONPointer(_ text: Span<UInt8>) -> Bool {
        if text.count == 0 { return true }
        guard text[0] == UInt8(ascii: "/") else { return false }
        for offset in 0..<text.count where text[offset] == UInt8(ascii: "~") {
            guard offset + 1 < text.count,
                text[offset + 1] == UInt8(ascii: "0") || text[offset + 1] == UInt8(ascii: "1")
            else { return false }
        }
        return true
    }
}
