package import CanIFlyStore

/// Refuses a value that its kind rules out, so that commands need not look again.
package func checkValue(
    _ value: RawArgument, _ kind: ValueKind, name: String
) throws(StoreError) {
    func refuse(_ wanted: String) -> StoreError {
        StoreError(
            .usage, code: "invalid-value", "\(name) '\(value.shown)' is not \(wanted)",
            hint: "")
    }
    switch kind {
    case .document, .pattern, .pointer, .file, .directory, .command, .findingCode, .program,
        .pointInTime, .text:
        return
    case .transaction:
        guard let text = value.text, isDigits(text), UInt64(text) != nil else {
            throw refuse("the number of a transaction")
        }
    case .number(let range):
        guard let text = value.text, isDigits(text), let number = Int(text), range.contains(number)
        else {
            let wanted =
                range.upperBound == Int.max
                ? "a number from \(range.lowerBound) up"
                : "a number from \(range.lowerBound) to \(range.upperBound)"
            throw refuse(wanted)
        }
    case .seconds:
        guard let text = value.text, nanoseconds(fromSeconds: text) != nil else {
            throw refuse("a number of seconds, such as 2 or 0.5")
        }
    case .mode:
        guard let text = value.text, permissionBits(text) != nil else {
            throw refuse("permission bits in octal, such as 0600")
        }
    case .digestOrAbsent:
        let isAbsent = value.bytes.elementsEqual("absent".utf8)
        let isDigest = value.bytes.count == 64 && value.bytes.allSatisfy(isHexadecimal)
        guard isAbsent || isDigest else {
            throw refuse("a SHA-256 in hexadecimal (64 digits) or 'absent'")
        }
    case .choice(let words):
        guard words.contains(where: { $0.utf8.elementsEqual(value.bytes) }) else {
            throw refuse("one of " + words.joined(separator: ", "))
        }
    }
}

/// Seconds with up to nine decimals, as nanoseconds; nil for anything else, and past ten years.
package func nanoseconds(fromSeconds text: String) -> UInt64? {
    let parts = text.utf8.split(
        separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = UInt64(digits: parts[0]), whole <= 315_360_000 else { return nil }
    guard parts.count == 2 else { return whole * 1_000_000_000 }
    guard parts[1].count <= 9, var fraction = UInt64(digits: parts[1]) else { return nil }
    for _ in parts[1].count..<9 { fraction *= 10 }
    return whole * 1_000_000_000 + fraction
}

/// One to four octal digits.
package func permissionBits(_ text: String) -> UInt16? {
    guard (1...4).contains(text.utf8.count), isDigits(text) else { return nil }
    return UInt16(text, radix: 8)
}

private func isDigits(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
    default: false
    }
}

extension UInt64 {
    /// Decimal digits and nothing else: no sign, no empty text.
    fileprivate init?(digits: some Collection<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - 0x30))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        self = number
    }
}
