internal import LosslessJSON

/// Text of schemas in messages: as written there, on one line, in printable characters, and not
/// too long. Values of documents never come here, because they may be secret.
enum MessageText {
    private static let maximumBytes = 200

    static func excerpt(_ value: JSONValue) -> String {
        var text: [UInt8] = []
        for byte in value.bytes.prefix(maximumBytes) {
            text.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: " ") : byte)
        }
        if value.bytes.count > maximumBytes {
            // Not in the middle of a character.
            while let last = text.last, last & 0xC0 == 0x80 { text.removeLast() }
            if let last = text.last, last >= 0x80 { text.removeLast() }
        }
        let excerpt = String(decoding: text, as: UTF8.self)
        return value.bytes.count > maximumBytes ? excerpt + "…" : excerpt
    }

    /// The elements of an array.
    static func list(_ value: JSONValue) -> String {
        var text = ""
        for element in value.elements {
            let next = excerpt(element)
            if !text.isEmpty { text += ", " }
            if text.utf8.count + next.utf8.count > maximumBytes { return text + "…" }
            text += next
        }
        return text
    }

    /// A name as a JSON string, control characters escaped.
    static func quoted(_ name: [UInt8]) -> String {
        var text: [UInt8] = [UInt8(ascii: "\"")]
        for byte in name.prefix(maximumBytes) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0..<0x20, 0x7F: text.append(UInt8(ascii: " "))
            default: text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self) + (name.count > maximumBytes ? "…\"" : "\"")
    }

    static func names(_ types: SchemaTypes) -> String {
        var names: [String] = []
        for (name, type) in SchemaTypes.names where types.contains(type) {
            if type == .integer && types.contains(.number) { continue }
            names.append(name)
        }
        return names.joined(separator: " or ")
    }
}
