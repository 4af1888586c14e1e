/// Takes the insignificant white space out of a valid JSON text and changes nothing else, piece
/// by piece.
///
/// The text is trusted: check it with ``JSONScanner``, which can be fed the same pieces.
public struct JSONMinifier: Sendable {
    private var isInString = false
    private var isAfterBackslash = false

    public init() {}

    /// Appends what remains of the next bytes, which may end anywhere.
    public mutating func consume(
        _ bytes: UnsafeRawBufferPointer, appendingTo minified: inout [UInt8]
    ) {
        guard let address = bytes.baseAddress else { return }
        let base = address.assumingMemoryBound(to: UInt8.self)
        let count = bytes.count
        var position = 0
        var runStart = 0
        while position < count {
            if isInString {
                skipString(base, &position, count)
                continue
            }
            let byte = base[position]
            if byte == Byte.quote {
                isInString = true
            } else if Byte.isWhiteSpace(byte) {
                minified.append(
                    contentsOf: UnsafeBufferPointer(
                        start: base + runStart, count: position - runStart))
                repeat {
                    position = endOfRun(
                        of: base[position], base, from: position + 1, count: count)
                } while position < count && Byte.isWhiteSpace(base[position])
                runStart = position
                continue
            }
            position += 1
        }
        minified.append(
            contentsOf: UnsafeBufferPointer(start: base + runStart, count: count - runStart))
    }

    /// Appends what remains of the next bytes.
    public mutating func consume(
        _ bytes: ArraySlice<UInt8>, appendingTo minified: inout [UInt8]
    ) {
        bytes.withUnsafeBytes { consume($0, appendingTo: &minified) }
    }

    private mutating func skipString(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ count: Int
    ) {
        while position < count {
            if isAfterBackslash {
                isAfterBackslash = false
            } else {
                position = endOfStringSegment(base, from: position, count: count)
                if position == count { return }
                if base[position] == Byte.quote {
                    isInString = false
                    position += 1
                    return
                }
                isAfterBackslash = true
            }
            position += 1
        }
    }
}

/// A valid JSON text without its insignificant white space; nothing else is changed.
public func minify(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    var minified: [UInt8] = []
    minified.reserveCapacity(bytes.count)
    var minifier = JSONMinifier()
    bytes.withUnsafeBytes { minifier.consume($0, appendingTo: &minified) }
    return minified
}

extension JSONValue {
    /// The value without its insignificant white space; nothing else is changed.
    public func minified() -> [UInt8] {
        var minified: [UInt8] = []
        minified.reserveCapacity(range.count)
        var minifier = JSONMinifier()
        minifier.consume(bytes, appendingTo: &minified)
        return minified
    }
}
