/// A place in a text as people count it: lines from 1, ended by line feeds, and bytes from the
/// start of the line, from 1.
public struct LineColumn: Sendable, Equatable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Of a byte offset; an offset past the end counts as the end. Looks at the text up to there.
    public init(of offset: Int, in bytes: [UInt8]) {
        line = 1
        column = 1
        for byte in bytes.prefix(max(offset, 0)) {
            if byte == Byte.lineFeed {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
    }
}
