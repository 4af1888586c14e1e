/// A value under edit. As long as nothing in it changes it is a view of the text it came from;
/// once something does, its members or elements are listed, each with the text around it.
struct EditNode: Sendable {
    var origin: JSONValue
    /// What an array or object holds now, if it was opened.
    var container: EditContainer?

    init(_ origin: JSONValue) {
        self.origin = origin
    }

    var kind: JSONKind { origin.kind }

    /// Lists the members or elements; false for values that have none.
    mutating func open() -> Bool {
        if container != nil { return true }
        guard kind == .object || kind == .array else { return false }
        container = EditContainer(origin)
        return true
    }

    func append(to text: inout [UInt8]) {
        guard let container else {
            text.append(contentsOf: origin.bytes)
            return
        }
        container.append(to: &text)
    }

    /// Calls `body` with the object or array that the tokens lead to and with its place; nil if
    /// they lead to none.
    mutating func withContainer<Result>(
        at tokens: ArraySlice<[UInt8]>, _ place: EditPlace,
        _ body: (inout EditContainer, EditPlace) throws(JSONEditError) -> Result?
    ) throws(JSONEditError) -> Result? {
        guard open(), container != nil else { return nil }
        guard let token = tokens.first else { return try body(&container!, place) }
        guard let index = container!.index(of: token) else { return nil }
        let inner = container!.place(ofChild: index, place)
        return try container!.withNode(at: index) { node throws(JSONEditError) in
            try node.withContainer(at: tokens.dropFirst(), inner, body)
        }
    }
}

/// Where the values of a container stand on the page.
struct EditPlace {
    /// The white space that the value's line starts with.
    var indentation: [UInt8] = []
    /// Whether the value (with its key) starts a line.
    var startsLine = true
}

/// The members or elements of an opened object or array.
///
/// Written out it is the opening bracket, the children joined by commas, `tail` and the closing
/// bracket; a child is its lead, its key and colon, its value and its trail. All of these are
/// the document's own bytes until they are changed.
struct EditContainer: Sendable {
    struct Child: Sendable {
        /// White space before the child.
        var lead: ArraySlice<UInt8>
        var key: Key?
        var node: EditNode
        /// White space between the child and the comma after it; empty for the last.
        var trail: ArraySlice<UInt8> = []
    }

    struct Key: Sendable {
        /// The key as written, with its quotes.
        var text: ArraySlice<UInt8>
        var hasEscapes: Bool
        /// From the end of the key to the value.
        var colon: ArraySlice<UInt8>

        func equals(_ token: [UInt8]) -> Bool {
            if hasEscapes { return decoded == token }
            return text.count == token.count + 2 && text.dropFirst().starts(with: token)
        }

        var decoded: [UInt8] {
            var decoded: [UInt8] = []
            decodeString(text.dropFirst().dropLast(), into: &decoded)
            return decoded
        }
    }

    let isObject: Bool
    let keysAreUnique: Bool
    private(set) var children: [Child] = []
    private var tail: ArraySlice<UInt8> = []

    init(_ origin: JSONValue) {
        let storage = origin.storage
        let bytes = storage.bytes
        let node = origin.node
        isObject = node.kind == .object
        keysAreUnique = storage.keysAreUnique
        children.reserveCapacity(node.count)
        var position = Int(node.start) + 1
        var index = origin.index + 1
        while index < Int(node.next) {
            let valueIndex = isObject ? index + 1 : index
            let value = storage.nodes[valueIndex]
            let lead = bytes[position..<Int(storage.nodes[index].start)]
            var key: Key?
            if isObject {
                let range = storage.nodes[index].range
                key = Key(
                    text: bytes[range], hasEscapes: storage.nodes[index].kind == .escapedString,
                    colon: bytes[range.upperBound..<Int(value.start)])
            }
            var child = Child(
                lead: lead, key: key,
                node: EditNode(JSONValue(storage: storage, index: valueIndex)))
            position = Int(value.end)
            while Byte.isWhiteSpace(bytes[position]) { position += 1 }
            if bytes[position] == Byte.comma {
                child.trail = bytes[Int(value.end)..<position]
                position += 1
            } else {
                position = Int(value.end)
            }
            children.append(child)
            index = Int(value.next)
        }
        tail = bytes[position..<Int(node.end) - 1]
    }

    func append(to text: inout [UInt8]) {
        text.append(isObject ? Byte.openBrace : Byte.openBracket)
        for (position, child) in children.enumerated() {
            if position > 0 { text.append(Byte.comma) }
            text.append(contentsOf: child.lead)
            if let key = child.key {
                text.append(contentsOf: key.text)
                text.append(contentsOf: key.colon)
            }
            child.node.append(to: &text)
            text.append(contentsOf: child.trail)
        }
        text.append(contentsOf: tail)
        text.append(isObject ? Byte.closeBrace : Byte.closeBracket)
    }

    // MARK: Finding

    /// The child that a pointer's token names; of several members with one key the last.
    func index(of token: [UInt8]) -> Int? {
        if isObject {
            let found: (Child) -> Bool = { $0.key?.equals(token) == true }
            return keysAreUnique
                ? children.firstIndex(where: found) : children.lastIndex(where: found)
        }
        guard let index = JSONPointer.arrayIndex(token), index < children.count else { return nil }
        return index
    }

    /// Where a child stands, if this container stands at `place`.
    func place(ofChild index: Int, _ place: EditPlace) -> EditPlace {
        Self.place(after: children[index].lead, place)
    }

    private static func place(after lead: ArraySlice<UInt8>, _ place: EditPlace) -> EditPlace {
        guard lead.contains(Byte.lineFeed) else {
            return EditPlace(indentation: place.indentation, startsLine: false)
        }
        return EditPlace(indentation: Array(lastLine(lead)))
    }

    mutating func withNode<Result>(
        at index: Int, _ body: (inout EditNode) throws(JSONEditError) -> Result
    ) throws(JSONEditError) -> Result {
        try body(&children[index].node)
    }

    /// Where a token says that something is to be added: before the child with this index, in an
    /// object in its place.
    func indexOfInsertion(of token: [UInt8]) -> Int? {
        if isObject { return index(of: token) ?? children.count }
        if token == [Byte.minus] { return children.count }
        guard let index = JSONPointer.arrayIndex(token), index <= children.count
        else { return nil }
        return index
    }

    // MARK: Changing

    mutating func replace(
        at index: Int, with addition: EditAddition, _ place: EditPlace,
        _ placer: inout EditPlacer
    ) throws(JSONEditError) {
        let inner = self.place(ofChild: index, place)
        children[index].node = try placer.node(
            for: addition, inner, replacing: children[index].node)
    }

    /// Where a child that is to be inserted at `index` will stand.
    func placeOfInsertion(at index: Int, _ place: EditPlace, _ style: JSONStyle) -> EditPlace {
        Self.place(after: leadOfInsertion(at: index, place, style), place)
    }

    /// Inserts a child with white space like its neighbours', or in the document's style where
    /// it has none.
    mutating func insert(
        _ node: EditNode, key: ArraySlice<UInt8>?, at index: Int, _ place: EditPlace,
        _ style: JSONStyle
    ) {
        var child = Child(lead: leadOfInsertion(at: index, place, style), key: nil, node: node)
        if let key {
            let colon = children.first?.key?.colon ?? style.colon[...]
            child.key = Key(
                text: key, hasEscapes: key.contains(Byte.backslash), colon: colon)
        }
        let trail = children.count > 1 ? children[0].trail : []
        if children.isEmpty {
            tail =
                hasLines(place, style)
                ? (style.lineEnd + place.indentation)[...]
                : style.padding(isObject ? .object : .array)[...]
        } else if index == children.count {
            children[index - 1].trail = trail
        } else {
            child.trail = trail
            if index == 0 { children[0].lead = leadAfterComma(at: 1, style) }
        }
        children.insert(child, at: index)
    }

    /// Removes several children at once.
    mutating func remove(_ indices: Set<Int>) {
        let lead = children[0].lead
        children = children.indices.filter { !indices.contains($0) }.map { children[$0] }
        guard !children.isEmpty else {
            tail = []
            return
        }
        children[0].lead = lead
        children[children.count - 1].trail = []
    }

    /// What `undo` needs to put a removed child back.
    struct Removed {
        var child: Child
        var index: Int
        fileprivate var tail: ArraySlice<UInt8>
        fileprivate var neighbourLead: ArraySlice<UInt8>
        fileprivate var neighbourTrail: ArraySlice<UInt8>
    }

    /// Removes a child with its line and the comma that is one too many.
    mutating func remove(at index: Int) -> Removed {
        let child = children.remove(at: index)
        let neighbour = min(index, children.count - 1)
        let removed = Removed(
            child: child, index: index, tail: tail,
            neighbourLead: neighbour < 0 ? [] : children[neighbour].lead,
            neighbourTrail: neighbour < 0 ? [] : children[neighbour].trail)
        if children.isEmpty {
            tail = []
        } else if index == 0 {
            children[0].lead = child.lead
        } else if index == children.count {
            children[neighbour].trail = []
        }
        return removed
    }

    /// Puts back what was removed last.
    mutating func undo(_ removed: Removed) {
        tail = removed.tail
        let neighbour = min(removed.index, children.count - 1)
        if neighbour >= 0 {
            children[neighbour].lead = removed.neighbourLead
            children[neighbour].trail = removed.neighbourTrail
        }
        children.insert(removed.child, at: removed.index)
    }

    /// Whether children of this container, which is empty, get lines of their own.
    private func hasLines(_ place: EditPlace, _ style: JSONStyle) -> Bool {
        place.startsLine && style.hasLines(isObject ? .object : .array)
    }

    private func leadOfInsertion(
        at index: Int, _ place: EditPlace, _ style: JSONStyle
    ) -> ArraySlice<UInt8> {
        if children.isEmpty {
            return hasLines(place, style)
                ? style.newLine(below: place.indentation)[...]
                : style.padding(isObject ? .object : .array)[...]
        }
        return index == 0
            ? withoutBlankLines(children[0].lead) : leadAfterComma(at: index, style)
    }

    /// White space like that of the children after the first.
    private func leadAfterComma(at index: Int, _ style: JSONStyle) -> ArraySlice<UInt8> {
        if children.count > 1 {
            return withoutBlankLines(children[min(max(index, 1), children.count - 1)].lead)
        }
        let first = children[0].lead
        return first.contains(Byte.lineFeed) ? withoutBlankLines(first) : style.afterComma[...]
    }

    private func withoutBlankLines(_ lead: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let lineFeed = lead.lastIndex(of: Byte.lineFeed) else { return lead }
        let isAfterReturn = lineFeed > lead.startIndex && lead[lineFeed - 1] == Byte.carriageReturn
        return lead[(isAfterReturn ? lineFeed - 1 : lineFeed)...]
    }
}
