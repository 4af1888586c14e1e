/// Tells quickly of nearly every document that nothing could be wrong with its seal, because it has
/// none: no SHA-256 in hexadecimal digits lies in it, nor the word `"checksum"`.
struct SealHint: ~Copyable {
    private static let word = Array("\"checksum\"".utf8)
    /// How many digits in a row may be a checksum.
    private static let digitCount = 64
    /// What must be kept of a piece, to see what begins in it and ends in the next.
    private static let overlap = digitCount - 1

    private(set) var mayBeSealed = false
    private var isObject: Bool?
    private var lastBytes: [UInt8] = []

    /// Goes on with the next bytes, which may end anywhere.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        if isObject == nil {
            isObject = bytes.first { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }.map {
                $0 == UInt8(ascii: "{")
            }
        }
        guard isObject == true, !mayBeSealed else { return }
        if !lastBytes.isEmpty {
            lastBytes.append(contentsOf: bytes.prefix(Self.overlap))
            mayBeSealed = lastBytes.withUnsafeBytes(Self.hasTrace)
        }
        if !mayBeSealed { mayBeSealed = Self.hasTrace(bytes) }
        if bytes.count >= Self.overlap {
            lastBytes = Array(bytes.suffix(Self.overlap))
        } else {
            if lastBytes.isEmpty { lastBytes.append(contentsOf: bytes) }
            lastBytes = Array(lastBytes.suffix(Self.overlap))
        }
    }

    private static func hasTrace(_ bytes: UnsafeRawBufferPointer) -> Bool {
        hasDigits(bytes) || hasWord(bytes)
    }

    /// Horspool's search: mostly only every tenth byte is looked at.
    private static func hasWord(_ bytes: UnsafeRawBufferPointer) -> Bool {
        steps.withUnsafeBufferPointer { steps in
            var last = word.count - 1
            while last < bytes.count {
                let byte = bytes[last]
                if byte == UInt8(ascii: "\""),
                    bytes[(last - word.count + 1)...last].elementsEqual(word)
                {
                    return true
                }
                last += Int(steps[Int(byte)])
            }
            return false
        }
    }

    /// By a window's last byte, how far the word may be moved on without missing it.
    private static let steps: [UInt8] = {
        var steps = [UInt8](repeating: UInt8(word.count), count: 256)
        for (index, byte) in word.dropLast().enumerated() {
            steps[Int(byte)] = UInt8(word.count - 1 - index)
        }
        return steps
    }()

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
