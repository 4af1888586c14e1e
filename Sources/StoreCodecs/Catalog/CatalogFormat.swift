/// The constants of the catalog's format, for its writer and its reader; docs/store-format.md tells
/// what they mean.
enum CatalogFormat {
    static let version: UInt64 = 1

    /// The header's first field but for the version.
    static let magic = Array("canifly-store catalog ".utf8)

    /// No version's header line may be longer, in bytes.
    static let maximumHeaderLength = 4096

    /// The kinds of lines in a group.
    static let transactionLine = UInt8(ascii: "t")
    static let changeLine = UInt8(ascii: "c")
    static let endLine = UInt8(ascii: "e")
    /// Ends a group that was appended along with the one before it: without that one it does not count.
    static let joinedEndLine = UInt8(ascii: "j")

    /// Fills the field before an end line's checksum, and the header's, so that the next group begins
    /// in a sector of its own (`LogFormat.sectorLength`).
    static let padding = UInt8(ascii: " ")

    static let fieldSeparator = UInt8(ascii: "\t")
    static let lineEnd = UInt8(ascii: "\n")
    static let stateSeparator = UInt8(ascii: ":")
    static let locationSeparator = UInt8(ascii: "/")
    static let decimalPoint = UInt8(ascii: ".")
    static let minus = UInt8(ascii: "-")

    /// Absent, unknown or not kept.
    static let nothing = UInt8(ascii: "-")
    /// As the last change of the document recorded it.
    static let asRecorded = UInt8(ascii: "=")

    /// Begins the two upper-case digits of an escaped byte.
    static let escape = UInt8(ascii: "%")

    /// Of a checksum, in characters.
    static let checksumLength = 8
    /// What every line ends with: a separator, the checksum, a line feed.
    static let lineEndingLength = 1 + checksumLength + 1
    static let nanosecondDigits = 9
    static let modeDigits = 4

    /// The shortest change line there can be, in bytes: no more changes than this allows are
    /// prepared for, whatever a line announces.
    static let minimumChangeLength = 20

    /// Whether a byte of a name or a message is written as an escape.
    static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == escape
    }
}
