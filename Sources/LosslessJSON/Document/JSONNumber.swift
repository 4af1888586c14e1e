/// The exact value of a JSON number: sign, significant digits and decimal exponent, however long.
///
/// Nothing is ever expanded: `1e400000000` takes as much memory as it is written with. Time and
/// memory are in proportion to the text; only ``isMultiple(of:)`` takes time in proportion to
/// the product of both numbers' digits where the divisor has more than 18 significant ones.
public struct JSONNumber: Sendable {
    public let isNegative: Bool
    /// Values 0 to 9 without leading or trailing zeros; none for zero.
    let digits: [UInt8]
    /// The value is 0.d1d2d3… times ten to this power.
    let exponent: DecimalExponent

    /// - Returns: nil if the text is no JSON number.
    public init?(_ text: some Collection<UInt8>) {
        let text = Array(text)
        // A text that is a number for the scanner, without the white space it allows around.
        guard let first = text.first, first == Byte.minus || Byte.isDigit(first),
            let last = text.last, Byte.isDigit(last), (try? JSONScanner.validate(text)) != nil
        else { return nil }
        self.init(validated: text[...])
    }

    /// From the text of a number in a document.
    init(validated text: ArraySlice<UInt8>) {
        var digits: [UInt8] = []
        digits.reserveCapacity(text.count)
        var pointPosition: Int?
        var leadingZeros = 0
        var position = text.startIndex
        let isNegative = text[position] == Byte.minus
        if isNegative { position += 1 }
        var exponentText: ArraySlice<UInt8> = []
        while position < text.endIndex {
            let byte = text[position]
            position += 1
            if Byte.isDigit(byte) {
                if digits.isEmpty && byte == Byte.zero {
                    leadingZeros += 1
                } else {
                    digits.append(byte - Byte.zero)
                }
            } else if byte == Byte.point {
                pointPosition = digits.count + leadingZeros
            } else {
                exponentText = text[position...]
                break
            }
        }
        let integerDigits = (pointPosition ?? digits.count + leadingZeros) - leadingZeros
        while digits.last == 0 { digits.removeLast() }
        self.digits = digits
        self.isNegative = isNegative && !digits.isEmpty
        exponent =
            digits.isEmpty
            ? .small(0) : DecimalExponent(text: exponentText, adding: integerDigits)
    }

    /// How many digits there are between the first and the last that is not zero.
    public var significantDigits: Int { digits.count }

    public var isZero: Bool { digits.isEmpty }

    /// Whether there is nothing after the decimal point, as in `1.0` and `1e2`.
    public var isInteger: Bool {
        switch exponent {
        case .small(let exponent): digits.isEmpty || exponent >= digits.count
        case .big(let isNegative, _): !isNegative
        }
    }

    /// The value, if it is a whole number that fits.
    public var int64: Int64? {
        if digits.isEmpty { return 0 }
        guard case .small(let exponent) = exponent, exponent >= digits.count, exponent <= 19
        else { return nil }
        var value: Int64 = 0
        for position in 0..<exponent {
            let digit = position < digits.count ? Int64(digits[position]) : 0
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowed) = product.addingReportingOverflow(isNegative ? -digit : digit)
            if overflow || overflowed { return nil }
            value = sum
        }
        return value
    }

    /// Whether `self` divided by `divisor` is a whole number; false for a divisor of zero unless
    /// `self` is zero too.
    public func isMultiple(of divisor: JSONNumber) -> Bool {
        if digits.isEmpty { return true }
        if divisor.digits.isEmpty { return false }
        // As whole numbers without trailing zeros: digits * 10^(exponent - count).
        let shift =
            exponent.difference(
                from: divisor.exponent, adding: divisor.digits.count - digits.count)
            ?? (exponent.isGreater(than: divisor.exponent) ? .max : .min)
        // The digits end in no zero, so a tenth of them is no multiple of anything whole.
        if shift < 0 { return false }
        return DecimalRemainder(divisor.digits).divides(digits, followedByZeros: shift)
    }
}

extension JSONNumber: Comparable {
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.isNegative == right.isNegative && left.exponent == right.exponent
            && left.digits == right.digits
    }

    public static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative
            ? right.magnitudeIsLess(than: left) : left.magnitudeIsLess(than: right)
    }

    private func magnitudeIsLess(than other: JSONNumber) -> Bool {
        if isZero || other.isZero { return isZero && !other.isZero }
        if exponent != other.exponent { return other.exponent.isGreater(than: exponent) }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}

extension JSONValue {
    /// The number as written.
    public var rawNumber: ArraySlice<UInt8>? { node.kind == .number ? bytes : nil }

    /// The exact value of a number.
    public var number: JSONNumber? {
        node.kind == .number ? JSONNumber(validated: bytes) : nil
    }

    /// The value of a whole number that fits (`1.0` and `1e2` are whole); never rounded.
    public var integer: Int64? {
        guard node.kind == .number else { return nil }
        let text = bytes
        return plainInteger(text.span) ?? JSONNumber(validated: text).int64
    }
}

/// The value of up to 18 digits with an optional minus sign; nil for everything else.
package func plainInteger(_ text: Span<UInt8>) -> Int64? {
    guard text.count <= 18, text.count > 0 else { return nil }
    let isNegative = text[0] == Byte.minus
    var value: Int64 = 0
    for index in (isNegative ? 1 : 0)..<text.count {
        let byte = text[index]
        guard Byte.isDigit(byte) else { return nil }
        value = value * 10 + Int64(byte - Byte.zero)
    }
    return isNegative ? -value : value
}
