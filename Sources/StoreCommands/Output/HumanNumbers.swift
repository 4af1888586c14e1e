/// Numbers for people: grouped by thousands.
package func grouped(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
        text.append(digit)
    }
    return text
}

/// A size for people: exact below 1024 bytes, else with one decimal in powers of 1024.
package func humanBytes(_ bytes: Int64) -> String {
    guard bytes.magnitude >= 1024 else { return "\(bytes) B" }
    // Of the unit, and of the tenths: no floating point decides where 1023.97 KiB goes.
    let unit = (63 - bytes.magnitude.leadingZeroBitCount) / 10
    let shift = UInt64(unit * 10)
    let whole = bytes.magnitude >> shift
    let tenths = ((bytes.magnitude & ((1 << shift) - 1)) * 10) >> shift
    let name = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"][unit - 1]
    return "\(bytes < 0 ? "-" : "")\(whole).\(tenths) \(name)"
}

/// A duration for people, from nanoseconds.
package func humanDuration(_ nanoseconds: UInt64) -> String {
    let milliseconds = nanoseconds / 1_000_000
    switch milliseconds {
    case ..<1: return "under 1 ms"
    case ..<1000: return "\(milliseconds) ms"
    case ..<60_000: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    default:
        let seconds = milliseconds / 1000
        return seconds < 3600
            ? "\(seconds / 60) min \(seconds % 60) s"
            : "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
}

/// How long ago something was, in its largest unit.
package func humanAge(seconds: Int64) -> String {
    func plural(_ count: Int64, _ unit: String) -> String {
        "\(count) \(unit)\(count == 1 ? "" : "s") ago"
    }
    switch seconds {
    case ..<0: return "in the future"
    case ..<5: return "just now"
    case ..<60: return plural(seconds, "second")
    case ..<3600: return plural(seconds / 60, "minute")
    case ..<86_400: return plural(seconds / 3600, "hour")
    default: return plural(seconds / 86_400, "day")
    }
}

/// `1 document`, `2 documents`.
package func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
    "\(grouped(count)) \(count == 1 ? noun : plural ?? noun + "s")"
}

/// Nanoseconds as seconds with nine decimals: a JSON number that no floating point rounds.
package func decimalSeconds(_ nanoseconds: UInt64) -> String {
    let fraction = String(nanoseconds % 1_000_000_000)
    return "\(nanoseconds / 1_000_000_000)."
        + String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
}
