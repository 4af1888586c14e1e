/// Which lines of two texts differ, in time that is bounded whatever the texts are.
///
/// Myers' greedy algorithm ("An O(ND) Difference Algorithm and Its Variations", 1986) finds the
/// fewest edits where there are not too many of them. Where there are, lines that each text has
/// exactly once split the texts into parts (Bram Cohen's "patience" diff), and each part is tried
/// again; a part without such lines counts as replaced whole.
package struct LineDiff {
    /// Lines of the first text, and those of the second that stand in their place. One of the two
    /// may be empty. In order, with at least one equal line between two.
    package struct Hunk: Equatable {
        package var before: Range<Int>
        package var after: Range<Int>

        package init(before: Range<Int>, after: Range<Int>) {
            self.before = before
            self.after = after
        }
    }

    package private(set) var hunks: [Hunk] = []

    /// Most edits that are looked for in one part: the trace takes the square of it.
    private static let editLimit = 1000
    /// Parts within parts.
    private static let depthLimit = 32
    /// Steps along diagonals that are left for all parts together.
    private var stepsLeft = 50_000_000

    private let before: [Int32]
    private let after: [Int32]

    /// Compares two rows of lines; equal lines have equal numbers.
    package init(_ before: [Int32], _ after: [Int32]) {
        self.before = before
        self.after = after
        compare(0..<before.count, 0..<after.count, depth: 0)
    }

    private mutating func compare(_ old: Range<Int>, _ new: Range<Int>, depth: Int) {
        var (old, new) = (old, new)
        while let first = old.first, let other = new.first, before[first] == after[other] {
            old = first + 1..<old.upperBound
            new = other + 1..<new.upperBound
        }
        while let last = old.last, let other = new.last, before[last] == after[other] {
            old = old.lowerBound..<last
            new = new.lowerBound..<other
        }
        if old.isEmpty || new.isEmpty { return note(old, new) }
        if let matches = shortestEdit(old, new) { return note(old, new, around: matches) }
        let anchors = depth < Self.depthLimit ? uniqueMatches(old, new) : []
        if anchors.isEmpty { return note(old, new) }
        var (oldStart, newStart) = (old.lowerBound, new.lowerBound)
        for anchor in anchors {
            compare(oldStart..<anchor.old, newStart..<anchor.new, depth: depth + 1)
            (oldStart, newStart) = (anchor.old + 1, anchor.new + 1)
        }
        compare(oldStart..<old.upperBound, newStart..<new.upperBound, depth: depth + 1)
    }

    /// Adds a hunk, joining it to the one before where no line lies between.
    private mutating func note(_ old: Range<Int>, _ new: Range<Int>) {
        if old.isEmpty && new.isEmpty { return }
        if let last = hunks.last, last.before.upperBound == old.lowerBound,
            last.after.upperBound == new.lowerBound
        {
            hunks[hunks.count - 1] = Hunk(
                before: last.before.lowerBound..<old.upperBound,
                after: last.after.lowerBound..<new.upperBound)
        } else {
            hunks.append(Hunk(before: old, after: new))
        }
    }

    private mutating func note(
        _ old: Range<Int>, _ new: Range<Int>, around matches: [Match]
    ) {
        var (oldStart, newStart) = (old.lowerBound, new.lowerBound)
        for match in matches {
            note(oldStart..<match.old, newStart..<match.new)
            (oldStart, newStart) = (match.old + match.count, match.new + match.count)
        }
        note(oldStart..<old.upperBound, newStart..<new.upperBound)
    }

    /// So many equal lines, from these on.
    private struct Match {
        var old: Int
        var new: Int
        var count: Int
    }

    // MARK: Few edits

    /// The equal lines of a shortest edit script; nil where it would take too long to find.
    private mutating func shortestEdit(_ old: Range<Int>, _ new: Range<Int>) -> [Match]? {
        let limit = min(old.count + new.count, Self.editLimit)
        // furthest[k + limit + 1]: how far the path on diagonal k has come in the old text.
        var furthest = [Int32](repeating: 0, count: 2 * limit + 3)
        var trace: [[Int32]] = []
        for edits in 0...limit {
            stepsLeft -= edits + 1
            guard stepsLeft > 0 else { return nil }
            for diagonal in stride(from: -edits, through: edits, by: 2) {
                let index = diagonal + limit + 1
                let goesDown =
                    diagonal == -edits
                    || (diagonal != edits && furthest[index - 1] < furthest[index + 1])
                var x = Int(goesDown ? furthest[index + 1] : furthest[index - 1] + 1)
                var y = x - diagonal
                while x < old.count, y < new.count, y >= 0,
                    before[old.lowerBound + x] == after[new.lowerBound + y]
                {
                    x += 1
                    y += 1
                    stepsLeft -= 1
                }
                furthest[index] = Int32(x)
                if x >= old.count && y >= new.count {
                    return matches(old, new, trace: trace, edits: edits)
                }
            }
            trace.append(Array(furthest[limit + 1 - edits...limit + 1 + edits]))
        }
        return nil
    }

    /// Walks the trace back from the end. `trace[d]` has the diagonals -d to d.
    private func matches(
        _ old: Range<Int>, _ new: Range<Int>, trace: [[Int32]], edits: Int
    ) -> [Match] {
        var matches: [Match] = []
        var (x, y) = (old.count, new.count)
        func note(from start: Int) {
            guard x > start else { return }
            matches.append(
                Match(
                    old: old.lowerBound + start, new: new.lowerBound + y - (x - start),
                    count: x - start))
        }
        for d in stride(from: edits, to: 0, by: -1) {
            let diagonal = x - y
            let row = trace[d - 1]
            func reached(_ diagonal: Int) -> Int32 {
                let index = diagonal + d - 1
                return row.indices.contains(index) ? row[index] : -1
            }
            let goesDown =
                diagonal == -d || (diagonal != d && reached(diagonal - 1) < reached(diagonal + 1))
            let previous = goesDown ? diagonal + 1 : diagonal - 1
            let previousX = Int(reached(previous))
            note(from: goesDown ? previousX : previousX + 1)
            (x, y) = (previousX, previousX - previous)
        }
        note(from: 0)
        return matches.reversed()
    }

    // MARK: Many edits

    /// Lines that both parts have exactly once, as many as come in the same order in both.
    private func uniqueMatches(
        _ old: Range<Int>, _ new: Range<Int>
    ) -> [(old: Int, new: Int)] {
        var places: [Int32: (old: Int, oldCount: Int, new: Int, newCount: Int)] = [:]
        for index in old {
            places[before[index], default: (0, 0, 0, 0)].old = index
            places[before[index]]!.oldCount += 1
        }
        for index in new {
            guard places[after[index]] != nil else { continue }
            places[after[index]]!.new = index
            places[after[index]]!.newCount += 1
        }
        let unique = places.values.filter { $0.oldCount == 1 && $0.newCount == 1 }
            .map { (old: $0.old, new: $0.new) }.sorted { $0.old < $1.old }
        return longestAscending(unique)
    }

    /// The longest row of pairs whose second numbers ascend (patience sorting).
    private func longestAscending(
        _ pairs: [(old: Int, new: Int)]
    ) -> [(old: Int, new: Int)] {
        var piles: [Int] = []
        var previous = [Int](repeating: -1, count: pairs.count)
        for (index, pair) in pairs.enumerated() {
            var (low, high) = (0, piles.count)
            while low < high {
                let middle = (low + high) / 2
                if pairs[piles[middle]].new < pair.new { low = middle + 1 } else { high = middle }
            }
            if low > 0 { previous[index] = piles[low - 1] }
            if low == piles.count { piles.append(index) } else { piles[low] = index }
        }
        var row: [(old: Int, new: Int)] = []
        var index = piles.last ?? -1
        while index >= 0 {
            row.append(pairs[index])
            index = previous[index]
        }
        return row.reversed()
    }
}
