/// The formats that are checked where `format` is an assertion. All others are annotations.
package enum Format: String, Sendable, CaseIterable {
    case dateTime = "date-time"
    case date
    case time
    case uri
    case email
    case uuid
    case ipv4
    case ipv6
    case regex
    case jsonPointer = "json-pointer"

    /// Whether `text`, the UTF-8 of a string value, is of this format.
    package func accepts(_ text: Span<UInt8>) -> Bool {
        switch self {
        case .dateTime: TimeFormat.isDateTime(text)
        case .date: TimeFormat.isDate(text)
        case .time: TimeFormat.isTime(text)
        case .uri: URISyntax.isURI(text)
        case .email: EmailFormat.isMailbox(text)
        case .uuid: IdentifierFormat.isUUID(text)
        case .ipv4: AddressFormat.isIPv4(text)
        case .ipv6: AddressFormat.isIPv6(text)
        case .regex: RegularExpression.isWellFormed(text)
        case .jsonPointer: IdentifierFormat.isJSONPointer(text)
        }
    }
}

extension UInt8 {
    @inline(__always)
    var isASCIIDigit: Bool { self &- 0x30 < 10 }

    @inline(__always)
    var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }

    @inline(__always)
    var isHexadecimalDigit: Bool { isASCIIDigit || (self | 0x20) &- 0x61 < 6 }
}
