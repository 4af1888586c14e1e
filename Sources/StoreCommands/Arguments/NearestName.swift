/// How many single-byte edits (insert, remove, replace, swap of neighbours) lead from one name to
/// the other. Both are short: command and option names.
package func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var twoAbove: [Int] = []
    var above = Array(0...right.count)
    for (row, byte) in left.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(right.count + 1)
        for (column, other) in right.enumerated() {
            var best = min(above[column + 1], current[column]) + 1
            best = min(best, above[column] + (byte == other ? 0 : 1))
            if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                best = min(best, twoAbove[column - 1] + 1)
            }
            current.append(best)
        }
        twoAbove = above
        above = current
    }
    return above[right.count]
}

/// The name that was probably meant, or nil where none is near. A name that the given bytes begin
/// (`stat` for `status`) counts as one edit away.
package func nearestName(to given: [UInt8], among names: [String]) -> String? {
    // Nobody mistypes a name of this length; the distance costs the product of both lengths.
    guard !given.isEmpty, given.count <= 64 else { return nil }
    var nearest: (name: String, distance: Int)?
    for name in names {
        let bytes = Array(name.utf8)
        let distance =
            bytes.starts(with: given)
            ? min(1, bytes.count - given.count) : editDistance(given, bytes)
        if distance <= max(1, min(given.count, bytes.count) / 2),
            distance < nearest?.distance ?? Int.max
        {
            nearest = (name, distance)
        }
    }
    return nearest?.name
}
