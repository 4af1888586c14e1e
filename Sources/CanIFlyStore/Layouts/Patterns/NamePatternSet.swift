/// Many patterns asked at once: those that are whole top-level names by one search in a sorted
/// list, so that a hundred of them cost little more than one, and only the others one by one.
struct NamePatternSet: Sendable {
    private struct TopLevelName: Sendable {
        var name: [UInt8]
        var isDirectoryOnly: Bool
    }

    private var topLevelNames: [TopLevelName] = []
    private var others: [NamePattern] = []

    init(_ patterns: [NamePattern]) {
        for pattern in patterns {
            if pattern.isLiteral, !pattern.literalPrefix.contains(UInt8(ascii: "/")) {
                topLevelNames.append(
                    TopLevelName(
                        name: pattern.literalPrefix, isDirectoryOnly: pattern.isDirectoryOnly))
            } else {
                others.append(pattern)
            }
        }
        // Of one name that is listed as a directory and as any file, the wider entry is found.
        topLevelNames.sort {
            $0.name == $1.name
                ? !$0.isDirectoryOnly && $1.isDirectoryOnly
                : $0.name.lexicographicallyPrecedes($1.name)
        }
    }

    /// Whether the path, or a directory that it lies in, matches one of the patterns.
    func containsPathOrAncestor(
        of path: UnsafeBufferPointer<UInt8>, isDirectory: Bool
    ) -> Bool {
        var end = Self.componentEnd(in: path, from: 0)
        if let found = find(UnsafeBufferPointer(rebasing: path[..<end])),
            !found.isDirectoryOnly || isDirectory || end < path.count
        {
            return true
        }
        if others.isEmpty { return false }
        while true {
            let isWhole = end == path.count
            let part = UnsafeBufferPointer(rebasing: path[..<end])
            for pattern in others
            where (!pattern.isDirectoryOnly || isDirectory || !isWhole) && pattern.matches(part) {
                return true
            }
            if isWhole { return false }
            end = Self.componentEnd(in: path, from: end + 1)
        }
    }

    /// Whether a path that is no directory matches one of the patterns.
    func contains(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        if let found = find(path), !found.isDirectoryOnly { return true }
        return others.contains { !$0.isDirectoryOnly && $0.matches(path) }
    }

    private func find(_ name: UnsafeBufferPointer<UInt8>) -> TopLevelName? {
        var low = 0
        var high = topLevelNames.count
        while low < high {
            let middle = (low + high) / 2
            if Self.precedes(topLevelNames[middle].name, name) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < topLevelNames.count, topLevelNames[low].name.elementsEqual(name) else {
            return nil
        }
        return topLevelNames[low]
    }

    private static func precedes(_ left: [UInt8], _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        let count = min(left.count, right.count)
        var index = 0
        while index < count, left[index] == right[index] { index += 1 }
        return index < count ? left[index] < right[index] : left.count < right.count
    }

    private static func componentEnd(
        in path: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int {
        var end = start
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        return end
    }
}
