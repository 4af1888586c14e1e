/// Character classes and escapes.
extension RegularExpressionParser {
    /// What an escape or one element of a class stands for.
    struct Element {
        /// Nil for `\d` and its like, which cannot bound a range.
        var codePoint: UInt32?
        var ranges: [ClosedRange<UInt32>]
        var property: (property: UnicodeProperty, negated: Bool)?

        init(_ codePoint: UInt32) {
            self.codePoint = codePoint
            ranges = [codePoint...codePoint]
        }

        init(ranges: [ClosedRange<UInt32>], negated: Bool) {
            self.ranges = negated ? CodePointSet.complement(ranges) : ranges
        }

        init(property: UnicodeProperty, negated: Bool) {
            ranges = []
            self.property = (property, negated)
        }

        var set: CodePointSet {
            CodePointSet(ranges: ranges, properties: property.map { [$0] } ?? [])
        }
    }

    /// A class, behind its opening bracket. `[]` matches nothing, `[^]` everything.
    mutating func parseClass() throws(Failure) -> CodePointSet {
        let start = position - 1
        let negated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var properties: [(property: UnicodeProperty, negated: Bool)] = []
        while !take("]") {
            let low = try parseClassElement(classStart: start)
            let hyphen = position
            guard take("-"), let next = peek, next != UInt32(UInt8(ascii: "]")) else {
                position = hyphen
                ranges += low.ranges
                if let property = low.property { properties.append(property) }
                continue
            }
            let high = try parseClassElement(classStart: start)
            guard let first = low.codePoint, let last = high.codePoint else {
                throw malformed("a class escape cannot bound a range", at: hyphen)
            }
            guard first <= last else { throw malformed("range out of order", at: hyphen) }
            ranges.append(first...last)
        }
        return CodePointSet(ranges: ranges, properties: properties, negated: negated)
    }

    private mutating func parseClassElement(classStart: Int) throws(Failure) -> Element {
        guard let next = peek else { throw malformed("unclosed class", at: classStart) }
        position += 1
        guard next == Self.backslash else { return Element(next) }
        if take("b") { return Element(0x08) }
        if take("-") { return Element(UInt32(UInt8(ascii: "-"))) }
        return try parseCharacterEscape(at: position - 1)
    }

    /// What stands behind a backslash, in a class or outside of one.
    mutating func parseCharacterEscape(at start: Int) throws(Failure) -> Element {
        guard let next = peek, let scalar = Unicode.Scalar(next) else {
            throw malformed("bad escape", at: start)
        }
        position += 1
        switch scalar {
        case "d": return Element(ranges: CodePointSet.digitRanges, negated: false)
        case "D": return Element(ranges: CodePointSet.digitRanges, negated: true)
        case "s": return Element(ranges: CodePointSet.whiteSpaceRanges, negated: false)
        case "S": return Element(ranges: CodePointSet.whiteSpaceRanges, negated: true)
        case "w": return Element(ranges: CodePointSet.wordRanges, negated: false)
        case "W": return Element(ranges: CodePointSet.wordRanges, negated: true)
        case "p", "P": return try parseProperty(at: start, negated: scalar == "P")
        case "f": return Element(0x0C)
        case "n": return Element(0x0A)
        case "r": return Element(0x0D)
        case "t": return Element(0x09)
        case "v": return Element(0x0B)
        case "0":
            if let digit = peek, (0x30...0x39).contains(digit) {
                throw malformed("octal escape", at: start)
            }
            return Element(0)
        case "c":
            guard let letter = peek, (0x41...0x5A).contains(letter & ~0x20) else {
                throw malformed("bad control escape", at: start)
            }
            position += 1
            return Element(letter & 0x1F)
        case "x":
            guard let value = parseHexadecimal(count: 2) else {
                throw malformed("bad escape", at: start)
            }
            return Element(value)
        case "u": return Element(try parseUnicodeEscape(at: start))
        case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/":
            return Element(next)
        default:
            throw malformed("needless or unknown escape", at: start)
        }
    }

    /// `XXXX`, a pair of such escapes for a surrogate pair, or `{X…}`, behind the `u`.
    mutating func parseUnicodeEscape(at start: Int) throws(Failure) -> UInt32 {
        if take("{") {
            var value: UInt32?
            while let next = peek, let digit = Self.hexadecimalValue(next) {
                value = min((value ?? 0) * 16 + digit, CodePointSet.highest + 1)
                position += 1
            }
            guard take("}"), let value, value <= CodePointSet.highest else {
                throw malformed("bad code point", at: start)
            }
            return value
        }
        guard let first = parseHexadecimal(count: 4) else {
            throw malformed("bad escape", at: start)
        }
        let behind = position
        if (0xD800...0xDBFF).contains(first), take("\\u"),
            let second = parseHexadecimal(count: 4), (0xDC00...0xDFFF).contains(second)
        {
            return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        }
        position = behind
        return first
    }

    private mutating func parseHexadecimal(count: Int) -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let next = peek, let digit = Self.hexadecimalValue(next) else { return nil }
            value = value * 16 + digit
            position += 1
        }
        return value
    }

    private static func hexadecimalValue(_ codePoint: UInt32) -> UInt32? {
        switch codePoint {
        case 0x30...0x39: codePoint - 0x30
        case 0x41...0x46: codePoint - 0x41 + 10
        case 0x61...0x66: codePoint - 0x61 + 10
        default: nil
        }
    }

    /// `{name}` or `{name=value}`, behind `\p` or `\P`.
    private mutating func parseProperty(
        at start: Int, negated: Bool
    ) throws(Failure) -> Element {
        guard take("{") else { throw malformed("bad property", at: start) }
        let name = parsePropertyWord()
        let value = take("=") ? parsePropertyWord() : nil
        guard take("}") else { throw malformed("bad property", at: start) }
        switch UnicodeProperty.named(name, value: value) {
        case .found(let property): return Element(property: property, negated: negated)
        case .unknown: throw malformed("unknown property", at: start)
        case .withoutTables:
            throw Failure(
                kind: .unsupported, offset: start, reason: "property without tables here")
        }
    }

    private mutating func parsePropertyWord() -> String {
        var word = ""
        while let next = peek, CodePointSet.isWordCharacter(next),
            let scalar = Unicode.Scalar(next)
        {
            word.unicodeScalars.append(scalar)
            position += 1
        }
        return word
    }
}
