/// A value on its way into the document.
enum EditAddition {
    /// From elsewhere: to be laid out in the document's style.
    case foreign(JSONValue, dropsNullMembers: Bool = false)
    /// From the document, where it stood at a place: to be indented as its new place demands.
    case written(EditNode, EditPlace)
}

/// Makes values fit the place where they go, and keeps count of the document's limits.
struct EditPlacer {
    let style: JSONStyle
    let limits: JSONLimits
    /// What the change is about, for errors.
    let pointer: JSONPointer
    /// How many arrays and objects are around the value.
    var depth: Int
    /// No less than what the document takes.
    var byteCount: Int

    mutating func node(
        for addition: EditAddition, _ place: EditPlace, replacing replaced: EditNode?
    ) throws(JSONEditError) -> EditNode {
        let node: EditNode
        switch addition {
        case .foreign(let value, let dropsNullMembers):
            if let replaced, replaced.container == nil, !dropsNullMembers,
                replaced.origin.isWrittenLike(value)
            {
                return replaced
            }
            node = try foreign(value, place, replaced, dropsNullMembers)
        case .written(let source, let sourcePlace):
            node = try written(source, from: sourcePlace, to: place)
        }
        // The value, and no less than the white space around it.
        try count(node.origin.range.count + 2 * place.indentation.count + 16)
        return node
    }

    /// The text of a new member's key.
    mutating func key(_ token: [UInt8]) throws(JSONEditError) -> ArraySlice<UInt8> {
        var text: [UInt8] = []
        appendJSONString(token, to: &text, escaping: .required)
        return try key(spelled: text[...])
    }

    /// A new member's key as somebody spelled it.
    mutating func key(
        spelled text: ArraySlice<UInt8>
    ) throws(JSONEditError) -> ArraySlice<UInt8> {
        try count(text.count)
        return text
    }

    private mutating func count(_ bytes: Int) throws(JSONEditError) {
        guard bytes <= limits.maximumBytes - byteCount else { throw .tooLarge(pointer) }
        byteCount += bytes
    }

    private func foreign(
        _ value: JSONValue, _ place: EditPlace, _ replaced: EditNode?, _ dropsNullMembers: Bool
    ) throws(JSONEditError) -> EditNode {
        let kind = value.kind
        guard kind == .object || kind == .array else { return EditNode(value) }
        var hasLines = place.startsLine && style.hasLines(kind)
        if let replaced, replaced.kind == kind, let looks = replaced.hasLines { hasLines = looks }
        var formatter = ValueFormatter(
            style: style, maximumBytes: max(limits.maximumBytes - byteCount, 0))
        do {
            try formatter.append(
                value, indentation: place.indentation,
                hasLines: hasLines && style.indentation != nil,
                dropsNullMembers: dropsNullMembers)
        } catch {
            throw .tooLarge(pointer)
        }
        return try parsed(formatter.text)
    }

    private func written(
        _ source: EditNode, from old: EditPlace, to new: EditPlace
    ) throws(JSONEditError) -> EditNode {
        guard source.kind == .object || source.kind == .array else { return source }
        var text: [UInt8] = []
        source.append(to: &text)
        return try parsed(reindented(text, from: old.indentation, to: new.indentation))
    }

    private func parsed(_ text: [UInt8]) throws(JSONEditError) -> EditNode {
        let depth = limits.maximumDepth - depth
        guard depth > 0 else { throw .tooDeep(pointer) }
        do throws(JSONError) {
            let limits = JSONLimits(
                maximumDepth: depth, maximumBytes: max(limits.maximumBytes - byteCount, 0))
            return EditNode(try JSONDocument(text, limits: limits, duplicateKeys: .allow).root)
        } catch {
            // The text is made of valid values, so it can only be too deep or too long.
            if error.code == .tooDeep { throw .tooDeep(pointer) }
            throw .tooLarge(pointer)
        }
    }
}

extension EditNode {
    /// Whether the members or elements of an object or array have lines of their own; nil if
    /// there are none.
    var hasLines: Bool? {
        if let container { return container.children.first?.lead.contains(Byte.lineFeed) }
        guard origin.count > 0 else { return nil }
        let start = Int(origin.storage.nodes[origin.index + 1].start)
        return origin.storage.bytes[origin.range.lowerBound..<start].contains(Byte.lineFeed)
    }
}
