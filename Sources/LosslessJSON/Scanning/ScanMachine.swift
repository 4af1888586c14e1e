/// The one scanner behind ``JSONScanner`` and ``JSONDocument``: strict RFC 8259, resumable at
/// any byte, without recursion.
///
/// Between two calls of `consume` the state is all there is: what a chunk ends inside of is
/// finished by the next. Inside a chunk, whole tokens take the short way.
struct ScanMachine<Events: ScanEvents>: Sendable {
    let limits: JSONLimits
    let refusesDuplicates: Bool
    var events: Events

    var state = ScanState.start
    var containers = ContainerStack()
    var keys = KeyTable()
    /// Set once the input is refused; every later call throws it again.
    private(set) var failure: JSONError?

    /// Bytes before the present chunk.
    var offset = 0
    var line = 1
    /// The offset at which the present line starts. Line feeds stand only between tokens, so
    /// this needs no look into strings.
    var lineStart = 0

    // The token under way.
    var tokenStart = 0
    var tokenIsKey = false
    var tokenHasEscapes = false
    var keyHasher: KeyHasher
    var literal = ScanLiteral.null
    /// How much of an escape, literal, sequence or mark is there.
    var progress = 0
    var escapeValue: UInt16 = 0
    /// The first half of a surrogate pair in a key, or 0.
    var highSurrogate: UInt16 = 0
    /// What the next byte of a UTF-8 sequence must lie between, and the sequence's length.
    var sequenceBounds: (lower: UInt8, upper: UInt8) = (0, 0)
    var sequenceLength = 0
    /// What a run of NUL bytes will turn out to be if it does not go on to the end.
    private var errorBehindRun: JSONError?
    private var nulRunStart = 0

    init(limits: JSONLimits, duplicateKeys: JSONDuplicateKeys, events: Events) {
        self.limits = limits
        self.refusesDuplicates = duplicateKeys == .refuse
        self.events = events
        keyHasher = KeyHasher()
    }

    mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        if let failure { throw failure }
        guard let address = bytes.baseAddress, bytes.count > 0 else { return }
        let base = address.assumingMemoryBound(to: UInt8.self)
        let allowed = min(bytes.count, limits.maximumBytes - offset)
        try scan(base, count: allowed)
        offset += allowed
        if allowed < bytes.count {
            try fail(.tooLarge, "longer than \(limits.maximumBytes) bytes", at: offset)
        }
    }

    mutating func consume(_ bytes: Span<UInt8>) throws(JSONError) {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try consume(UnsafeRawBufferPointer(buffer))
        }
    }

    private mutating func scan(_ base: UnsafePointer<UInt8>, count: Int) throws(JSONError) {
        var position = 0
        while position < count {
            switch state {
            case .separator:
                guard skipWhiteSpace(base, &position, count) else { return }
                try scanSeparator(base, &position)
            case .key, .firstKey:
                guard skipWhiteSpace(base, &position, count) else { return }
                try scanKeyStart(base, &position, count)
            case .colon:
                guard skipWhiteSpace(base, &position, count) else { return }
                guard base[position] == Byte.colon else {
                    try refuse(base, &position, "expected ':' after the key")
                    continue
                }
                position &+= 1
                state = .value
            case .value, .firstElement, .start:
                guard skipWhiteSpace(base, &position, count) else { return }
                try scanValueStart(base, &position, count)
            case .end:
                guard skipWhiteSpace(base, &position, count) else { return }
                try refuse(
                    base, &position, "expected the end after the value", code: .trailing)
            case .string: try scanStringBody(base, &position, count)
            case .escape: try scanEscape(base, &position)
            case .escapeDigits: try scanEscapeDigit(base, &position)
            case .sequence: try scanSequenceByte(base, &position)
            case .numberSign, .numberZero, .numberInteger, .numberPoint, .numberFraction,
                .numberE, .numberExponentSign, .numberExponent:
                try scanNumber(base, &position, count)
            case .literal: try scanLiteralByte(base, &position)
            case .byteOrderMark: try scanByteOrderMark(base, &position)
            case .nulRun:
                position = endOfRun(of: 0, base, from: position, count: count)
                if position < count, let errorBehindRun { try fail(errorBehindRun) }
            }
        }
    }

    /// Checks that the input may end here.
    mutating func finish() throws(JSONError) {
        if let failure { throw failure }
        switch state {
        case .end: return
        case .start: try fail(.empty, "there is no value", at: offset)
        case .nulRun:
            try fail(.nulBytes, "nothing but NUL bytes from here to the end", at: nulRunStart)
        case .byteOrderMark: try fail(.malformed, "expected a value but found byte 0xEF", at: 0)
        case .numberZero, .numberInteger, .numberFraction, .numberExponent:
            endNumber(at: offset)
            if state != .end { try failTruncated() }
        default: try failTruncated()
        }
    }

    private mutating func failTruncated() throws(JSONError) {
        let place =
            switch state {
            case .string, .escape, .escapeDigits, .sequence:
                tokenIsKey ? "a key" : "a string"
            case .numberSign, .numberPoint, .numberE, .numberExponentSign: "a number"
            case .literal: "'\(literal.name)'"
            default: containers.isObject ? "an object" : "an array"
            }
        try fail(.truncated, "the input ends inside \(place)", at: offset)
    }

    // MARK: Refusing

    /// Throws, and remembers that the input is refused.
    mutating func fail(
        _ code: JSONErrorCode, _ reason: String, at offset: Int
    ) throws(JSONError) {
        try fail(error(code, reason, at: offset))
    }

    private mutating func fail(_ error: JSONError) throws(JSONError) {
        failure = error
        throw error
    }

    /// `offset` must lie on the present line.
    private func error(_ code: JSONErrorCode, _ reason: String, at offset: Int) -> JSONError {
        JSONError(
            code: code, offset: offset, line: line, column: offset - lineStart + 1,
            reason: reason)
    }

    /// Refuses the byte at `position`. If it is NUL it is skipped for now, because the input may
    /// turn out to end in NUL bytes, which is another finding.
    @inline(never)
    mutating func refuse(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ expectation: String,
        code: JSONErrorCode = .malformed, at start: Int? = nil
    ) throws(JSONError) {
        let found = start == nil ? " but found \(base[position].quotedForMessage)" : ""
        let error = error(code, expectation + found, at: start ?? offset + position)
        guard base[position] == 0 else { return try fail(error) }
        errorBehindRun = error
        nulRunStart = offset + position
        state = .nulRun
        position += 1
    }
}
