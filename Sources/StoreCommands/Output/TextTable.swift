/// Rows under aligned columns. Nothing is cut: a name that is too long for the line is still whole.
struct TextTable {
    enum Alignment { case left, right }

    private let alignments: [Alignment]
    private var rows: [[(text: String, emphasis: Emphasis)]] = []

    init(_ alignments: [Alignment]) { self.alignments = alignments }

    mutating func add(_ cells: [(text: String, emphasis: Emphasis)]) { rows.append(cells) }

    /// How many columns the widest cell of each column needs.
    private var widths: [Int] {
        var widths = [Int](repeating: 0, count: alignments.count)
        for row in rows {
            for (index, cell) in row.enumerated() {
                widths[index] = max(widths[index], displayWidth(cell.text))
            }
        }
        return widths
    }

    func draw(on screen: inout Screen, indent: Int = 0) {
        let widths = widths
        let margin = String(repeating: " ", count: indent)
        for row in rows {
            var line = margin
            for (index, cell) in row.enumerated() {
                let isLast = index == row.count - 1
                switch alignments[index] {
                case .right:
                    line += screen.styled(
                        cell.text.alignedRight(toColumns: widths[index]), cell.emphasis)
                case .left:
                    // No spaces at the end of a line: they would wrap on a narrow terminal.
                    line += screen.styled(cell.text, cell.emphasis)
                    if !isLast {
                        line += String(
                            repeating: " ", count: widths[index] - displayWidth(cell.text))
                    }
                }
                if !isLast { line += "  " }
            }
            screen.line(line)
        }
    }
}
