/// A value of a document that somebody else keeps alive: a ``JSONValue`` without the reference to its
/// document, for walks over very many values, where counting references takes longer than all else.
///
/// Only to be used inside of ``JSONValue/withCursor(_:)``.
package struct JSONCursor {
    private let nodes: UnsafePointer<JSONNode>
    package let index: Int

    @inline(__always)
    init(nodes: UnsafePointer<JSONNode>, index: Int) {
        self.nodes = nodes
        self.index = index
    }

    @inline(__always)
    private var node: JSONNode { nodes[index] }

    package var kind: JSONKind { node.kind.publicKind }

    /// Where the value lies in the document, in bytes.
    package var range: Range<Int> { node.range }

    /// Elements of an array, members of an object.
    package var count: Int { node.count }

    /// In document order; empty for other kinds than objects.
    package var members: JSONCursorMembers {
        JSONCursorMembers(
            nodes: nodes, position: index + 1,
            end: node.kind == .object ? Int(node.next) : index + 1)
    }

    /// In document order; empty for other kinds than arrays.
    package var elements: JSONCursorElements {
        JSONCursorElements(
            nodes: nodes, position: index + 1, end: node.kind == .array ? Int(node.next) : index + 1
        )
    }
}

package struct JSONCursorMembers: Sequence, IteratorProtocol {
    let nodes: UnsafePointer<JSONNode>
    var position: Int
    let end: Int

    package mutating func next() -> (key: JSONCursor, value: JSONCursor)? {
        guard position < end else { return nil }
        let key = JSONCursor(nodes: nodes, index: position)
        let value = JSONCursor(nodes: nodes, index: position + 1)
        position = Int(nodes[position + 1].next)
        return (key, value)
    }
}

package struct JSONCursorElements: Sequence, IteratorProtocol {
    let nodes: UnsafePointer<JSONNode>
    var position: Int
    let end: Int

    package mutating func next() -> JSONCursor? {
        guard position < end else { return nil }
        let element = JSONCursor(nodes: nodes, index: position)
        position = Int(nodes[position].next)
        return element
    }
}

extension JSONValue {
    /// Hands out a cursor at this value, good until `body` returns.
    package func withCursor<Result>(_ body: (JSONCursor) -> Result) -> Result {
        storage.nodes.withUnsafeBufferPointer {
            body(JSONCursor(nodes: $0.baseAddress!, index: index))
        }
    }

    /// The value of the same document at which a cursor stands.
    package func value(at cursor: JSONCursor) -> JSONValue {
        JSONValue(storage: storage, index: cursor.index)
    }
}
