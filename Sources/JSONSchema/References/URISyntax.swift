/// The grammar of RFC 3986, appendix A.
enum URISyntax {
    /// Whether `text` is a URI: with a scheme, perhaps with a fragment.
    static func isURI(_ text: Span<UInt8>) -> Bool {
        var offset = 0
        guard text.count > 0, text[0].isASCIILetter else { return false }
        while offset < text.count, isSchemeByte(text[offset]) { offset += 1 }
        guard offset < text.count, text[offset] == UInt8(ascii: ":") else { return false }
        offset += 1
        var pathEnd = offset
        while pathEnd < text.count, text[pathEnd] != UInt8(ascii: "?"),
            text[pathEnd] != UInt8(ascii: "#")
        {
            pathEnd += 1
        }
        if offset + 1 < pathEnd, text[offset] == UInt8(ascii: "/"),
            text[offset + 1] == UInt8(ascii: "/")
        {
            offset += 2
            var end = offset
            while end < pathEnd, text[end] != UInt8(ascii: "/") { end += 1 }
            guard isAuthority(text.extracting(offset..<end)) else { return false }
            offset = end
        }
        guard consists(of: text.extracting(offset..<pathEnd), also: "/") else { return false }
        guard pathEnd < text.count else { return true }
        return isQueryAndFragment(text.extracting(pathEnd..<text.count))
    }

    /// `?query`, `#fragment` or both.
    private static func isQueryAndFragment(_ text: Span<UInt8>) -> Bool {
        var hash = 0
        while hash < text.count, text[hash] != UInt8(ascii: "#") { hash += 1 }
        if text[0] == UInt8(ascii: "?"),
            !consists(of: text.extracting(1..<hash), also: "/?")
        {
            return false
        }
        guard hash < text.count else { return true }
        return consists(of: text.extracting((hash + 1)..<text.count), also: "/?")
    }

    private static func isAuthority(_ text: Span<UInt8>) -> Bool {
        var hostStart = 0
        for offset in 0..<text.count where text[offset] == UInt8(ascii: "@") {
            guard isUserInformation(text.extracting(0..<offset)) else { return false }
            hostStart = offset + 1
            break
        }
        let hostAndPort = text.extracting(hostStart..<text.count)
        var portStart = hostAndPort.count
        while portStart > 0, hostAndPort[portStart - 1].isASCIIDigit { portStart -= 1 }
        var host = hostAndPort
        if portStart > 0, hostAndPort[portStart - 1] == UInt8(ascii: ":") {
            host = hostAndPort.extracting(0..<(portStart - 1))
        }
        if host.count > 0, host[0] == UInt8(ascii: "[") { return isAddressInBrackets(host) }
        // A registered name has neither colon nor at sign; every IPv4 address is one too.
        for offset in 0..<host.count
        where host[offset] == UInt8(ascii: ":") || host[offset] == UInt8(ascii: "@") {
            return false
        }
        return consists(of: host, also: "")
    }

    private static func isUserInformation(_ text: Span<UInt8>) -> Bool {
        consists(of: text, also: "")
    }

    private static func isAddressInBrackets(_ text: Span<UInt8>) -> Bool {
        guard text.count > 2, text[text.count - 1] == UInt8(ascii: "]") else { return false }
        let address = text.extracting(1..<(text.count - 1))
        guard address[0] | 0x20 == UInt8(ascii: "v") else { return AddressFormat.isIPv6(address) }
        // IPvFuture: v, hexadecimal digits, a dot, and something.
        var offset = 1
        while offset < address.count, address[offset].isHexadecimalDigit { offset += 1 }
        guard offset > 1, offset + 1 < address.count, address[offset] == UInt8(ascii: ".")
        else { return false }
        for index in (offset + 1)..<address.count
        where !isPathByte(address[index]) || address[index] == UInt8(ascii: "@") {
            return false
        }
        return true
    }

    /// Whether all is `pchar`, a percent escape, or one of `also`.
    private static func consists(of text: Span<UInt8>, also: StaticString) -> Bool {
        var offset = 0
        while offset < text.count {
            let byte = text[offset]
            if byte == UInt8(ascii: "%") {
                guard offset + 2 < text.count, text[offset + 1].isHexadecimalDigit,
                    text[offset + 2].isHexadecimalDigit
                else { return false }
                offset += 3
                continue
            }
            guard isPathByte(byte) || isOne(of: also, byte) else { return false }
            offset += 1
        }
        return true
    }

    /// `text` with each byte percent-encoded that is neither `pchar` nor one of `also`.
    static func percentEncoded(_ text: String, also: StaticString) -> String {
        guard text.utf8.contains(where: { !isPathByte($0) && !isOne(of: also, $0) }) else {
            return text
        }
        let digits: StaticString = "0123456789ABCDEF"
        var result: [UInt8] = []
        for byte in text.utf8 {
            if isPathByte(byte) || isOne(of: also, byte) {
                result.append(byte)
            } else {
                result += [
                    UInt8(ascii: "%"), digits.bytes[Int(byte >> 4)], digits.bytes[Int(byte & 15)],
                ]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isOne(of characters: StaticString, _ byte: UInt8) -> Bool {
        for index in 0..<characters.utf8CodeUnitCount where characters.utf8Start[index] == byte {
            return true
        }
        return false
    }

    static func isSchemeByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// `pchar` but for percent escapes.
    private static func isPathByte(_ byte: UInt8) -> Bool {
        if byte.isASCIILetter || byte.isASCIIDigit { return true }
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
            UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"),
            UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: ":"),
            UInt8(ascii: "@"):
            return true
        default:
            return false
        }
    }
}
