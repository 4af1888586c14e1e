/// A set of code points: ranges, and properties of Unicode that are asked when needed.
struct CodePointSet: Sendable {
    /// Sorted, apart from each other by at least one code point.
    private(set) var ranges: [ClosedRange<UInt32>] = []
    private(set) var properties: [(property: UnicodeProperty, negated: Bool)] = []
    private(set) var isNegated = false
    /// Membership of the 128 ASCII characters, computed once.
    private var ascii: (UInt64, UInt64) = (0, 0)

    static let highest: UInt32 = 0x10FFFF

    /// Whether every member is known by ranges alone.
    var isRangesOnly: Bool { properties.isEmpty && !isNegated }

    init(
        ranges: [ClosedRange<UInt32>],
        properties: [(property: UnicodeProperty, negated: Bool)] = [], negated: Bool = false
    ) {
        self.ranges = Self.normalized(ranges)
        self.properties = properties
        isNegated = negated
        if negated && properties.isEmpty {
            self.ranges = Self.complement(self.ranges)
            isNegated = false
        }
        for value in 0..<UInt32(128) where computeContains(value) {
            if value < 64 {
                ascii.0 |= 1 << UInt64(value)
            } else {
                ascii.1 |= 1 << UInt64(value - 64)
            }
        }
    }

    init(_ codePoint: UInt32) {
        self.init(ranges: [codePoint...codePoint])
    }

    @inline(__always)
    func contains(_ codePoint: UInt32) -> Bool {
        if codePoint < 64 { return ascii.0 >> UInt64(codePoint) & 1 == 1 }
        if codePoint < 128 { return ascii.1 >> UInt64(codePoint - 64) & 1 == 1 }
        return computeContains(codePoint)
    }

    private func computeContains(_ codePoint: UInt32) -> Bool {
        var found = Self.isIn(ranges, codePoint)
        if !found && !properties.isEmpty {
            // A surrogate has no properties but its category.
            let properties = self.properties
            if let scalar = Unicode.Scalar(codePoint) {
                found = properties.contains { $0.property.holds(for: scalar) != $0.negated }
            } else {
                found = properties.contains { $0.property.holdsForSurrogates != $0.negated }
            }
        }
        return found != isNegated
    }

    private static func isIn(_ ranges: [ClosedRange<UInt32>], _ codePoint: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < codePoint {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < ranges.count && ranges[low].lowerBound <= codePoint
    }

    static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in normalized(ranges) {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= highest { result.append(next...highest) }
        return result
    }

    private static func normalized(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] =
                    last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

/// The classes that ECMA-262 names by one letter. They know ASCII digits and words only.
extension CodePointSet {
    static let digitRanges: [ClosedRange<UInt32>] = [0x30...0x39]
    static let wordRanges: [ClosedRange<UInt32>] = [
        0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A,
    ]
    static let lineTerminatorRanges: [ClosedRange<UInt32>] = [
        0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029,
    ]
    /// WhiteSpace and LineTerminator of ECMA-262: tabs, spaces of category Zs, the byte order mark.
    static let whiteSpaceRanges: [ClosedRange<UInt32>] = [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A,
        0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ]

    @inline(__always)
    static func isWordCharacter(_ codePoint: UInt32) -> Bool {
        switch codePoint {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
    }
}
