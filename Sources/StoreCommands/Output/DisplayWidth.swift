/// How many columns of a terminal a text takes: East Asian wide letters and emoji take two,
/// combining marks none. The text is expected to be escaped already.
package func displayWidth(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + displayWidth($1) }
}

/// A character's marks and joined emoji share its columns.
func displayWidth(_ character: Character) -> Int {
    var width = 0
    for scalar in character.unicodeScalars {
        // The variation selector that asks for the colourful form.
        if scalar.value == 0xFE0F { return 2 }
        width = max(width, displayWidth(scalar))
    }
    return width
}

private func displayWidth(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    if wideRanges.contains(where: { $0.contains(scalar.value) }) { return 2 }
    let properties = scalar.properties
    if properties.isEmojiPresentation { return 2 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return 1
    }
}

/// The blocks whose letters are all of East Asian width W or F (Unicode, UAX #11).
private let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF,
    0x1F200...0x1F265, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
]

/// The text cut to so many columns, the last one an ellipsis where something was cut.
package func truncated(_ text: String, toColumns columns: Int) -> String {
    guard displayWidth(text) > columns else { return text }
    guard columns > 1 else { return String(repeating: "…", count: max(0, columns)) }
    var kept = ""
    var width = 0
    for character in text {
        let next = displayWidth(character)
        if width + next > columns - 1 { break }
        kept.append(character)
        width += next
    }
    return kept + "…"
}

/// Lines of at most so many columns, broken at spaces; a word that is longer than a line is broken
/// where the line ends. An empty text gives one empty line.
package func wrapped(_ text: String, toColumns columns: Int) -> [String] {
    let columns = max(1, columns)
    var lines: [String] = []
    var line = ""
    var width = 0
    for word in text.split(separator: " ") {
        var word = String(word)
        var wordWidth = displayWidth(word)
        if width > 0 {
            if width + 1 + wordWidth <= columns {
                line += " " + word
                width += 1 + wordWidth
                continue
            }
            lines.append(line)
        }
        while wordWidth > columns {
            var head = ""
            var headWidth = 0
            while let character = word.first {
                let next = displayWidth(character)
                if headWidth > 0, headWidth + next > columns { break }
                head.append(word.removeFirst())
                headWidth += next
            }
            lines.append(head)
            wordWidth = displayWidth(word)
        }
        line = word
        width = wordWidth
    }
    if width > 0 || lines.isEmpty { lines.append(line) }
    return lines
}

extension String {
    /// Filled with spaces on the right up to so many columns.
    func padded(toColumns columns: Int) -> String {
        self + String(repeating: " ", count: max(0, columns - displayWidth(self)))
    }

    /// Filled with spaces on the left up to so many columns.
    func alignedRight(toColumns columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - displayWidth(self))) + self
    }
}
