/// Why a document could not be edited. The document is as it was before the call.
public enum JSONEditError: Error, Equatable, Sendable {
    /// The pointer names no value, or for an addition no place where one can be.
    case nothingThere(JSONPointer)
    /// A document is a value; it cannot be without one.
    case rootCannotBeRemoved
    /// A value cannot become part of itself.
    case movedIntoItself(JSONPointer)
    /// The document would be nested deeper than the limit.
    case tooDeep(JSONPointer)
    /// The document would be larger than the limit.
    case tooLarge(JSONPointer)
}

/// Changes values of a document and leaves every other byte as it is.
///
/// What is added takes on the document's own layout: indentation, line ends, space after colons
/// and commas. What is removed goes with its line and the comma that is one too many. White
/// space before and after the outermost value stays, and so does the spelling of every number
/// and string, also of those that are added or moved.
///
/// A change takes time in proportion to the members and elements along the pointer and to the
/// value that is added or moved, not to the document. Copies of an editor share what they can.
public struct JSONEditor: Sendable {
    private let document: JSONDocument
    private let limits: JSONLimits
    let style: JSONStyle
    private var root: EditNode
    /// No less than what the document takes now.
    private var maximumByteCount: Int

    /// - Parameter limits: of the document that comes out; never more than 1 GiB.
    public init(_ document: JSONDocument, limits: JSONLimits = .standard) {
        self.document = document
        self.limits = JSONLimits(
            maximumDepth: limits.maximumDepth,
            maximumBytes: min(limits.maximumBytes, JSONStorage.maximumBytes))
        style = JSONStyle(of: document)
        root = EditNode(document.root)
        maximumByteCount = document.storage.bytes.count
    }

    /// The document as it is now.
    public var bytes: [UInt8] {
        let original = document.storage.bytes
        let range = document.root.range
        var text: [UInt8] = []
        text.reserveCapacity(original.count)
        text.append(contentsOf: original[..<range.lowerBound])
        root.append(to: &text)
        text.append(contentsOf: original[range.upperBound...])
        return text
    }

    // MARK: Looking

    /// The value at a place as it is now, or nil if there is none. Takes time in proportion to
    /// the value if something in it was changed.
    public func value(at pointer: JSONPointer) -> JSONValue? {
        var node = root
        var tokens = pointer.tokens[...]
        while let token = tokens.first, let container = node.container {
            guard let index = container.index(of: token) else { return nil }
            node = container.children[index].node
            tokens.removeFirst()
        }
        guard node.container != nil else {
            return JSONPointer(tokens: Array(tokens)).resolve(from: node.origin)
        }
        var text: [UInt8] = []
        node.append(to: &text)
        return try? JSONDocument(text, limits: limits, duplicateKeys: .allow).root
    }

    // MARK: Changing

    /// Merges a patch into the document as RFC 7396 section 2 says.
    public mutating func merge(_ patch: JSONValue) throws(JSONEditError) {
        var placer = placer(.root)
        defer { maximumByteCount = placer.byteCount }
        try root.merge(patch, EditPlace(), depth: 0, &placer)
    }

    /// Replaces the value at a place. A value that is written alike but for white space stays.
    public mutating func replace(
        _ pointer: JSONPointer, with value: JSONValue
    ) throws(JSONEditError) {
        guard try put(.foreign(value), at: pointer) else { throw .nothingThere(pointer) }
    }

    /// Adds a value as RFC 6902 section 4.1 says: into an array before the element that the
    /// pointer names (`-` for the end), into an object as its last member; a member or document
    /// that is there is replaced.
    public mutating func add(
        _ pointer: JSONPointer, _ value: JSONValue
    ) throws(JSONEditError) {
        try insert(.foreign(value), at: pointer)
    }

    /// Removes the value at a place, of a key that comes twice all.
    public mutating func remove(_ pointer: JSONPointer) throws(JSONEditError) {
        _ = try take(pointer)
    }

    /// Moves a value, as RFC 6902 section 4.4 says.
    public mutating func move(
        from source: JSONPointer, to target: JSONPointer
    ) throws(JSONEditError) {
        let (node, place) = try find(source)
        if source == target { return }
        guard !source.isPrefix(of: target) else { throw .movedIntoItself(source) }
        let removed = try take(source)
        do throws(JSONEditError) {
            try insert(.written(node, place), at: target)
        } catch {
            _ = try root.withContainer(at: source.tokens.dropLast(), EditPlace()) { container, _ in
                for removed in removed.reversed() { container.undo(removed) }
            }
            throw error
        }
    }

    /// Copies a value, as RFC 6902 section 4.5 says.
    public mutating func copy(
        from source: JSONPointer, to target: JSONPointer
    ) throws(JSONEditError) {
        let (node, place) = try find(source)
        try insert(.written(node, place), at: target)
    }

    // MARK: How

    /// The value at a place and where it stands.
    private mutating func find(
        _ pointer: JSONPointer
    ) throws(JSONEditError) -> (EditNode, EditPlace) {
        guard let token = pointer.tokens.last else { return (root, EditPlace()) }
        let found = try root.withContainer(at: pointer.tokens.dropLast(), EditPlace()) {
            container, place in
            container.index(of: token).map { index in
                (container.children[index].node, container.place(ofChild: index, place))
            }
        }
        guard let found else { throw .nothingThere(pointer) }
        return found
    }

    private mutating func take(
        _ pointer: JSONPointer
    ) throws(JSONEditError) -> [EditContainer.Removed] {
        guard let token = pointer.tokens.last else { throw .rootCannotBeRemoved }
        let removed = try root.withContainer(at: pointer.tokens.dropLast(), EditPlace()) {
            container, _ in
            var removed: [EditContainer.Removed] = []
            while let index = container.index(of: token) {
                removed.append(container.remove(at: index))
                guard container.isObject, !container.keysAreUnique else { break }
            }
            return removed.isEmpty ? nil : removed
        }
        guard let removed else { throw .nothingThere(pointer) }
        return removed
    }

    /// Replaces the value at a place; false if there is none.
    private mutating func put(
        _ addition: EditAddition, at pointer: JSONPointer
    ) throws(JSONEditError) -> Bool {
        var placer = placer(pointer)
        defer { maximumByteCount = placer.byteCount }
        guard let token = pointer.tokens.last else {
            root = try placer.node(for: addition, EditPlace(), replacing: root)
            return true
        }
        let parent = pointer.tokens.dropLast()
        return try root.withContainer(at: parent, EditPlace()) {
            container, place throws(JSONEditError) -> Bool? in
            guard let index = container.index(of: token) else { return nil }
            try container.replace(at: index, with: addition, place, &placer)
            return true
        } ?? false
    }

    /// Adds a value, or replaces a member or the document.
    private mutating func insert(
        _ addition: EditAddition, at pointer: JSONPointer
    ) throws(JSONEditError) {
        var placer = placer(pointer)
        defer { maximumByteCount = placer.byteCount }
        guard let token = pointer.tokens.last else {
            root = try placer.node(for: addition, EditPlace(), replacing: root)
            return
        }
        let parent = pointer.tokens.dropLast()
        let isDone: Bool? = try root.withContainer(at: parent, EditPlace()) {
            container, place throws(JSONEditError) -> Bool? in
            guard let index = container.indexOfInsertion(of: token) else { return nil }
            if container.isObject && index < container.children.count {
                try container.replace(at: index, with: addition, place, &placer)
                return true
            }
            let inner = container.placeOfInsertion(at: index, place, placer.style)
            let node = try placer.node(for: addition, inner, replacing: nil)
            let key = container.isObject ? try placer.key(token) : nil
            container.insert(node, key: key, at: index, place, placer.style)
            return true
        }
        if isDone == nil { throw .nothingThere(pointer) }
    }

    private func placer(_ pointer: JSONPointer) -> EditPlacer {
        EditPlacer(
            style: style, limits: limits, pointer: pointer, depth: pointer.tokens.count,
            byteCount: maximumByteCount)
    }
}
