/// Writes values in a document's style. Numbers and strings stay as they are spelled.
struct ValueFormatter {
    /// The text would be longer than what is left of a limit.
    struct TooLong: Error {}

    let style: JSONStyle
    /// How long the text may become: indentation can make much of little.
    let maximumBytes: Int
    private(set) var text: [UInt8] = []

    init(style: JSONStyle, maximumBytes: Int) {
        self.style = style
        self.maximumBytes = maximumBytes
    }

    /// Appends `value`, whose line is indented by `indentation`.
    ///
    /// - Parameters:
    ///   - hasLines: whether members and elements get lines of their own.
    ///   - dropsNullMembers: whether members of objects (not elements of arrays) that are null
    ///     are left out, as where a merge patch makes a new object (RFC 7396 section 2).
    mutating func append(
        _ value: JSONValue, indentation: [UInt8], hasLines: Bool, dropsNullMembers: Bool
    ) throws(TooLong) {
        let kind = value.kind
        guard kind == .object || kind == .array else {
            text.append(contentsOf: value.bytes)
            if text.count > maximumBytes { throw TooLong() }
            return
        }
        let lead = hasLines ? style.newLine(below: indentation) : style.padding(kind)
        let inner = hasLines ? Array(lastLine(lead[...])) : indentation
        let separator = hasLines ? lead : style.afterComma
        text.append(kind == .object ? Byte.openBrace : Byte.openBracket)
        var isEmpty = true
        for member in value.members where !(dropsNullMembers && member.value.isNull) {
            startItem(&isEmpty, lead, separator)
            text.append(contentsOf: member.key.bytes)
            text.append(contentsOf: style.colon)
            try append(
                member.value, indentation: inner,
                hasLines: hasLines && style.hasLines(member.value.kind),
                dropsNullMembers: dropsNullMembers)
        }
        for element in value.elements {
            startItem(&isEmpty, lead, separator)
            try append(
                element, indentation: inner, hasLines: hasLines && style.hasLines(element.kind),
                dropsNullMembers: false)
        }
        if !isEmpty {
            text.append(contentsOf: hasLines ? style.lineEnd + indentation : style.padding(kind))
        }
        text.append(kind == .object ? Byte.closeBrace : Byte.closeBracket)
    }

    private mutating func startItem(_ isEmpty: inout Bool, _ lead: [UInt8], _ separator: [UInt8]) {
        if !isEmpty { text.append(Byte.comma) }
        text.append(contentsOf: isEmpty ? lead : separator)
        isEmpty = false
    }
}

/// A valid JSON text whose lines start with `new` instead of `old`, except the first.
func reindented(_ text: [UInt8], from old: [UInt8], to new: [UInt8]) -> [UInt8] {
    if old == new || !text.contains(Byte.lineFeed) { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var position = 0
    // Inside strings there are no line feeds.
    while let lineFeed = text[position...].firstIndex(of: Byte.lineFeed) {
        result.append(contentsOf: text[position...lineFeed])
        position = lineFeed + 1
        if text[position...].starts(with: old) {
            result.append(contentsOf: new)
            position += old.count
        }
    }
    result.append(contentsOf: text[position...])
    return result
}
