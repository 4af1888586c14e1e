extension JSONStorage {
    /// The bytes between the quotes.
    func body(of string: Int) -> Range<Int> {
        let range = nodes[string].range
        return range.lowerBound + 1..<range.upperBound - 1
    }

    /// The decoded text of a string or key, as UTF-8.
    func decodedText(of string: Int) -> [UInt8] {
        let body = body(of: string)
        guard nodes[string].kind == .escapedString else { return Array(bytes[body]) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(body.count)
        decodeString(bytes[body], into: &decoded)
        return decoded
    }

    /// Whether a string or key decodes to `text`.
    func text(of string: Int, equals text: UnsafeBufferPointer<UInt8>) -> Bool {
        let node = nodes[string]
        if node.kind == .escapedString { return decodedText(of: string).elementsEqual(text) }
        let body = body(of: string)
        guard body.count == text.count else { return false }
        return bytes.withUnsafeBufferPointer { buffer in
            var position = 0
            while position < text.count {
                if buffer[body.lowerBound + position] != text[position] { return false }
                position += 1
            }
            return true
        }
    }
}

/// Appends what the body of a valid JSON string stands for. Surrogates that have no partner
/// become U+FFFD.
func decodeString(_ body: ArraySlice<UInt8>, into decoded: inout [UInt8]) {
    var position = body.startIndex
    while position < body.endIndex {
        guard let backslash = body[position...].firstIndex(of: Byte.backslash) else {
            decoded.append(contentsOf: body[position...])
            return
        }
        decoded.append(contentsOf: body[position..<backslash])
        let letter = body[backslash + 1]
        position = backslash + 2
        if let character = unescaped(letter) {
            decoded.append(character)
            continue
        }
        let unit = codeUnit(body, at: position)
        position += 4
        var scalar = Unicode.Scalar(unit) ?? replacementCharacter
        if UTF16.isLeadSurrogate(unit), position + 6 <= body.endIndex,
            body[position] == Byte.backslash, body[position + 1] == UInt8(ascii: "u")
        {
            let low = codeUnit(body, at: position + 2)
            if UTF16.isTrailSurrogate(low) {
                scalar = combinedSurrogates(unit, low)
                position += 6
            }
        }
        UTF8.encode(scalar).map { decoded.append(contentsOf: $0) }
    }
}

/// The four hexadecimal digits of a `\u` escape.
private func codeUnit(_ body: ArraySlice<UInt8>, at position: Int) -> UInt16 {
    var unit: UInt16 = 0
    for digit in body[position..<position + 4] {
        unit = unit << 4 | (Byte.hexadecimalValue(digit) ?? 0)
    }
    return unit
}

extension JSONValue {
    /// The decoded text of a string or key. Compare it by its `utf8`: Swift's `==` takes
    /// different Unicode spellings of a character for equal.
    public var string: String? {
        stringUTF8.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The decoded text of a string or key, as UTF-8.
    public var stringUTF8: [UInt8]? {
        switch node.kind {
        case .plainString, .escapedString: storage.decodedText(of: index)
        default: nil
        }
    }

    /// Whether this is a string with exactly this text, byte by byte after decoding.
    public func isString(_ text: String) -> Bool {
        guard kind == .string else { return false }
        var text = text
        return text.withUTF8 { storage.text(of: index, equals: $0) }
    }
}
