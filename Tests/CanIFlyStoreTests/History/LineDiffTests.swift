import CanIFlyStore
import StoreTestSupport
import Testing

@Suite("Comparing by line")
struct LineDiffTests {
    /// The second row of lines as the first with the hunks replaced; nil where they do not fit.
    private func rebuilt(_ before: [Int32], _ after: [Int32], _ diff: LineDiff) -> [Int32]? {
        var result: [Int32] = []
        var position = 0
        for hunk in diff.hunks {
            guard hunk.before.lowerBound >= position, !(hunk.before.isEmpty && hunk.after.isEmpty)
            else { return nil }
            result += before[position..<hunk.before.lowerBound]
            guard result.count == hunk.after.lowerBound else { return nil }
            result += after[hunk.after]
            position = hunk.before.upperBound
        }
        return result + before[position...]
    }

    private func editCount(_ diff: LineDiff) -> Int {
        diff.hunks.reduce(0) { $0 + $1.before.count + $1.after.count }
    }

    /// By the textbook table.
    private func fewestEdits(_ before: [Int32], _ after: [Int32]) -> Int {
        var row = Array(0...after.count)
        for (i, line) in before.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in after.indices {
                let above = row[j + 1]
                row[j + 1] = line == after[j] ? diagonal : min(above, row[j]) + 1
                diagonal = above
            }
        }
        return row[after.count]
    }

    @Test("leads from one text to the other with the fewest edits")
    func fewest() {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<3000 {
            func lines() -> [Int32] {
                let count = Int.random(in: 0...12, using: &generator)
                return (0..<count).map { _ in Int32.random(in: 0...4, using: &generator) }
            }
            let (before, after) = (lines(), lines())
            let diff = LineDiff(before, after)
            #expect(rebuilt(before, after, diff) == after, "round \(round)")
            #expect(editCount(diff) == fewestEdits(before, after), "\(before) \(after)")
        }
    }

    @Test("has nothing to say of equal texts, and all of empty ones")
    func trivial() {
        #expect(LineDiff([1, 2, 3], [1, 2, 3]).hunks.isEmpty)
        #expect(LineDiff([], []).hunks.isEmpty)
        #expect(LineDiff([], [1, 2]).hunks == [.init(before: 0..<0, after: 0..<2)])
        #expect(LineDiff([1, 2], []).hunks == [.init(before: 0..<2, after: 0..<0)])
    }

    @Test("takes no time to speak of, however large and different the texts are")
    func bounded() {
        var generator = SeededGenerator(seed: 9)
        let count: Int32 = 50_000
        let ascending = Array(0..<count)
        let inputs: [(String, [Int32], [Int32])] = [
            ("nothing in common", ascending, ascending.map { $0 + count }),
            ("reversed", ascending, ascending.reversed()),
            ("shuffled", ascending, ascending.shuffled(using: &generator)),
            (
                "few kinds of lines", ascending.map { $0 % 3 },
                ascending.map { _ in Int32.random(in: 0...3, using: &generator) }
            ),
            ("every other line new", ascending, ascending.map { $0 % 2 == 0 ? $0 : $0 + count }),
        ]
        let clock = ContinuousClock()
        for (name, before, after) in inputs {
            var diff: LineDiff?
            let time = clock.measure { diff = LineDiff(before, after) }
            #expect(rebuilt(before, after, diff!) == after, "\(name)")
            // Without optimisation; a release takes a twentieth of that.
            #expect(time < .seconds(20), "\(name): \(time)")
        }
        // Lines that both have once hold the large texts together.
        #expect(editCount(LineDiff(inputs[4].1, inputs[4].2)) == Int(count))
    }
}
