extension ScanMachine {
    /// The rest of a number, as far as the chunk goes. `state` says what came last.
    @inline(__always)
    mutating func scanNumber(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ count: Int
    ) throws(JSONError) {
        while position < count {
            let byte = base[position]
            switch state {
            case .numberSign:
                guard Byte.isDigit(byte) else {
                    return try refuse(base, &position, "expected a digit after '-'")
                }
                state = byte == Byte.zero ? .numberZero : .numberInteger
                position &+= 1
            case .numberZero:
                if Byte.isDigit(byte) {
                    return try refuse(
                        base, &position, "expected no digit after a leading zero")
                }
                guard scanFractionStart(byte, &position) else { return }
            case .numberInteger:
                if Byte.isDigit(byte) {
                    position = endOfDigits(base, from: position, count: count)
                    continue
                }
                guard scanFractionStart(byte, &position) else { return }
            case .numberPoint:
                guard Byte.isDigit(byte) else {
                    return try refuse(base, &position, "expected a digit after '.'")
                }
                state = .numberFraction
                position = endOfDigits(base, from: position &+ 1, count: count)
            case .numberFraction:
                if Byte.isDigit(byte) {
                    position = endOfDigits(base, from: position &+ 1, count: count)
                } else if byte | 0x20 == UInt8(ascii: "e") {
                    state = .numberE
                    position &+= 1
                } else {
                    return endNumber(at: offset &+ position)
                }
            case .numberE:
                if byte == Byte.plus || byte == Byte.minus {
                    state = .numberExponentSign
                    position &+= 1
                    continue
                }
                fallthrough
            case .numberExponentSign:
                guard Byte.isDigit(byte) else {
                    return try refuse(base, &position, "expected a digit of the exponent")
                }
                state = .numberExponent
                position = endOfDigits(base, from: position &+ 1, count: count)
            default:
                position = endOfDigits(base, from: position, count: count)
                if position < count { endNumber(at: offset &+ position) }
                return
            }
        }
    }

    /// After the integer part: steps over a point or `e`, or ends the number and returns false.
    @inline(__always)
    private mutating func scanFractionStart(_ byte: UInt8, _ position: inout Int) -> Bool {
        if byte == Byte.point {
            state = .numberPoint
        } else if byte | 0x20 == UInt8(ascii: "e") {
            state = .numberE
        } else {
            endNumber(at: offset &+ position)
            return false
        }
        position &+= 1
        return true
    }

    @inline(__always)
    mutating func endNumber(at end: Int) {
        events.number(start: tokenStart, end: end)
        endValue()
    }
}
