/// One value or key of a parsed text: where it lies and where what follows it is listed.
///
/// Nodes are listed in document order, a container before what it holds and a key right before
/// its value, so the value after node `i` of an object or array starts at `nodes[i].next`.
struct JSONNode: Sendable {
    var start: UInt32
    var end: UInt32
    /// The first node after this one and everything in it.
    var next: UInt32
    /// The kind in the lowest three bits, above it the number of elements or members.
    private var countAndKind: UInt32

    init(start: Int, end: Int, next: Int, kind: JSONNodeKind) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.next = UInt32(truncatingIfNeeded: next)
        countAndKind = UInt32(kind.rawValue)
    }

    @inline(__always)
    var kind: JSONNodeKind {
        JSONNodeKind(rawValue: UInt8(truncatingIfNeeded: countAndKind & 7)).unsafelyUnwrapped
    }

    @inline(__always)
    var count: Int { Int(countAndKind >> 3) }

    @inline(__always)
    mutating func addChild() { countAndKind &+= 8 }

    var range: Range<Int> { Int(start)..<Int(end) }
}

enum JSONNodeKind: UInt8, Sendable {
    case object, array
    case plainString, escapedString
    case number
    case null, `true`, `false`

    @inline(__always)
    var publicKind: JSONKind {
        switch self {
        case .object: .object
        case .array: .array
        case .plainString, .escapedString: .string
        case .number: .number
        case .null: .null
        case .true, .false: .boolean
        }
    }
}

/// A text and its table of nodes, shared by all views of it.
final class JSONStorage: Sendable {
    /// Offsets are 32 bits and counts 29, and every element but the first costs two bytes.
    static let maximumBytes = 1 << 30

    let bytes: [UInt8]
    let nodes: [JSONNode]
    /// Whether it is known that no object has the same key twice.
    let keysAreUnique: Bool

    init(bytes: [UInt8], nodes: [JSONNode], keysAreUnique: Bool) {
        self.bytes = bytes
        self.nodes = nodes
        self.keysAreUnique = keysAreUnique
    }
}

/// Writes the table of nodes while the scanner passes the values.
struct NodeTable: ScanEvents {
    var nodes: [JSONNode] = []
    private var open: [Int] = []

    init(expectedBytes: Int) {
        // Real documents have a value or key every 8 to 20 bytes; what is too little doubles.
        nodes.reserveCapacity(expectedBytes / 16 + 4)
    }

    @inline(__always)
    private mutating func countInParent() {
        if let parent = open.last { nodes[parent].addChild() }
    }

    @inline(__always)
    private mutating func append(_ kind: JSONNodeKind, start: Int, end: Int) {
        nodes.append(JSONNode(start: start, end: end, next: nodes.count &+ 1, kind: kind))
    }

    mutating func open(isObject: Bool, at offset: Int) {
        countInParent()
        open.append(nodes.count)
        append(isObject ? .object : .array, start: offset, end: offset)
    }

    mutating func close(end: Int) {
        let index = open.removeLast()
        nodes[index].end = UInt32(truncatingIfNeeded: end)
        nodes[index].next = UInt32(truncatingIfNeeded: nodes.count)
    }

    @inline(__always)
    mutating func string(start: Int, end: Int, isKey: Bool, hasEscapes: Bool) {
        if !isKey { countInParent() }
        append(hasEscapes ? .escapedString : .plainString, start: start, end: end)
    }

    @inline(__always)
    mutating func number(start: Int, end: Int) {
        countInParent()
        append(.number, start: start, end: end)
    }

    @inline(__always)
    mutating func literal(_ literal: ScanLiteral, start: Int, end: Int) {
        countInParent()
        let kind: JSONNodeKind =
            switch literal {
            case .null: .null
            case .true: .true
            case .false: .false
            }
        append(kind, start: start, end: end)
    }
}
