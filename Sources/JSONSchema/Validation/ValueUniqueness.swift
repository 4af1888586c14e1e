internal import LosslessJSON

/// Finds equal elements of an array without comparing each with each.
enum ValueUniqueness {
    /// Small arrays are compared pair by pair.
    private static let hashingThreshold = 8

    /// The positions of two equal elements. `work` is what comparing may cost; where
    /// none is left the answer is nil, too.
    static func firstRepeated(
        in array: JSONValue, work: inout Int
    ) -> (first: Int, second: Int)? {
        let elements = Array(array.elements)
        if elements.count <= hashingThreshold {
            for second in elements.indices {
                for first in 0..<second where elements[first].isEqual(to: elements[second]) {
                    return (first, second)
                }
            }
            return nil
        }
        var known: [Int: [Int]] = [:]
        for (position, element) in elements.enumerated() {
            var hasher = Hasher()
            hash(element, into: &hasher)
            let hash = hasher.finalize()
            for earlier in known[hash] ?? [] {
                work -= 32 + 8 * elements[earlier].range.count
                if work <= 0 { return nil }
                if elements[earlier].isEqual(to: element) { return (earlier, position) }
            }
            known[hash, default: []].append(position)
        }
        return nil
    }

    /// Equal values give equal hashes, however they are written.
    private static func hash(_ value: JSONValue, into hasher: inout Hasher) {
        hasher.combine(value.kind)
        switch value.kind {
        case .null: break
        case .boolean: hasher.combine(value.boolean)
        case .string: hasher.combine(value.stringUTF8)
        case .number: hash(number: value.bytes, into: &hasher)
        case .array:
            hasher.combine(value.count)
            for element in value.elements { hash(element, into: &hasher) }
        case .object:
            // The order of members does not count.
            var sum = 0
            for member in value.members {
                var inner = Hasher()
                inner.combine(member.key.stringUTF8)
                hash(member.value, into: &inner)
                sum &+= inner.finalize()
            }
            hasher.combine(sum)
        }
    }

    /// The digits from the first to the last that is not zero, and the power of ten unless that is
    /// astronomical.
    private static func hash(number: ArraySlice<UInt8>, into hasher: inout Hasher) {
        let mark = number.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? number.endIndex
        var zeros = 0
        var hasDigits = false
        var hasPoint = false
        var integerDigits = 0
        for byte in number[..<mark] {
            if byte == UInt8(ascii: ".") { hasPoint = true }
            guard byte.isASCIIDigit else { continue }
            if hasDigits || byte != UInt8(ascii: "0") {
                integerDigits += hasPoint ? 0 : 1
            } else {
                integerDigits -= hasPoint ? 1 : 0
            }
            if byte == UInt8(ascii: "0") {
                zeros += hasDigits ? 1 : 0
                continue
            }
            for _ in 0..<zeros { hasher.combine(UInt8(ascii: "0")) }
            zeros = 0
            hasDigits = true
            hasher.combine(byte)
        }
        guard hasDigits, let exponent = exponent(number[mark...].dropFirst()) else { return }
        let power = exponent + integerDigits
        if abs(power) < 1_000_000_000_000_000 { hasher.combine(power) }
    }

    /// The exponent if it has at most 18 digits.
    private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
        let digits = text.drop { !$0.isASCIIDigit || $0 == UInt8(ascii: "0") }
        guard digits.count <= 18 else { return nil }
        let magnitude = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return text.first == UInt8(ascii: "-") ? -magnitude : magnitude
    }
}
