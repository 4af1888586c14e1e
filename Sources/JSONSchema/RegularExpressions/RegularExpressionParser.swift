/// Parses a pattern by the grammar of ECMA-262 with the `u` flag, in which nothing is forgiven:
/// a stray brace or a needless escape is an error. Other flags cannot be set by a schema.
struct RegularExpressionParser {
    /// Groups inside groups; beyond it a pattern is refused rather than the stack risked.
    static let maximumDepth = 200
    /// The longest pattern, in code points.
    static let maximumLength = 65_536

    let pattern: [UInt32]
    var position = 0
    /// The sets of code points that the pattern names, in their order.
    private var sets: [CodePointSet] = []
    private var depth = 0
    private var groupCount = 0
    private var groupNames: Set<[UInt32]> = []
    private var highestReference: (number: Int, offset: Int) = (0, 0)
    private var namedReferences: [(name: [UInt32], offset: Int)] = []

    typealias Syntax = RegularExpressionSyntax
    typealias Failure = RegularExpressionError

    static func parse(
        _ pattern: Span<UInt8>
    ) throws(Failure) -> (syntax: Syntax, sets: [CodePointSet]) {
        var parser = RegularExpressionParser(pattern: CodePoints.all(in: pattern))
        let syntax = try parser.parsePattern()
        return (syntax, parser.sets)
    }

    private init(pattern: [UInt32]) {
        self.pattern = pattern
    }

    private mutating func parsePattern() throws(Failure) -> Syntax {
        guard pattern.count <= Self.maximumLength else {
            throw Failure(kind: .tooLarge, offset: 0, reason: "the pattern is too long")
        }
        let result = try parseDisjunction()
        if position < pattern.count { throw malformed("unmatched )") }
        if highestReference.number > groupCount {
            throw malformed("reference to a group that is not there", at: highestReference.offset)
        }
        for reference in namedReferences where !groupNames.contains(reference.name) {
            throw malformed("reference to a name that is not there", at: reference.offset)
        }
        return result
    }

    private mutating func parseDisjunction() throws(Failure) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw Failure(
                kind: .tooLarge, offset: position, reason: "groups are nested too deeply")
        }
        var alternatives: [Syntax] = []
        while true {
            var terms: [Syntax] = []
            while let next = peek, next != Self.bar, next != Self.closeGroup {
                terms.append(try parseTerm())
            }
            alternatives.append(terms.count == 1 ? terms[0] : .sequence(terms))
            guard take("|") else { break }
        }
        return alternatives.count == 1 ? alternatives[0] : .alternatives(alternatives)
    }

    private mutating func parseTerm() throws(Failure) -> Syntax {
        let start = position
        guard let next = peek else { return .empty }
        position += 1
        let atom: Syntax
        switch Unicode.Scalar(next) {
        case "^": return .startOfInput
        case "$": return .endOfInput
        case ".":
            atom = character(
                CodePointSet(ranges: CodePointSet.lineTerminatorRanges, negated: true))
        case "(":
            if let look = try parseLook() { return look }
            try parseGroupName()
            atom = try parseDisjunction()
            guard take(")") else { throw malformed("unclosed group", at: start) }
        case "[":
            atom = character(try parseClass())
        case "\\":
            if take("b") { return .wordBoundary(negated: false) }
            if take("B") { return .wordBoundary(negated: true) }
            atom = try parseAtomEscape(at: start)
        case "*", "+", "?", "{":
            throw malformed("nothing to repeat", at: start)
        case "]", "}":
            throw malformed("unmatched bracket", at: start)
        default:
            atom = character(CodePointSet(next))
        }
        return try parseQuantifier(of: atom)
    }

    /// A look-around, if one starts here, behind the parenthesis.
    private mutating func parseLook() throws(Failure) -> Syntax? {
        let start = position - 1
        let kinds: [(text: StaticString, ahead: Bool, negated: Bool)] = [
            ("?=", true, false), ("?!", true, true), ("?<=", false, false), ("?<!", false, true),
        ]
        for kind in kinds where take(kind.text) {
            let body = try parseDisjunction()
            guard take(")") else { throw malformed("unclosed group", at: start) }
            return .look(body, ahead: kind.ahead, negated: kind.negated)
        }
        return nil
    }

    /// `?:`, `?<name>` or nothing, behind the parenthesis of a group.
    private mutating func parseGroupName() throws(Failure) {
        if take("?:") { return }
        groupCount += 1
        guard take("?") else { return }
        guard take("<") else { throw malformed("unknown kind of group") }
        let start = position
        let name = try parseName()
        guard groupNames.insert(name).inserted else {
            throw malformed("two groups of one name", at: start)
        }
    }

    /// A name and the `>` behind it.
    private mutating func parseName() throws(Failure) -> [UInt32] {
        var name: [UInt32] = []
        while let next = peek {
            position += 1
            if next == UInt32(UInt8(ascii: ">")) {
                guard !name.isEmpty else { throw malformed("empty group name") }
                return name
            }
            var value = next
            if next == Self.backslash {
                guard take("u") else { throw malformed("bad escape in a group name") }
                value = try parseUnicodeEscape(at: position - 2)
            }
            guard Self.isNamePart(value, first: name.isEmpty) else {
                throw malformed("bad group name", at: position - 1)
            }
            name.append(value)
        }
        throw malformed("unclosed group name")
    }

    private static func isNamePart(_ value: UInt32, first: Bool) -> Bool {
        guard let scalar = Unicode.Scalar(value) else { return false }
        if scalar == "$" || scalar == "_" || scalar.properties.isIDStart { return true }
        return !first
            && (scalar.properties.isIDContinue || scalar == "\u{200C}" || scalar == "\u{200D}")
    }

    private mutating func parseQuantifier(of atom: Syntax) throws(Failure) -> Syntax {
        let start = position
        let bounds: (minimum: Int, maximum: Int?)
        if take("*") {
            bounds = (0, nil)
        } else if take("+") {
            bounds = (1, nil)
        } else if take("?") {
            bounds = (0, 1)
        } else if take("{") {
            guard let minimum = parseNumber() else { throw malformed("bad count", at: start) }
            var maximum: Int? = minimum
            if take(",") { maximum = parseNumber() }
            guard take("}") else { throw malformed("bad count", at: start) }
            if let maximum, maximum < minimum {
                throw malformed("counts out of order", at: start)
            }
            bounds = (minimum, maximum)
        } else {
            return atom
        }
        _ = take("?")
        return .repetition(atom, minimum: bounds.minimum, maximum: bounds.maximum)
    }

    private mutating func parseAtomEscape(at start: Int) throws(Failure) -> Syntax {
        if let next = peek, (0x31...0x39).contains(next), let number = parseNumber() {
            if number > highestReference.number { highestReference = (number, start) }
            return .backReference(offset: start)
        }
        if take("k") {
            guard take("<") else { throw malformed("bad escape", at: start) }
            namedReferences.append((try parseName(), start))
            return .backReference(offset: start)
        }
        return character(try parseCharacterEscape(at: start).set)
    }

    private mutating func character(_ set: CodePointSet) -> Syntax {
        sets.append(set)
        return .character(sets.count - 1)
    }
}

/// Reading the pattern.
extension RegularExpressionParser {
    static let bar = UInt32(UInt8(ascii: "|"))
    static let closeGroup = UInt32(UInt8(ascii: ")"))
    static let backslash = UInt32(UInt8(ascii: "\\"))

    var peek: UInt32? { position < pattern.count ? pattern[position] : nil }

    /// Moves behind `text` if it comes next. ASCII only.
    mutating func take(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard position + length <= pattern.count else { return false }
        for index in 0..<length
        where pattern[position + index] != UInt32(text.utf8Start[index]) {
            return false
        }
        position += length
        return true
    }

    /// Decimal digits; a number too large to matter is held at the largest.
    mutating func parseNumber() -> Int? {
        var value: Int?
        while let next = peek, (0x30...0x39).contains(next) {
            value = min((value ?? 0) * 10 + Int(next - 0x30), Int(Int32.max))
            position += 1
        }
        return value
    }

    func malformed(_ reason: String, at offset: Int? = nil) -> Failure {
        Failure(kind: .malformed, offset: offset ?? position, reason: reason)
    }
}
