/// Beyond this many pairs arrays are matched by position: the table takes four bytes a pair.
private let maximumPairs = 1 << 20

/// The indices of a longest common subsequence of two arrays' elements, compared as written but
/// for white space; nothing where the arrays are too large to look for one.
func commonSubsequence(
    _ old: ArraySlice<JSONValue>, _ new: ArraySlice<JSONValue>
) -> [(old: Int, new: Int)] {
    guard !old.isEmpty, !new.isEmpty, old.count <= maximumPairs / new.count else { return [] }
    var names: [[UInt8]: Int] = [:]
    func name(_ value: JSONValue) -> Int {
        let fresh = names.count
        let text = value.minified()
        if let known = names[text] { return known }
        names[text] = fresh
        return fresh
    }
    let oldNames = old.map(name)
    let newNames = new.map(name)
    // lengths[i * width + j]: of the longest common subsequence from i and from j on.
    let width = new.count + 1
    var lengths = [Int32](repeating: 0, count: (old.count + 1) * width)
    for i in oldNames.indices.reversed() {
        for j in newNames.indices.reversed() {
            lengths[i * width + j] =
                oldNames[i] == newNames[j]
                ? lengths[(i + 1) * width + j + 1] + 1
                : max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
        }
    }
    var pairs: [(old: Int, new: Int)] = []
    var i = 0
    var j = 0
    while i < oldNames.count && j < newNames.count {
        if oldNames[i] == newNames[j] {
            pairs.append((old.startIndex + i, new.startIndex + j))
            i += 1
            j += 1
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1
        } else {
            j += 1
        }
    }
    return pairs
}
