/// A pattern of ECMA-262 with the `u` flag, compiled for the one question a schema has: does it
/// match anywhere in a text. Time is bounded by the product of both lengths for every pattern and
/// text; nothing backtracks. Look-arounds work; back-references are refused.
package struct RegularExpression: Sendable {
    private let main: RegularExpressionProgram
    private let looks: [RegularExpressionProgram]
    private let sets: [CodePointSet]
    private let table: RegularExpressionTable?

    /// How many states are followed for each code point, at most.
    package var costOfCodePoint: Int {
        if table != nil { return 1 }
        return looks.reduce(main.instructions.count) { $0 + $1.instructions.count }
    }

    package init(_ pattern: Span<UInt8>) throws(RegularExpressionError) {
        let (syntax, sets) = try RegularExpressionParser.parse(pattern)
        var builder = RegularExpressionBuilder()
        main = try builder.build(syntax, reversed: false)
        looks = builder.looks
        self.sets = sets
        table = RegularExpressionTable(main, sets: sets)
    }

    package init(_ pattern: String) throws(RegularExpressionError) {
        let bytes = Array(pattern.utf8)
        try self.init(bytes.span)
    }

    /// Whether a match is anywhere in `text`, which is UTF-8.
    package func matches(_ text: Span<UInt8>) -> Bool {
        if let table { return table.matches(text) }
        return RegularExpressionSimulation.matches(
            CodePoints.all(in: text), main: main, looks: looks, sets: sets)
    }

    package func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return matches(bytes.span)
    }

    /// The same answer without the table, for tests that compare the two.
    package func matchesBySimulation(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return RegularExpressionSimulation.matches(
            CodePoints.all(in: bytes.span), main: main, looks: looks, sets: sets)
    }

    /// Whether `pattern` is a pattern of ECMA-262, also one that this engine cannot run.
    package static func isWellFormed(_ pattern: Span<UInt8>) -> Bool {
        do {
            _ = try RegularExpressionParser.parse(pattern)
            return true
        } catch {
            return error.kind == .unsupported
        }
    }
}
