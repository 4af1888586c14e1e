extension Timestamp {
    /// Reads a time as RFC 3339 section 5.6 writes it: `2026-11-01T08:30:00.302117046-04:00`.
    /// `T` and `Z` may be lower case; nine decimals count, more are read and dropped; a leap second
    /// (`:60`) counts as the second after. Nil for anything else, dates that no calendar has included.
    public init?(rfc3339 text: String) {
        self.init(rfc3339: Array(text.utf8)[...])
    }

    /// The same, from the bytes of its text.
    public init?(rfc3339 text: ArraySlice<UInt8>) {
        var reader = DigitReader(rest: text)
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t"),
            let hour = reader.number(digits: 2), reader.skip(":"),
            let minute = reader.number(digits: 2), reader.skip(":"),
            let second = reader.number(digits: 2),
            (1...12).contains(month), day >= 1, day <= daysInMonth(month, ofYear: year),
            hour <= 23, minute <= 59, second <= 60
        else { return nil }
        var nanoseconds: Int32 = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        var offset = 0
        if !(reader.skip("Z") || reader.skip("z")) {
            let isBehind = reader.skip("-")
            guard isBehind || reader.skip("+"), let hours = reader.number(digits: 2),
                reader.skip(":"), let minutes = reader.number(digits: 2), hours <= 23, minutes <= 59
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (isBehind ? -1 : 1)
        }
        guard reader.rest.isEmpty else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(seconds: Int64(seconds), nanoseconds: nanoseconds)
    }

    /// In UTC, with as many decimals as it has (none for whole seconds):
    /// `2026-11-01T12:30:00.302117046Z`. Years outside 0000 to 9999, which RFC 3339 cannot write,
    /// become the nearest that it can.
    public var rfc3339: String {
        let seconds = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let (year, month, day) = date(daysSince1970: floorDivide(Int(seconds), 86_400))
        let second = Int(seconds) - floorDivide(Int(seconds), 86_400) * 86_400
        var text =
            padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T"
            + padded(second / 3600, 2) + ":" + padded(second % 3600 / 60, 2) + ":"
            + padded(second % 60, 2)
        if nanoseconds > 0 {
            var fraction = padded(Int(nanoseconds), 9)
            while fraction.utf8.last == UInt8(ascii: "0") { fraction.removeLast() }
            text += "." + fraction
        }
        return text + "Z"
    }
}

private struct DigitReader {
    var rest: ArraySlice<UInt8>

    /// Exactly so many decimal digits.
    mutating func number(digits: Int) -> Int? {
        guard rest.count >= digits else { return nil }
        var number = 0
        for byte in rest.prefix(digits) {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        rest = rest.dropFirst(digits)
        return number
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// One digit or more, as nanoseconds.
    mutating func fraction() -> Int32? {
        var nanoseconds: Int32 = 0
        var count = 0
        while let byte = rest.first, (0x30...0x39).contains(byte) {
            if count < 9 { nanoseconds = nanoseconds * 10 + Int32(byte - 0x30) }
            count += 1
            rest = rest.dropFirst()
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(0, 9 - count) { nanoseconds *= 10 }
        return nanoseconds
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

private func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
}

private func daysInMonth(_ month: Int, ofYear year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

private func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
    (dividend - (dividend % divisor + divisor) % divisor) / divisor
}

// In years that begin with March a leap day is the last day, and a month's first day follows from
// its number alone: (153 * month + 2) / 5. An era of 400 years has 146,097 days.

private func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let shiftedYear = month > 2 ? year : year - 1
    let shiftedMonth = month > 2 ? month - 3 : month + 9
    let era = floorDivide(shiftedYear, 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    return era * 146_097 + dayOfEra - 719_468
}

private func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
}
