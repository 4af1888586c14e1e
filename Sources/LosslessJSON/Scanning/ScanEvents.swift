/// What the scanner tells about the values it passes. Offsets are bytes from the start of the
/// input; ends are exclusive. Calls come in document order: a key comes right before its value.
protocol ScanEvents: Sendable {
    mutating func open(isObject: Bool, at offset: Int)
    mutating func close(end: Int)
    mutating func string(start: Int, end: Int, isKey: Bool, hasEscapes: Bool)
    mutating func number(start: Int, end: Int)
    mutating func literal(_ literal: ScanLiteral, start: Int, end: Int)
}

/// The three names that JSON knows.
enum ScanLiteral: UInt8, Sendable {
    case null, `true`, `false`

    /// The letters after the first.
    var rest: StaticString {
        switch self {
        case .null: "ull"
        case .true: "rue"
        case .false: "alse"
        }
    }

    var name: String {
        switch self {
        case .null: "null"
        case .true: "true"
        case .false: "false"
        }
    }
}

/// For validating only.
struct NoEvents: ScanEvents {
    @inline(__always) func open(isObject: Bool, at offset: Int) {}
    @inline(__always) func close(end: Int) {}
    @inline(__always) func string(start: Int, end: Int, isKey: Bool, hasEscapes: Bool) {}
    @inline(__always) func number(start: Int, end: Int) {}
    @inline(__always) func literal(_ literal: ScanLiteral, start: Int, end: Int) {}
}

/// Where the grammar stands between two bytes.
enum ScanState: UInt8, Sendable {
    /// Nothing but white space so far.
    case start
    /// A value must come.
    case value
    /// After `[`: a value or `]`.
    case firstElement
    /// After `{`: a key or `}`.
    case firstKey
    /// After `,` in an object.
    case key
    case colon
    /// After a value in an array or object.
    case separator
    /// After the outermost value.
    case end
    /// In a string, outside escapes and multi-byte sequences.
    case string
    /// After a backslash.
    case escape
    /// In the digits after `\u`.
    case escapeDigits
    /// In a multi-byte UTF-8 sequence.
    case sequence
    /// In a number, after: the minus sign, a leading zero, a digit of the integer part, the
    /// point, a digit of the fraction, `e`, the exponent's sign, a digit of the exponent.
    case numberSign, numberZero, numberInteger
    case numberPoint, numberFraction
    case numberE, numberExponentSign, numberExponent
    case literal
    case byteOrderMark
    /// In a run of NUL bytes that may go on to the end.
    case nulRun
}

/// Which arrays and objects are open, one bit each.
struct ContainerStack: Sendable {
    private(set) var depth = 0
    /// Whether the innermost one is an object.
    private(set) var isObject = false
    private var words: [UInt64] = []

    @inline(__always)
    mutating func push(isObject: Bool) {
        let word = depth >> 6
        let bit: UInt64 = 1 << UInt64(depth & 63)
        if word == words.count { words.append(0) }
        if isObject { words[word] |= bit } else { words[word] &= ~bit }
        self.isObject = isObject
        depth += 1
    }

    @inline(__always)
    mutating func pop() {
        depth -= 1
        guard depth > 0 else {
            isObject = false
            return
        }
        let top = depth - 1
        isObject = words[top >> 6] >> UInt64(top & 63) & 1 == 1
    }
}
