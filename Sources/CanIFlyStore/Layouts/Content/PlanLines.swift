/// The lines of a plan document: one requirement each, a name and a whole number as the last word.
package struct PlanLines: Sendable {
    /// A line that asks for something.
    package struct Requirement: Sendable, Hashable {
        /// Counted from 1.
        package var line: Int
        package var name: [UInt8]
        package var number: Int
        /// Where the name and the number begin, in bytes from the start of the document.
        package var nameOffset: Int
        package var numberOffset: Int
    }

    /// A line that the application cannot read.
    package struct Problem: Sendable, Hashable {
        package enum Reason: Sendable, Hashable {
            /// It begins as a comment, and these versions know none.
            case comment
            case oneWord
            case romanNumeral
            case noNumber
        }

        package var reason: Reason
        /// Counted from 1.
        package var line: Int
        /// The whole line without its end, in bytes from the start of the document.
        package var range: Range<Int>
        /// Where the part that is wrong begins.
        package var offset: Int
        /// The line as the application could read it; nil where it can only be left out.
        package var suggestion: [UInt8]?
    }

    package private(set) var requirements: [Requirement] = []
    package private(set) var problems: [Problem] = []

    init(_ bytes: [UInt8], form: PlanForm) {
        var start = 0
        var line = 1
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            read(bytes, start..<end, line: line, form: form)
            start = end + 1
            line += 1
        }
    }

    private mutating func read(
        _ bytes: [UInt8], _ range: Range<Int>, line: Int, form: PlanForm
    ) {
        let range = Self.trimmed(bytes, range)
        if range.isEmpty { return }
        let text = bytes[range]
        let hash = [UInt8(ascii: "#")]
        if text.starts(with: form.comment ?? hash) {
            if form.comment == nil {
                problems.append(
                    Problem(
                        reason: .comment, line: line, range: range, offset: range.lowerBound))
            }
            return
        }
        guard let space = text.lastIndex(where: Self.isSpace) else {
            problems.append(
                Problem(
                    reason: .oneWord, line: line, range: range, offset: range.lowerBound,
                    suggestion: form.comment.map { $0 + [UInt8(ascii: " ")] + text }))
            return
        }
        let name = Array(bytes[Self.trimmed(bytes, range.lowerBound..<space)])
        let word = text[(space + 1)...]
        if let number = Self.integer(word) {
            requirements.append(
                Requirement(
                    line: line, name: name, number: number, nameOffset: range.lowerBound,
                    numberOffset: word.startIndex))
        } else if let number = Self.romanNumeral(word) {
            problems.append(
                Problem(
                    reason: .romanNumeral, line: line, range: range, offset: word.startIndex,
                    suggestion: name + Array(" \(number)".utf8)))
        } else {
            problems.append(
                Problem(
                    reason: .noNumber, line: line, range: range, offset: word.startIndex,
                    suggestion: form.comment.map { $0 + [UInt8(ascii: " ")] + text }))
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Decimal digits after an optional sign, within 64 bits.
    private static func integer(_ word: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: word, as: UTF8.self))
    }

    /// I to X, in capital letters.
    private static func romanNumeral(_ word: ArraySlice<UInt8>) -> Int? {
        let numerals = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
        return numerals.firstIndex { $0.utf8.elementsEqual(word) }.map { $0 + 1 }
    }
}
