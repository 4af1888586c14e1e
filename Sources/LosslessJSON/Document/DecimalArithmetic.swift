/// A decimal exponent as JSON can write it: of any size. Whatever has at most 18 digits is
/// small, so equal exponents have one form.
enum DecimalExponent: Sendable, Equatable {
    case small(Int)
    /// More than 18 digits, most significant first.
    case big(isNegative: Bool, digits: [UInt8])

    private static let smallDigits = 18

    /// From what follows `e` in a number (nothing if there is no exponent), plus a count of
    /// digits.
    init(text: ArraySlice<UInt8>, adding count: Int) {
        let isNegative = text.first == Byte.minus
        let digits = text.drop { $0 == Byte.minus || $0 == Byte.plus || $0 == Byte.zero }
            .map { $0 - Byte.zero }
        if digits.count < Self.smallDigits {
            let magnitude = digits.reduce(0) { $0 * 10 + Int($1) }
            self = .small((isNegative ? -magnitude : magnitude) + count)
            return
        }
        let sum = Self.add(digits, isNegative ? -count : count)
        if sum.count <= Self.smallDigits {
            let magnitude = sum.reduce(0) { $0 * 10 + Int($1) }
            self = .small(isNegative ? -magnitude : magnitude)
        } else {
            self = .big(isNegative: isNegative, digits: sum)
        }
    }

    /// `digits` has at least 18 digits and `count` at most ten, so the sign stays.
    private static func add(_ digits: [UInt8], _ count: Int) -> [UInt8] {
        var digits = digits
        var carry = count
        var position = digits.count - 1
        while position >= 0 && carry != 0 {
            let sum = Int(digits[position]) + carry
            let digit = (sum % 10 + 10) % 10
            digits[position] = UInt8(digit)
            carry = (sum - digit) / 10
            position -= 1
        }
        while carry > 0 {
            digits.insert(UInt8(carry % 10), at: 0)
            carry /= 10
        }
        return Array(digits.drop { $0 == 0 })
    }

    func isGreater(than other: DecimalExponent) -> Bool {
        switch (self, other) {
        case (.small(let left), .small(let right)): left > right
        case (.small, .big(let isNegative, _)): isNegative
        case (.big(let isNegative, _), .small): !isNegative
        case (.big(let leftNegative, let left), .big(let rightNegative, let right)):
            if leftNegative != rightNegative {
                rightNegative
            } else if left.count != right.count {
                (left.count > right.count) != leftNegative
            } else {
                leftNegative
                    ? left.lexicographicallyPrecedes(right)
                    : right.lexicographicallyPrecedes(left)
            }
        }
    }

    /// `self - other + count`, or nil if that has more than 17 digits or so.
    func difference(from other: DecimalExponent, adding count: Int) -> Int? {
        if case .small(let left) = self, case .small(let right) = other {
            return left - right + count
        }
        let (leftNegative, left) = signAndDigits
        let (rightNegative, right) = other.signAndDigits
        guard leftNegative == rightNegative, let difference = Self.subtract(left, right)
        else { return nil }
        return (leftNegative ? -difference : difference) + count
    }

    private var signAndDigits: (isNegative: Bool, digits: [UInt8]) {
        switch self {
        case .small(let value):
            (value < 0, String(value.magnitude).utf8.map { $0 - Byte.zero })
        case .big(let isNegative, let digits): (isNegative, digits)
        }
    }

    /// The difference of two magnitudes, or nil if it has more than 17 digits.
    private static func subtract(_ left: [UInt8], _ right: [UInt8]) -> Int? {
        let width = max(left.count, right.count)
        var difference = 0
        for position in 0..<width {
            let leftOffset = position - (width - left.count)
            let rightOffset = position - (width - right.count)
            difference =
                difference * 10 + (leftOffset >= 0 ? Int(left[leftOffset]) : 0)
                - (rightOffset >= 0 ? Int(right[rightOffset]) : 0)
            if abs(difference) >= 100_000_000_000_000_000 { return nil }
        }
        return difference
    }
}

/// Divides decimal digits, most significant first, and looks only at what is left.
struct DecimalRemainder {
    private let divisor: [UInt8]

    init(_ divisor: [UInt8]) {
        self.divisor = divisor
    }

    /// Whether the divisor divides `digits` followed by `shift` zeros.
    func divides(_ digits: [UInt8], followedByZeros shift: Int) -> Bool {
        // Zeros only bring factors of two and five, and the divisor has fewer than four of them
        // a digit; more zeros change nothing.
        let zeros = min(shift, 4 * divisor.count)
        if digits.count + zeros < divisor.count { return false }
        return divisor.count <= 18
            ? wordRemainderIsZero(digits, zeros) : limbRemainderIsZero(digits, zeros)
    }

    private func wordRemainderIsZero(_ digits: [UInt8], _ zeros: Int) -> Bool {
        let divisor = divisor.reduce(UInt64(0)) { $0 * 10 + UInt64($1) }
        var remainder: UInt64 = 0
        for digit in digits { remainder = (remainder * 10 + UInt64(digit)) % divisor }
        for _ in 0..<zeros where remainder != 0 { remainder = remainder * 10 % divisor }
        return remainder == 0
    }

    /// Schoolbook division in limbs of nine digits, least significant first.
    private func limbRemainderIsZero(_ digits: [UInt8], _ zeros: Int) -> Bool {
        let base: Int64 = 1_000_000_000
        var limbs: [Int64] = []
        var end = divisor.count
        while end > 0 {
            let start = max(end - 9, 0)
            limbs.append(divisor[start..<end].reduce(0) { $0 * 10 + Int64($1) })
            end = start
        }
        limbs.append(0)
        var remainder = [Int64](repeating: 0, count: limbs.count)
        for position in 0..<digits.count + zeros {
            var carry = position < digits.count ? Int64(digits[position]) : 0
            for limb in remainder.indices {
                let sum = remainder[limb] * 10 + carry
                carry = sum / base
                remainder[limb] = sum - carry * base
            }
            while !remainder.reversed().lexicographicallyPrecedes(limbs.reversed()) {
                var borrow: Int64 = 0
                for limb in remainder.indices {
                    let difference = remainder[limb] - limbs[limb] - borrow
                    borrow = difference < 0 ? 1 : 0
                    remainder[limb] = difference + borrow * base
                }
            }
        }
        return remainder.allSatisfy { $0 == 0 }
    }
}
