/// What is escaped in a JSON string.
public enum JSONStringEscaping: Sendable {
    /// What RFC 8259 demands, for documents.
    case required
    /// Besides that everything that could move a cursor or turn the direction of writing: U+007F
    /// to U+009F, line and paragraph separators, bidirectional controls. For what people see.
    case visible
}

/// Appends a JSON string for any bytes. What is not UTF-8 becomes U+FFFD.
public func appendJSONString(
    _ text: some Collection<UInt8>, to bytes: inout [UInt8],
    escaping: JSONStringEscaping = .visible
) {
    bytes.append(Byte.quote)
    var decoder = UTF8()
    var iterator = text.makeIterator()
    while true {
        switch decoder.decode(&iterator) {
        case .scalarValue(let scalar): appendEscaped(scalar, to: &bytes, escaping)
        case .error: appendEscaped(replacementCharacter, to: &bytes, escaping)
        case .emptyInput:
            bytes.append(Byte.quote)
            return
        }
    }
}

private func appendEscaped(
    _ scalar: Unicode.Scalar, to bytes: inout [UInt8], _ escaping: JSONStringEscaping
) {
    switch scalar {
    case "\"", "\\":
        bytes.append(Byte.backslash)
        bytes.append(UInt8(scalar.value))
    case "\n": bytes.append(contentsOf: "\\n".utf8)
    case "\r": bytes.append(contentsOf: "\\r".utf8)
    case "\t": bytes.append(contentsOf: "\\t".utf8)
    case "\u{00}"..."\u{1F}": appendEscape(scalar, to: &bytes)
    case "\u{20}"..."\u{7E}": bytes.append(UInt8(scalar.value))
    case "\u{7F}"..."\u{9F}", "\u{061C}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}",
        "\u{2066}"..."\u{2069}":
        guard escaping == .visible else { fallthrough }
        appendEscape(scalar, to: &bytes)
    default: bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
    }
}

/// A scalar of the basic plane as `\uXXXX`.
private func appendEscape(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    let digits = String(scalar.value, radix: 16)
    bytes.append(contentsOf: "\\u".utf8)
    bytes.append(contentsOf: repeatElement(Byte.zero, count: 4 - digits.utf8.count))
    bytes.append(contentsOf: digits.utf8)
}
