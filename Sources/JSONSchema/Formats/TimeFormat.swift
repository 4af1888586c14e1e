/// Dates and times of RFC 3339, section 5.6.
enum TimeFormat {
    static func isDateTime(_ text: Span<UInt8>) -> Bool {
        guard text.count > 11, text[10] | 0x20 == UInt8(ascii: "t") else { return false }
        return isDate(text.extracting(0..<10)) && isTime(text.extracting(11..<text.count))
    }

    static func isDate(_ text: Span<UInt8>) -> Bool {
        guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            let century = twoDigits(text, 0), let yearOfCentury = twoDigits(text, 2),
            let month = twoDigits(text, 5), let day = twoDigits(text, 8)
        else { return false }
        return day >= 1 && day <= daysOf(month: month, year: century * 100 + yearOfCentury)
    }

    private static func daysOf(month: Int, year: Int) -> Int {
        switch month {
        case 1, 3, 5, 7, 8, 10, 12: 31
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 0
        }
    }

    /// A time with its offset. A leap second is taken only where one can be: in the last minute
    /// of a day in UTC.
    static func isTime(_ text: Span<UInt8>) -> Bool {
        guard text.count >= 9, text[2] == UInt8(ascii: ":"), text[5] == UInt8(ascii: ":"),
            let hour = twoDigits(text, 0), hour <= 23,
            let minute = twoDigits(text, 3), minute <= 59,
            let second = twoDigits(text, 6), second <= 60
        else { return false }
        var offset = 8
        if text[offset] == UInt8(ascii: ".") {
            offset += 1
            let start = offset
            while offset < text.count, text[offset].isASCIIDigit { offset += 1 }
            guard offset > start, offset < text.count else { return false }
        }
        guard let minutesAhead = zoneOffset(text, offset) else { return false }
        if second < 60 { return true }
        let minuteOfDay = (hour * 60 + minute - minutesAhead + 2 * 1440) % 1440
        return minuteOfDay == 1439
    }

    /// The zone that ends the text, in minutes ahead of UTC.
    private static func zoneOffset(_ text: Span<UInt8>, _ offset: Int) -> Int? {
        let sign = text[offset]
        if sign | 0x20 == UInt8(ascii: "z") { return offset + 1 == text.count ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            offset + 6 == text.count, text[offset + 3] == UInt8(ascii: ":"),
            let hours = twoDigits(text, offset + 1), hours <= 23,
            let minutes = twoDigits(text, offset + 4), minutes <= 59
        else { return nil }
        return (sign == UInt8(ascii: "+") ? 1 : -1) * (hours * 60 + minutes)
    }

    private static func twoDigits(_ text: Span<UInt8>, _ offset: Int) -> Int? {
        let tens = text[offset]
        let ones = text[offset + 1]
        guard tens.isASCIIDigit, ones.isASCIIDigit else { return nil }
        return Int(tens - 0x30) * 10 + Int(ones - 0x30)
    }
}
