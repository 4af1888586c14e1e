/// Why a profile is not one, and where in its text.
public struct ProfileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One phrase for people, which says what is allowed where that helps.
    public var message: String
    /// RFC 6901: the value that is wrong. Empty for the whole text.
    public var pointer: String
    /// In bytes from the start of the text.
    public var offset: Int
    /// Counted from 1.
    public var line: Int
    /// In bytes, counted from 1.
    public var column: Int

    /// An error at a place of the profile's text.
    public init(message: String, pointer: String, offset: Int, line: Int, column: Int) {
        self.message = message
        self.pointer = pointer
        self.offset = offset
        self.line = line
        self.column = column
    }

    public var description: String {
        let place = pointer.isEmpty ? "" : " at \(pointer)"
        return "line \(line), column \(column) (byte \(offset))\(place): \(message)"
    }
}
