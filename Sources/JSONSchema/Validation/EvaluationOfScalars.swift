internal import LosslessJSON

/// Keywords for numbers and strings, `type`, `enum` and `const`.
extension SchemaEvaluation {
    /// Whether a value is of one of the types.
    @inline(__always)
    func fits(_ types: SchemaTypes, _ kind: JSONKind, _ value: JSONCursor) -> Bool {
        if types.contains(SchemaTypes.of(kind)) { return true }
        guard kind == .number, types.contains(.integer) else { return false }
        return isInteger(value)
    }

    /// Where the value is in `text.span`.
    @inline(__always)
    private func place(of value: JSONCursor) -> Range<Int> {
        let range = value.range
        let start = range.lowerBound - text.startIndex
        return start..<start + range.count
    }

    private func isInteger(_ value: JSONCursor) -> Bool {
        let digits = text.span.extracting(place(of: value))
        for index in 0..<digits.count where !digits[index].isASCIIDigit {
            // A fraction or an exponent; else the minus sign.
            if index > 0 { return whole(value).number?.isInteger ?? false }
        }
        return true
    }

    @inline(never)
    mutating func evaluate(
        _ rules: ValueRules, of node: SchemaNode, _ value: JSONCursor, _ kind: JSONKind
    ) -> Bool {
        var isValid = true
        if rules.isEnumerated, !isOne(of: rules, value, kind) {
            isValid = false
            report(node, "enum", value) { "is none of the allowed values: \(rules.text)" }
        }
        if let constant = rules.constant {
            spend(constant.range.count)
            if !whole(value).isEqual(to: constant) {
                isValid = false
                report(node, "const", value) {
                    "is not the only allowed value: \(MessageText.excerpt(constant))"
                }
            }
        }
        return isValid
    }

    private mutating func isOne(
        of rules: ValueRules, _ value: JSONCursor, _ kind: JSONKind
    ) -> Bool {
        if kind == .string, rules.strings.count > 0 {
            let body = text.span.extracting(body(of: value))
            if rules.strings.number(ofBody: body, decoded: { whole(value).stringUTF8 ?? [] }) != nil
            {
                return true
            }
        }
        for other in rules.others {
            spend(other.range.count)
            if whole(value).isEqual(to: other) { return true }
        }
        return false
    }

    @inline(never)
    mutating func evaluate(
        _ rules: NumberRules, of node: SchemaNode, _ value: JSONCursor
    ) -> Bool {
        if let integers = rules.integers,
            let integer = plainInteger(text.span.extracting(place(of: value))),
            integers.contains(integer)
        {
            return true
        }
        let comparison = NumberComparison(whole(value))
        var isValid = true
        if let bound = rules.minimum, comparison.isLess(than: bound) {
            isValid = false
            report(node, "minimum", value) { "is less than \(bound.text)" }
        }
        if let bound = rules.exclusiveMinimum, !comparison.isGreater(than: bound) {
            isValid = false
            report(node, "exclusiveMinimum", value) { "is not greater than \(bound.text)" }
        }
        if let bound = rules.maximum, comparison.isGreater(than: bound) {
            isValid = false
            report(node, "maximum", value) { "is greater than \(bound.text)" }
        }
        if let bound = rules.exclusiveMaximum, !comparison.isLess(than: bound) {
            isValid = false
            report(node, "exclusiveMaximum", value) { "is not less than \(bound.text)" }
        }
        if let divisor = rules.divisor {
            spend(value.range.count * divisor.text.utf8.count / 8)
            if !comparison.isMultiple(of: divisor) {
                isValid = false
                report(node, "multipleOf", value) { "is not a multiple of \(divisor.text)" }
            }
        }
        return isValid
    }

    @inline(never)
    mutating func evaluate(
        _ rules: StringRules, of node: SchemaNode, _ value: JSONCursor
    ) -> Bool {
        if let pattern = rules.pattern {
            spend(value.range.count * pattern.expression.costOfCodePoint / 16)
        }
        let failures = failures(of: rules, value)
        if failures.isEmpty { return true }
        if failures.contains(.tooShort) {
            report(node, "minLength", value) {
                "is shorter than \(rules.lengths.minimum) characters"
            }
        }
        if failures.contains(.tooLong) {
            report(node, "maxLength", value) {
                "is longer than \(rules.lengths.maximum) characters"
            }
        }
        if failures.contains(.pattern) {
            report(node, "pattern", value) {
                "does not match the pattern \(rules.pattern?.text ?? "")"
            }
        }
        if failures.contains(.format) {
            report(node, "format", value) {
                "is not of the format \(rules.format?.rawValue ?? "")"
            }
        }
        return false
    }

    private func failures(of rules: StringRules, _ value: JSONCursor) -> StringRules.Failures {
        let body = text.span.extracting(body(of: value))
        if Self.hasEscapes(body) {
            let decoded = whole(value).stringUTF8 ?? []
            return rules.failures(of: decoded.span)
        }
        return rules.failures(of: body)
    }

    /// Whether a member's name matches.
    mutating func matches(_ expression: RegularExpression, _ key: JSONCursor) -> Bool {
        spend(key.range.count * expression.costOfCodePoint / 16)
        return isMatch(expression, key)
    }

    private func isMatch(_ expression: RegularExpression, _ key: JSONCursor) -> Bool {
        let body = text.span.extracting(body(of: key))
        if Self.hasEscapes(body) {
            let decoded = whole(key).stringUTF8 ?? []
            return expression.matches(decoded.span)
        }
        return expression.matches(body)
    }

    /// Where the bytes between the quotes of a string are in `text.span`.
    @inline(__always)
    func body(of string: JSONCursor) -> Range<Int> {
        let range = string.range
        let start = range.lowerBound - text.startIndex + 1
        return start..<start + range.count - 2
    }

    private static func hasEscapes(_ body: Span<UInt8>) -> Bool {
        for index in 0..<body.count where body[unchecked: index] == UInt8(ascii: "\\") {
            return true
        }
        return false
    }
}

extension StringRules {
    struct Failures: OptionSet {
        let rawValue: UInt8

        static let tooShort = Failures(rawValue: 1)
        static let tooLong = Failures(rawValue: 2)
        static let pattern = Failures(rawValue: 4)
        static let format = Failures(rawValue: 8)
    }

    /// What is wrong with a decoded text.
    func failures(of content: Span<UInt8>) -> Failures {
        var failures: Failures = []
        if !lengths.isTrivial {
            let count = CodePoints.count(in: content)
            if count < lengths.minimum { failures.insert(.tooShort) }
            if count > lengths.maximum { failures.insert(.tooLong) }
        }
        if let pattern, !pattern.expression.matches(content) { failures.insert(.pattern) }
        if let format, !format.accepts(content) { failures.insert(.format) }
        return failures
    }
}

/// A number held against bounds: in machine integers where both are, else exactly.
struct NumberComparison {
    private let value: JSONValue
    private let integer: Int64?

    init(_ value: JSONValue) {
        self.value = value
        integer = value.integer
    }

    func isLess(than bound: NumberBound) -> Bool {
        if let integer, let limit = bound.integer { return integer < limit }
        return exact < bound.exact
    }

    func isGreater(than bound: NumberBound) -> Bool {
        if let integer, let limit = bound.integer { return integer > limit }
        return exact > bound.exact
    }

    func isMultiple(of divisor: NumberBound) -> Bool {
        // Divisors are above zero.
        if let integer, let divisor = divisor.integer { return integer % divisor == 0 }
        return exact.isMultiple(of: divisor.exact)
    }

    private var exact: JSONNumber {
        guard let number = value.number else { fatalError("a number has a value") }
        return number
    }
}
