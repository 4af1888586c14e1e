internal import LosslessJSON
public import StoreFiles

/// What a layout is recognised by.
indirect enum RecognitionCondition: Sendable {
    /// There is a document that matches; for a pattern that ends in `/`, one below that directory.
    case exists(NamePattern)
    /// There is such a document, and its JSON text is of that kind, to judge by its first byte.
    case isKind(NamePattern, JSONKind)
    case any([RecognitionCondition])
    case all([RecognitionCondition])
    case none([RecognitionCondition])
}

/// What can be told about a directory from the names in it.
public struct Recognition: Sendable, Hashable {
    /// The live layout: the newest that is there. Nil where the documents tell none.
    public var layout: Int?
    /// Older layouts of which documents lie there, newest first.
    public var leftBehind: [LeftBehindLayout]
}

/// Documents of an older layout which the live one has no place for.
public struct LeftBehindLayout: Sendable, Hashable {
    /// The older layout.
    public var layout: Int
    /// Sorted.
    public var documents: [StorePath]
}

extension Profile {
    /// Which layout a directory is in, and what older ones left there.
    ///
    /// - Parameters:
    ///   - documents: the logical names of all documents (`NAME` for a packed `NAME.gz`), sorted,
    ///     without foreign files, temporaries and control files.
    ///   - peek: the first byte of a document that is no white space; nil where there is none or
    ///     it cannot be read. Asked only for documents by whose content a layout is told.
    public func recognise(
        documents: [StorePath], peek: (StorePath) -> UInt8?
    ) -> Recognition {
        let names = SortedNames(documents)
        let live = layouts.last { names.satisfy($0.recognition, peek: peek) }
        guard let live else { return Recognition(layout: nil, leftBehind: []) }
        return Recognition(
            layout: live.number, leftBehind: leftBehind(in: documents, layout: live.number))
    }

    /// What layouts older than `layout` left in a directory.
    ///
    /// - Parameter documents: as for `recognise(documents:peek:)`.
    public func leftBehind(in documents: [StorePath], layout: Int) -> [LeftBehindLayout] {
        guard let live = self.layout(layout) else { return [] }
        let names = SortedNames(documents)
        var found: [LeftBehindLayout] = []
        var taken: Set<StorePath> = []
        for older in layouts.reversed() where older.number < layout {
            var left: [StorePath] = []
            for rule in older.documents {
                names.forEach(matching: rule.pattern) { document in
                    if live.rule(for: document) == nil, taken.insert(document).inserted {
                        left.append(document)
                    }
                    return true
                }
            }
            if !left.isEmpty {
                found.append(LeftBehindLayout(layout: older.number, documents: left.sorted()))
            }
        }
        return found
    }
}

/// Sorted names, asked for those that match a pattern without looking at all of them.
struct SortedNames {
    private let names: [StorePath]

    init(_ names: [StorePath]) { self.names = names }

    /// Calls `body` with each name that matches, in order, until it returns false.
    func forEach(matching pattern: NamePattern, _ body: (StorePath) -> Bool) {
        var prefix = pattern.literalPrefix
        if pattern.isDirectoryOnly, pattern.isLiteral { prefix.append(UInt8(ascii: "/")) }
        var index = lowerBound(of: prefix)
        while index < names.count, names[index].text.utf8.starts(with: prefix) {
            if matches(names[index], pattern), !body(names[index]) { return }
            if pattern.isLiteral, !pattern.isDirectoryOnly { return }
            index += 1
        }
    }

    private func matches(_ name: StorePath, _ pattern: NamePattern) -> Bool {
        guard pattern.isDirectoryOnly else { return pattern.matches(name.text) }
        // Below a directory that matches.
        var text = name.text
        return text.withUTF8 { path in
            path.indices.contains { end in
                path[end] == UInt8(ascii: "/")
                    && pattern.matches(UnsafeBufferPointer(rebasing: path[..<end]))
            }
        }
    }

    func contains(_ name: StorePath) -> Bool {
        let index = lowerBound(of: Array(name.text.utf8))
        return index < names.count && names[index] == name
    }

    private func lowerBound(of prefix: [UInt8]) -> Int {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle].text.utf8.lexicographicallyPrecedes(prefix) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    func satisfy(_ condition: RecognitionCondition, peek: (StorePath) -> UInt8?) -> Bool {
        switch condition {
        case .exists(let pattern):
            var isThere = false
            forEach(matching: pattern) { _ in
                isThere = true
                return false
            }
            return isThere
        case .isKind(let pattern, let kind):
            var isThere = false
            forEach(matching: pattern) { name in
                isThere = peek(name).map { JSONKind(firstByte: $0) == kind } ?? false
                return !isThere
            }
            return isThere
        case .any(let conditions):
            return conditions.contains { satisfy($0, peek: peek) }
        case .all(let conditions):
            return conditions.allSatisfy { satisfy($0, peek: peek) }
        case .none(let conditions):
            return !conditions.contains { satisfy($0, peek: peek) }
        }
    }
}

extension JSONKind {
    /// The kind of a value that begins with the byte; nil where no value does.
    fileprivate init?(firstByte: UInt8) {
        switch firstByte {
        case UInt8(ascii: "{"): self = .object
        case UInt8(ascii: "["): self = .array
        case UInt8(ascii: "\""): self = .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .boolean
        case UInt8(ascii: "n"): self = .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): self = .number
        default: return nil
        }
    }
}
