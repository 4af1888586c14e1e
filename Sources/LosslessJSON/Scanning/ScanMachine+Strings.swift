extension ScanMachine {
    private var hashesToken: Bool {
        @inline(__always) get { tokenIsKey && refusesDuplicates }
    }

    /// At the opening quote.
    @inline(__always)
    mutating func startString(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ count: Int, isKey: Bool
    ) throws(JSONError) {
        tokenStart = offset &+ position
        tokenIsKey = isKey
        tokenHasEscapes = false
        state = .string
        position &+= 1
        if isKey && refusesDuplicates {
            if try scanPlainKey(base, &position, count) { return }
            keyHasher.reset()
            highSurrogate = 0
        }
        try scanStringBody(base, &position, count)
    }

    /// Most keys lie there whole, in ASCII and without escapes; false, and nothing is passed, where
    /// one does not.
    @inline(__always)
    private mutating func scanPlainKey(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ count: Int
    ) throws(JSONError) -> Bool {
        let end = endOfPlainText(base, from: position, count: count)
        guard end < count, base[end] == Byte.quote,
            let digest = keyHasher.digest(
                base + position, count: end &- position, readable: count &- position)
        else { return false }
        position = end &+ 1
        events.string(start: tokenStart, end: offset &+ position, isKey: true, hasEscapes: false)
        if !keys.insert(digest) { try failDuplicate() }
        if base[position] == Byte.colon {
            position &+= 1
            state = .value
        } else {
            state = .colon
        }
        return true
    }

    /// Goes on in a string's body until it ends, needs another state, or the chunk ends.
    @inline(__always)
    mutating func scanStringBody(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ count: Int
    ) throws(JSONError) {
        let runStart = position
        while true {
            position = endOfPlainText(base, from: position, count: count)
            guard position < count else { break }
            let byte = base[position]
            if byte == Byte.quote {
                hashRun(base, runStart, position)
                position &+= 1
                return try endString(at: offset &+ position)
            }
            if byte == Byte.backslash {
                hashRun(base, runStart, position)
                position &+= 1
                tokenHasEscapes = true
                state = .escape
                return
            }
            guard byte >= 0x80 else {
                hashRun(base, runStart, position)
                return try refuse(
                    base, &position, "expected no control character in a string")
            }
            repeat {
                let length = sequenceLength(base, position, count)
                if length == 0 {
                    hashRun(base, runStart, position)
                    return try startSequence(base, &position)
                }
                position &+= length
            } while position < count && base[position] >= 0x80
        }
        hashRun(base, runStart, position)
    }

    @inline(__always)
    private mutating func hashRun(
        _ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int
    ) {
        guard hashesToken && end > start else { return }
        flushHighSurrogate()
        keyHasher.update(UnsafeBufferPointer(start: base + start, count: end &- start))
    }

    @inline(__always)
    private mutating func endString(at end: Int) throws(JSONError) {
        events.string(start: tokenStart, end: end, isKey: tokenIsKey, hasEscapes: tokenHasEscapes)
        guard tokenIsKey else { return endValue() }
        state = .colon
        guard refusesDuplicates else { return }
        flushHighSurrogate()
        if !keys.insert(keyHasher.finish()) { try failDuplicate() }
    }

    private mutating func failDuplicate() throws(JSONError) {
        try fail(.duplicateKey, "the object has this key already", at: tokenStart)
    }

    // MARK: Escapes

    /// The byte after a backslash.
    mutating func scanEscape(
        _ base: UnsafePointer<UInt8>, _ position: inout Int
    ) throws(JSONError) {
        let byte = base[position]
        if byte == UInt8(ascii: "u") {
            state = .escapeDigits
            progress = 0
            escapeValue = 0
        } else if let character = unescaped(byte) {
            state = .string
            if hashesToken {
                flushHighSurrogate()
                keyHasher.update(character)
            }
        } else {
            return try refuse(base, &position, "expected an escape that JSON knows after '\\'")
        }
        position += 1
    }

    mutating func scanEscapeDigit(
        _ base: UnsafePointer<UInt8>, _ position: inout Int
    ) throws(JSONError) {
        guard let digit = Byte.hexadecimalValue(base[position]) else {
            return try refuse(base, &position, "expected four hexadecimal digits after '\\u'")
        }
        escapeValue = escapeValue << 4 | digit
        progress += 1
        position += 1
        guard progress == 4 else { return }
        state = .string
        if hashesToken { hashEscape() }
    }

    /// Adds the code unit of a `\u` escape to the key; halves of pairs wait for each other.
    private mutating func hashEscape() {
        if UTF16.isTrailSurrogate(escapeValue), highSurrogate != 0 {
            let scalar = combinedSurrogates(highSurrogate, escapeValue)
            highSurrogate = 0
            keyHasher.update(scalar)
            return
        }
        flushHighSurrogate()
        if UTF16.isLeadSurrogate(escapeValue) {
            highSurrogate = escapeValue
        } else {
            keyHasher.update(Unicode.Scalar(escapeValue) ?? replacementCharacter)
        }
    }

    /// A first half without its second decodes to U+FFFD.
    @inline(__always)
    private mutating func flushHighSurrogate() {
        if highSurrogate != 0 {
            highSurrogate = 0
            keyHasher.update(replacementCharacter)
        }
    }

    // MARK: UTF-8

    /// The length of the valid multi-byte sequence at `position`, or 0 if there is none or the
    /// chunk ends first.
    @inline(__always)
    private func sequenceLength(
        _ base: UnsafePointer<UInt8>, _ position: Int, _ count: Int
    ) -> Int {
        let (length, lower, upper) = sequenceRules(base[position])
        guard length > 0, count &- position >= length else { return 0 }
        let second = base[position &+ 1]
        guard second >= lower && second <= upper else { return 0 }
        if length >= 3 && base[position &+ 2] & 0xC0 != 0x80 { return 0 }
        if length == 4 && base[position &+ 3] & 0xC0 != 0x80 { return 0 }
        return length
    }

    /// The first byte of a sequence that is broken or goes on in the next chunk.
    private mutating func startSequence(
        _ base: UnsafePointer<UInt8>, _ position: inout Int
    ) throws(JSONError) {
        let (length, lower, upper) = sequenceRules(base[position])
        guard length > 0 else { return try failSequence(at: offset + position) }
        if hashesToken {
            flushHighSurrogate()
            keyHasher.update(base[position])
        }
        sequenceLength = length
        sequenceBounds = (lower, upper)
        progress = 1
        state = .sequence
        position += 1
    }

    mutating func scanSequenceByte(
        _ base: UnsafePointer<UInt8>, _ position: inout Int
    ) throws(JSONError) {
        let byte = base[position]
        guard byte >= sequenceBounds.lower && byte <= sequenceBounds.upper else {
            let start = offset + position - progress
            guard byte == 0 else { return try failSequence(at: start) }
            return try refuse(
                base, &position, Self.brokenSequence, code: .invalidUTF8, at: start)
        }
        if hashesToken { keyHasher.update(byte) }
        sequenceBounds = (0x80, 0xBF)
        progress += 1
        position += 1
        if progress == sequenceLength { state = .string }
    }

    private static var brokenSequence: String { "a string holds bytes that are not UTF-8" }

    private mutating func failSequence(at start: Int) throws(JSONError) {
        try fail(.invalidUTF8, Self.brokenSequence, at: start)
    }
}

let replacementCharacter: Unicode.Scalar = "\u{FFFD}"

/// The length of the sequence that a lead byte starts and what the second byte must lie between
/// (RFC 3629 section 4); length 0 for bytes that start none.
@inline(__always)
func sequenceRules(_ lead: UInt8) -> (length: Int, lower: UInt8, upper: UInt8) {
    switch lead {
    case 0xC2...0xDF: (2, 0x80, 0xBF)
    case 0xE0: (3, 0xA0, 0xBF)
    case 0xED: (3, 0x80, 0x9F)
    case 0xE1...0xEF: (3, 0x80, 0xBF)
    case 0xF0: (4, 0x90, 0xBF)
    case 0xF1...0xF3: (4, 0x80, 0xBF)
    case 0xF4: (4, 0x80, 0x8F)
    default: (0, 0, 0)
    }
}

/// What a one-letter escape stands for, or nil.
func unescaped(_ letter: UInt8) -> UInt8? {
    switch letter {
    case Byte.quote, Byte.backslash, Byte.slash: letter
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): Byte.lineFeed
    case UInt8(ascii: "r"): Byte.carriageReturn
    case UInt8(ascii: "t"): Byte.tab
    default: nil
    }
}

/// The code point of a surrogate pair.
func combinedSurrogates(_ high: UInt16, _ low: UInt16) -> Unicode.Scalar {
    let value = 0x10000 + (UInt32(high & 0x3FF) << 10 | UInt32(low & 0x3FF))
    return Unicode.Scalar(value) ?? replacementCharacter
}
