internal import LosslessJSON

/// Finds equal elements of an array without comparing each with each.
enum ValueUniqueness {
    /// Small arrays are compared pair by pair.
    private static let hashingThreshold = 8

    static func firstRepeated(in array: JSONValue) -> (first: Int, second: Int)? {
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
            for earlier in known[hash] ?? [] where elements[earlier].isEqual(to: element) {
                return (earlier, position)
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

    /// The digits from the first to the last that is not zero: numbers that are equal have the
    /// same, those that differ by a power of ten too.
    private static func hash(number: ArraySlice<UInt8>, into hasher: inout Hasher) {
        var zeros = 0
        var hasDigits = false
        for byte in number {
            guard byte.isASCIIDigit else {
                if byte | 0x20 == UInt8(ascii: "e") { break }
                continue
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
    }
}
