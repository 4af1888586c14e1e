/// Mailboxes of RFC 5321, section 4.1.2.
enum EmailFormat {
    static func isMailbox(_ text: Span<UInt8>) -> Bool {
        guard let at = endOfLocalPart(text), at < text.count, text[at] == UInt8(ascii: "@")
        else { return false }
        let domain = text.extracting((at + 1)..<text.count)
        guard domain.count > 0 else { return false }
        return domain[0] == UInt8(ascii: "[") ? isAddressLiteral(domain) : isDomain(domain)
    }

    /// Where the local part ends, which is an octet string of at most 64.
    private static func endOfLocalPart(_ text: Span<UInt8>) -> Int? {
        guard text.count > 0 else { return nil }
        let end = text[0] == UInt8(ascii: "\"") ? endOfQuotedString(text) : endOfDotString(text)
        guard let end, (1...64).contains(end) else { return nil }
        return end
    }

    private static func endOfQuotedString(_ text: Span<UInt8>) -> Int? {
        var offset = 1
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: "\""): return offset + 1
            case UInt8(ascii: "\\"):
                offset += 1
                guard offset < text.count, (0x20...0x7E).contains(text[offset]) else { return nil }
            case 0x20...0x7E: break
            default: return nil
            }
            offset += 1
        }
        return nil
    }

    private static func endOfDotString(_ text: Span<UInt8>) -> Int? {
        var offset = 0
        while true {
            let start = offset
            while offset < text.count, isAtomText(text[offset]) { offset += 1 }
            guard offset > start else { return nil }
            guard offset < text.count, text[offset] == UInt8(ascii: ".") else { return offset }
            offset += 1
        }
    }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        if byte.isASCIILetter || byte.isASCIIDigit { return true }
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "{"),
            UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            return true
        default:
            return false
        }
    }

    /// Labels of letters, digits and inner hyphens, at most 63 octets each, 255 together.
    private static func isDomain(_ text: Span<UInt8>) -> Bool {
        guard text.count <= 255 else { return false }
        var labelStart = 0
        for offset in 0...text.count {
            guard offset == text.count || text[offset] == UInt8(ascii: ".") else {
                let byte = text[offset]
                guard byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "-")
                else { return false }
                continue
            }
            guard (1...63).contains(offset - labelStart),
                text[labelStart] != UInt8(ascii: "-"), text[offset - 1] != UInt8(ascii: "-")
            else { return false }
            labelStart = offset + 1
        }
        return true
    }

    private static func isAddressLiteral(_ text: Span<UInt8>) -> Bool {
        guard text.count > 2, text[text.count - 1] == UInt8(ascii: "]") else { return false }
        let address = text.extracting(1..<(text.count - 1))
        let tag: StaticString = "IPv6:"
        if address.count > 5 {
            var hasTag = true
            for index in 0..<5
            where address[index] | 0x20 != tag.utf8Start[index] | 0x20 {
                hasTag = false
            }
            if hasTag { return AddressFormat.isIPv6(address.extracting(5..<address.count)) }
        }
        return AddressFormat.isIPv4(address)
    }
}
