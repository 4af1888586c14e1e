/// Compares two texts line by line. Lines are what line feeds end; their bytes may be anything.
enum TextComparison {
    /// A text of more lines than this takes many times its size.
    private static let largestLineCount = 1 << 20

    /// Nil where there are too many lines.
    static func edits(from before: [UInt8], to after: [UInt8]) -> [LineEdit]? {
        guard let old = lines(of: before), let new = lines(of: after) else { return nil }
        var numbers = LineNumbers()
        // The line feed counts: a last line without one is another line.
        let diff = LineDiff(
            old.map { numbers.number(of: before[$0]) }, new.map { numbers.number(of: after[$0]) })
        var edits: [LineEdit] = []
        for hunk in diff.hunks {
            for index in hunk.before { edits.append(edit(.remove, index, before[old[index]])) }
            for index in hunk.after { edits.append(edit(.add, index, after[new[index]])) }
        }
        return edits
    }

    private static func edit(
        _ operation: LineEdit.Operation, _ index: Int, _ line: ArraySlice<UInt8>
    ) -> LineEdit {
        let lacksLineEnd = line.last != UInt8(ascii: "\n")
        return LineEdit(
            operation: operation, line: index + 1,
            text: Array(lacksLineEnd ? line : line.dropLast()), lacksLineEnd: lacksLineEnd)
    }

    /// Each line with the line feed that ends it.
    private static func lines(of bytes: [UInt8]) -> [Range<Int>]? {
        var lines: [Range<Int>] = []
        var start = 0
        bytes.withUnsafeBufferPointer { buffer in
            for index in buffer.indices where buffer[index] == UInt8(ascii: "\n") {
                lines.append(start..<index + 1)
                start = index + 1
                if lines.count > largestLineCount { break }
            }
        }
        if lines.count > largestLineCount { return nil }
        if start < bytes.count { lines.append(start..<bytes.count) }
        return lines
    }
}

/// Gives equal lines equal numbers.
private struct LineNumbers {
    private var numbers: [ArraySlice<UInt8>: Int32] = [:]

    mutating func number(of line: ArraySlice<UInt8>) -> Int32 {
        let fresh = Int32(truncatingIfNeeded: numbers.count)
        if let known = numbers[line] { return known }
        numbers[line] = fresh
        return fresh
    }
}
