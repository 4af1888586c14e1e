/// Why bytes are no comma-separated values, and where.
struct CSVError: Error, Sendable, Hashable {
    var offset: Int
    var reason: String
}

/// Reads comma-separated values row by row (RFC 4180): fields in quotes may hold commas, line ends
/// and doubled quotes; a quote anywhere else is an error; empty lines are no rows.
struct CSVReader {
    struct Field: Sendable, Hashable {
        /// Without the quotes around it.
        var range: Range<Int>
        /// It holds doubled quotes.
        var hasEscapes: Bool
    }

    private let bytes: [UInt8]
    private var position = 0
    /// The fields of the row read last.
    private(set) var fields: [Field] = []
    /// Where that row begins.
    private(set) var rowOffset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the next row into `fields`; false at the end.
    mutating func next() throws(CSVError) -> Bool {
        while position < bytes.count, skipLineEnd() {}
        guard position < bytes.count else { return false }
        rowOffset = position
        fields.removeAll(keepingCapacity: true)
        while true {
            fields.append(try field())
            guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { break }
            position += 1
        }
        _ = skipLineEnd()
        return true
    }

    func text(_ field: Field) -> [UInt8] {
        guard field.hasEscapes else { return Array(bytes[field.range]) }
        var text: [UInt8] = []
        text.reserveCapacity(field.range.count)
        var index = field.range.lowerBound
        while index < field.range.upperBound {
            text.append(bytes[index])
            // The second of two quotes is left out.
            index += bytes[index] == UInt8(ascii: "\"") ? 2 : 1
        }
        return text
    }

    private mutating func field() throws(CSVError) -> Field {
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
            return try quotedField()
        }
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ","), UInt8(ascii: "\n"):
                return Field(range: start..<end(from: start), hasEscapes: false)
            case UInt8(ascii: "\""):
                throw CSVError(offset: position, reason: "a quote in a field without quotes")
            default:
                position += 1
            }
        }
        return Field(range: start..<end(from: start), hasEscapes: false)
    }

    /// The end of a field without quotes: a carriage return before the line feed is none of it.
    private func end(from start: Int) -> Int {
        let isBeforeLineEnd = position == bytes.count || bytes[position] == UInt8(ascii: "\n")
        return isBeforeLineEnd && position > start && bytes[position - 1] == UInt8(ascii: "\r")
            ? position - 1 : position
    }

    private mutating func quotedField() throws(CSVError) -> Field {
        let opening = position
        position += 1
        let start = position
        var hasEscapes = false
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "\"") else {
                position += 1
                continue
            }
            if position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "\"") {
                hasEscapes = true
                position += 2
                continue
            }
            let field = Field(range: start..<position, hasEscapes: hasEscapes)
            position += 1
            guard position == bytes.count || bytes[position] == UInt8(ascii: ",") || isAtLineEnd
            else { throw CSVError(offset: position, reason: "something follows a closing quote") }
            return field
        }
        throw CSVError(offset: opening, reason: "a quote that is never closed")
    }

    private var isAtLineEnd: Bool {
        position < bytes.count
            && (bytes[position] == UInt8(ascii: "\n")
                || (bytes[position] == UInt8(ascii: "\r")
                    && (position + 1 == bytes.count
                        || bytes[position + 1] == UInt8(ascii: "\n"))))
    }

    private mutating func skipLineEnd() -> Bool {
        guard isAtLineEnd else { return false }
        if bytes[position] == UInt8(ascii: "\r") { position += 1 }
        if position < bytes.count { position += 1 }
        return true
    }
}
