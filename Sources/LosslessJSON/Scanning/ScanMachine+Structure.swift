extension ScanMachine {
    /// Moves to the next byte that is not white space; false if the chunk has none.
    @inline(__always)
    mutating func skipWhiteSpace(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ count: Int
    ) -> Bool {
        while position < count {
            let byte = base[position]
            if byte > Byte.space { return true }
            switch byte {
            case Byte.space:
                position = endOfRun(of: Byte.space, base, from: position &+ 1, count: count)
            case Byte.lineFeed:
                position &+= 1
                line &+= 1
                lineStart = offset &+ position
            case Byte.carriageReturn, Byte.tab: position &+= 1
            default: return true
            }
        }
        return false
    }

    @inline(__always)
    mutating func endValue() {
        state = containers.depth == 0 ? .end : .separator
    }

    /// After a value in an array or object, at a byte that is not white space.
    @inline(__always)
    mutating func scanSeparator(
        _ base: UnsafePointer<UInt8>, _ position: inout Int
    ) throws(JSONError) {
        let byte = base[position]
        let isObject = containers.isObject
        if byte == Byte.comma {
            state = isObject ? .key : .value
            position &+= 1
        } else if byte == (isObject ? Byte.closeBrace : Byte.closeBracket) {
            position &+= 1
            closeContainer(at: offset &+ position)
        } else {
            try refuse(base, &position, isObject ? "expected ',' or '}'" : "expected ',' or ']'")
        }
    }

    @inline(__always)
    private mutating func closeContainer(at end: Int) {
        if refusesDuplicates && containers.isObject { keys.closeObject() }
        containers.pop()
        events.close(end: end)
        endValue()
    }

    @inline(__always)
    private mutating func openContainer(
        isObject: Bool, _ position: inout Int
    ) throws(JSONError) {
        let start = offset &+ position
        guard containers.depth < limits.maximumDepth else {
            return try fail(
                .tooDeep, "nested deeper than \(limits.maximumDepth) levels", at: start)
        }
        containers.push(isObject: isObject)
        if isObject && refusesDuplicates { keys.openObject() }
        events.open(isObject: isObject, at: start)
        state = isObject ? .firstKey : .firstElement
        position &+= 1
    }

    /// Where a key must come, at a byte that is not white space.
    @inline(__always)
    mutating func scanKeyStart(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ count: Int
    ) throws(JSONError) {
        let byte = base[position]
        if byte == Byte.quote {
            try startString(base, &position, count, isKey: true)
        } else if state == .firstKey && byte == Byte.closeBrace {
            position &+= 1
            closeContainer(at: offset &+ position)
        } else {
            try refuse(
                base, &position,
                state == .firstKey ? "expected a key or '}'" : "expected a key after ','")
        }
    }

    /// Where a value must come, at a byte that is not white space.
    @inline(__always)
    mutating func scanValueStart(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ count: Int
    ) throws(JSONError) {
        let byte = base[position]
        switch byte {
        case Byte.quote: try startString(base, &position, count, isKey: false)
        case Byte.minus, Byte.zero...Byte.nine:
            tokenStart = offset &+ position
            state =
                byte == Byte.minus
                ? .numberSign : byte == Byte.zero ? .numberZero : .numberInteger
            position &+= 1
            try scanNumber(base, &position, count)
        case Byte.openBrace: try openContainer(isObject: true, &position)
        case Byte.openBracket: try openContainer(isObject: false, &position)
        case UInt8(ascii: "t"): startLiteral(.true, base, &position, count)
        case UInt8(ascii: "f"): startLiteral(.false, base, &position, count)
        case UInt8(ascii: "n"): startLiteral(.null, base, &position, count)
        case Byte.closeBracket where state == .firstElement:
            position &+= 1
            closeContainer(at: offset &+ position)
        case 0xEF where state == .start && offset &+ position == 0:
            state = .byteOrderMark
            progress = 1
            position &+= 1
        default:
            let expectation =
                switch state {
                case .firstElement: "expected a value or ']'"
                default: "expected a value"
                }
            try refuse(base, &position, expectation)
        }
    }

    // MARK: Literals

    @inline(__always)
    private mutating func startLiteral(
        _ literal: ScanLiteral, _ base: UnsafePointer<UInt8>, _ position: inout Int, _ count: Int
    ) {
        tokenStart = offset &+ position
        self.literal = literal
        let rest = literal.rest
        let length = rest.utf8CodeUnitCount
        position &+= 1
        progress = 0
        while progress < length && position < count
            && base[position] == rest.utf8Start[progress]
        {
            progress &+= 1
            position &+= 1
        }
        state = .literal
        if progress == length { endLiteral(at: offset &+ position) }
    }

    private mutating func endLiteral(at end: Int) {
        events.literal(literal, start: tokenStart, end: end)
        endValue()
    }

    /// One byte of a literal that did not come in one piece.
    mutating func scanLiteralByte(
        _ base: UnsafePointer<UInt8>, _ position: inout Int
    ) throws(JSONError) {
        guard base[position] == literal.rest.utf8Start[progress] else {
            return try refuse(base, &position, "expected '\(literal.name)'")
        }
        progress += 1
        position += 1
        if progress == literal.rest.utf8CodeUnitCount { endLiteral(at: offset + position) }
    }

    /// A byte order mark is no part of JSON (RFC 8259 section 8.1), and deserves a name.
    mutating func scanByteOrderMark(
        _ base: UnsafePointer<UInt8>, _ position: inout Int
    ) throws(JSONError) {
        let expected: UInt8 = progress == 1 ? 0xBB : 0xBF
        guard base[position] == expected else {
            return try fail(.malformed, "expected a value but found byte 0xEF", at: 0)
        }
        progress += 1
        position += 1
        if progress == 3 {
            try fail(.malformed, "starts with a byte order mark", at: 0)
        }
    }
}
