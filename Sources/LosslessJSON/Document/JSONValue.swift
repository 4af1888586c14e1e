/// What a JSON value can be.
public enum JSONKind: String, Sendable, Hashable {
    case object, array, string, number, boolean, null
}

/// A value (or a key) of a ``JSONDocument``: a light view that keeps the document alive.
public struct JSONValue: Sendable {
    let storage: JSONStorage
    let index: Int

    @inline(__always)
    init(storage: JSONStorage, index: Int) {
        self.storage = storage
        self.index = index
    }

    @inline(__always)
    var node: JSONNode { storage.nodes[index] }

    public var kind: JSONKind { node.kind.publicKind }

    /// Where the value lies in the document, in bytes.
    public var range: Range<Int> { node.range }

    /// The value as written.
    public var bytes: ArraySlice<UInt8> { storage.bytes[range] }

    /// How many elements an array or members an object has, a key that comes twice counted
    /// twice; 0 for other kinds.
    public var count: Int { node.count }

    public var isNull: Bool { node.kind == .null }

    /// The value of `true` or `false`.
    public var boolean: Bool? {
        switch node.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    // MARK: Members and elements

    /// The members of an object in document order; empty for other kinds.
    public var members: JSONMembers { JSONMembers(value: self) }

    /// The elements of an array in document order; empty for other kinds.
    public var elements: JSONElements { JSONElements(value: self) }

    /// The member with the key, compared byte by byte after decoding; the last of several.
    /// Takes time in proportion to the number of members.
    public func member(named name: String) -> JSONValue? {
        var name = name
        return name.withUTF8 { member(named: $0) }
    }

    /// The member with the key, given as UTF-8.
    public func member(named utf8: [UInt8]) -> JSONValue? {
        utf8.withUnsafeBufferPointer { member(named: $0) }
    }

    private func member(named name: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        guard node.kind == .object else { return nil }
        var found: Int?
        storage.forEachMember(of: index) { key, value in
            if storage.text(of: key, equals: name) { found = value }
            return found == nil || !storage.keysAreUnique
        }
        return found.map { JSONValue(storage: storage, index: $0) }
    }

    /// The element at a position counted from 0. Takes time in proportion to the position.
    public func element(at position: Int) -> JSONValue? {
        guard node.kind == .array, position >= 0, position < node.count else { return nil }
        var child = index + 1
        for _ in 0..<position { child = Int(storage.nodes[child].next) }
        return JSONValue(storage: storage, index: child)
    }
}

/// A member of an object.
public struct JSONMember: Sendable {
    /// A value of kind string.
    public let key: JSONValue
    public let value: JSONValue
}

/// The members of an object in document order.
public struct JSONMembers: Sequence, Sendable {
    let value: JSONValue

    public struct Iterator: IteratorProtocol {
        let storage: JSONStorage
        var position: Int
        let end: Int

        public mutating func next() -> JSONMember? {
            guard position < end else { return nil }
            let key = JSONValue(storage: storage, index: position)
            let value = JSONValue(storage: storage, index: position + 1)
            position = Int(value.node.next)
            return JSONMember(key: key, value: value)
        }
    }

    public func makeIterator() -> Iterator {
        let node = value.node
        let start = value.index + 1
        return Iterator(
            storage: value.storage, position: start,
            end: node.kind == .object ? Int(node.next) : start)
    }

    public var underestimatedCount: Int { value.node.kind == .object ? value.count : 0 }
}

/// The elements of an array in document order.
public struct JSONElements: Sequence, Sendable {
    let value: JSONValue

    public struct Iterator: IteratorProtocol {
        let storage: JSONStorage
        var position: Int
        let end: Int

        public mutating func next() -> JSONValue? {
            guard position < end else { return nil }
            let element = JSONValue(storage: storage, index: position)
            position = Int(element.node.next)
            return element
        }
    }

    public func makeIterator() -> Iterator {
        let node = value.node
        let start = value.index + 1
        return Iterator(
            storage: value.storage, position: start,
            end: node.kind == .array ? Int(node.next) : start)
    }

    public var underestimatedCount: Int { value.node.kind == .array ? value.count : 0 }
}

extension JSONStorage {
    /// Calls `body` with the nodes of each key and value until it returns false.
    @inline(__always)
    func forEachMember(of index: Int, _ body: (_ key: Int, _ value: Int) -> Bool) {
        let end = Int(nodes[index].next)
        var key = index + 1
        while key < end, body(key, key + 1) { key = Int(nodes[key + 1].next) }
    }
}
