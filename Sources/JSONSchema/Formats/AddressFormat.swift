/// Internet addresses.
enum AddressFormat {
    /// Four decimal numbers without leading zeros (RFC 2673, section 3.2, as RFC 3986 has it).
    static func isIPv4(_ text: Span<UInt8>) -> Bool {
        var offset = 0
        for part in 0..<4 {
            if part > 0 {
                guard offset < text.count, text[offset] == UInt8(ascii: ".") else { return false }
                offset += 1
            }
            let start = offset
            var value = 0
            while offset < text.count, offset - start < 4, text[offset].isASCIIDigit {
                value = value * 10 + Int(text[offset] - 0x30)
                offset += 1
            }
            let length = offset - start
            guard length > 0, value <= 255, length == 1 || text[start] != UInt8(ascii: "0")
            else { return false }
        }
        return offset == text.count
    }

    /// RFC 4291, section 2.2, without zone and prefix length.
    static func isIPv6(_ text: Span<UInt8>) -> Bool {
        let colon = UInt8(ascii: ":")
        var groups = 0
        var isShortened = false
        var offset = 0
        if text.count >= 2, text[0] == colon, text[1] == colon {
            isShortened = true
            offset = 2
        }
        while offset < text.count {
            let start = offset
            while offset < text.count, text[offset].isHexadecimalDigit { offset += 1 }
            if offset < text.count, text[offset] == UInt8(ascii: ".") {
                // The last two groups in the form of an IPv4 address.
                groups += 2
                guard isIPv4(text.extracting(start..<text.count)) else { return false }
                return isShortened ? groups <= 7 : groups == 8
            }
            guard (1...4).contains(offset - start) else { return false }
            groups += 1
            if offset == text.count { break }
            guard text[offset] == colon else { return false }
            offset += 1
            if offset < text.count, text[offset] == colon {
                guard !isShortened else { return false }
                isShortened = true
                offset += 1
            } else if offset == text.count {
                return false
            }
        }
        return isShortened ? groups <= 7 : groups == 8
    }
}
