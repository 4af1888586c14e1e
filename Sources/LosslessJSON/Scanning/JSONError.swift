/// What is wrong with bytes that ought to be one JSON text. The raw values are stable: they are
/// the finding codes that programs see.
public enum JSONErrorCode: String, Sendable, Hashable, CaseIterable {
    /// A byte stands where the grammar of RFC 8259 allows no such byte.
    case malformed = "json-malformed"
    /// The input ends inside a value.
    case truncated = "json-truncated"
    /// The value is complete, and something other than white space follows it.
    case trailing = "json-trailing"
    /// An object has the same key (compared after decoding escapes) twice.
    case duplicateKey = "json-duplicate-key"
    /// Arrays and objects are nested deeper than the limit.
    case tooDeep = "json-too-deep"
    /// A string holds bytes that are not UTF-8.
    case invalidUTF8 = "text-invalid-utf8"
    /// There are no bytes, or only white space.
    case empty = "empty"
    /// From some point on there are only NUL bytes: what a power cut leaves of a file.
    case nulBytes = "nul-bytes"
    /// The input is longer than the limit.
    case tooLarge = "json-too-large"
}

/// Why bytes were refused, and where.
///
/// `offset` is the first byte that could not be there; for ``JSONErrorCode/truncated`` and
/// ``JSONErrorCode/empty`` it is the end of the input, for ``JSONErrorCode/duplicateKey`` the
/// opening quote of the second key, for ``JSONErrorCode/invalidUTF8`` the start of the broken
/// sequence, for ``JSONErrorCode/nulBytes`` the first byte of the run.
public struct JSONError: Error, Equatable, Sendable {
    public var code: JSONErrorCode
    /// Bytes from the start of the input, counted from 0.
    public var offset: Int
    /// Counted from 1; lines end with a line feed.
    public var line: Int
    /// Bytes from the start of the line, counted from 1.
    public var column: Int
    /// One phrase for people, in printable ASCII.
    public var reason: String

    public init(code: JSONErrorCode, offset: Int, line: Int, column: Int, reason: String) {
        self.code = code
        self.offset = offset
        self.line = line
        self.column = column
        self.reason = reason
    }
}

extension JSONError: CustomStringConvertible {
    /// For example `json-malformed at line 3, column 7 (byte 41): expected ':' but found '}'`.
    public var description: String {
        "\(code.rawValue) at line \(line), column \(column) (byte \(offset)): \(reason)"
    }
}

extension UInt8 {
    /// The byte as it may stand in a message: a printable character in quotes, or its number.
    var quotedForMessage: String {
        if self > 0x20 && self < 0x7F { return "'\(Character(UnicodeScalar(self)))'" }
        if self == 0x20 { return "a space" }
        let digits = String(self, radix: 16, uppercase: true)
        return "byte 0x" + (digits.utf8.count == 1 ? "0" : "") + digits
    }
}
