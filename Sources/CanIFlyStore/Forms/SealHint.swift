/// Tells quickly of nearly every document that nothing can be wrong with its seal, because it has none:
/// it is no object of two or three members, or no SHA-256 in hexadecimal digits lies in it.
package struct SealHint: ~Copyable {
    /// How many digits in a row may be a checksum.
    private static let digitCount = 64
    /// What must be kept of a piece, to see what begins in it and ends in the next.
    private static let overlap = digitCount - 1

    private var hasDigits = false
    private var isObject: Bool?
    private var lastBytes: [UInt8] = []

    package init() {}

    /// Whether it must be looked at closely.
    /// - Parameters:
    ///   - memberCount: of the outermost object.
    ///   - hasVersion: whether its version matters even where it has no checksum.
    package func mayBeSealed(memberCount: Int, hasVersion: () -> Bool) -> Bool {
        guard isObject == true else { return false }
        switch memberCount {
        // It may be sealed even where its checksum has been damaged.
        case 3: return true
        case 2: return hasDigits || hasVersion()
        default: return false
        }
    }

    /// Goes on with the next bytes, which may end anywhere.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        if isObject == nil {
            isObject = bytes.first { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }.map {
                $0 == UInt8(ascii: "{")
            }
        }
        guard isObject == true, !hasDigits else { return }
        if !lastBytes.isEmpty {
            lastBytes.append(contentsOf: bytes.prefix(Self.overlap))
            hasDigits = lastBytes.withUnsafeBytes(Self.hasDigits)
        }
        if !hasDigits { hasDigits = Self.hasDigits(bytes) }
        if bytes.count >= Self.overlap {
            lastBytes = Array(bytes.suffix(Self.overlap))
        } else {
            if lastBytes.isEmpty { lastBytes.append(contentsOf: bytes) }
            lastBytes = Array(lastBytes.suffix(Self.overlap))
        }
    }

    /// Whether 64 lower-case hexadecimal digits follow each other: one of them lies at every 64th place.
    private static func hasDigits(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var place = digitCount - 1
        while place < bytes.count {
            if isDigit(bytes[place]) {
                var start = place
                while start > 0, place - start < digitCount, isDigit(bytes[start - 1]) {
                    start -= 1
                }
                var end = place + 1
                while end < bytes.count, end - start < digitCount, isDigit(bytes[end]) { end += 1 }
                if end - start >= digitCount { return true }
            }
            place += digitCount
        }
        return false
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
