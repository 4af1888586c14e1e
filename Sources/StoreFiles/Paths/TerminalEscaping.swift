/// Any bytes as text that cannot move a cursor, change a colour or reorder a line: control
/// characters, bidirectional controls, line separators and backslashes are escaped, and so is every
/// byte that is not part of valid UTF-8. Different bytes give different texts.
public func escapedForTerminal(_ bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var parser = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var position = 0
    while true {
        switch parser.parseScalar(from: &iterator) {
        case .valid(let encoded):
            if let escape = terminalEscape(UTF8.decode(encoded)) {
                result += escape.utf8
            } else {
                result += encoded
            }
            position += encoded.count
        case .error(let length):
            for byte in bytes[position..<(position + length)] {
                result += ("\\x" + hexadecimal(UInt32(byte), digits: 2)).utf8
            }
            position += length
        case .emptyInput:
            return String(decoding: result, as: UTF8.self)
        }
    }
}

/// The same for text.
public func escapedForTerminal(_ text: String) -> String {
    // Nearly every name is plain, and then stays as it is.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) {
        return text
    }
    return escapedForTerminal(Array(text.utf8))
}

private func terminalEscape(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case "\u{0}"..."\u{1f}", "\u{7f}": "\\x" + hexadecimal(scalar.value, digits: 2)
    case "\u{80}"..."\u{9f}", "\u{2028}", "\u{2029}":
        "\\u{" + hexadecimal(scalar.value, digits: 4) + "}"
    case _ where isBidirectionalControl(scalar.value):
        "\\u{" + hexadecimal(scalar.value, digits: 4) + "}"
    default: nil
    }
}

private func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
