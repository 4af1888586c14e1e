/// Writes one JSON text, value by value, into bytes.
///
/// Calls have to make sense (a key before each member's value, every container closed): anything
/// else is a bug of the caller and traps.
public struct JSONWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    private let isIndented: Bool
    private var open: [Container] = []
    private var isAfterKey = false

    private struct Container {
        var isObject: Bool
        var isEmpty = true
    }

    /// - Parameter indented: two spaces a level and one value a line; else no white space at all.
    public init(indented: Bool = false) {
        isIndented = indented
    }

    // MARK: Containers

    public mutating func beginObject() { begin(isObject: true) }
    public mutating func endObject() { end(isObject: true) }
    public mutating func beginArray() { begin(isObject: false) }
    public mutating func endArray() { end(isObject: false) }

    /// An object with the members that `body` writes.
    public mutating func object<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginObject()
        try body(&self)
        endObject()
    }

    /// An array with the elements that `body` writes.
    public mutating func array<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// The key of the next value.
    public mutating func key(_ key: String) {
        precondition(open.last?.isObject == true && !isAfterKey, "a key outside an object")
        startItem()
        appendJSONString(key.utf8, to: &bytes)
        bytes.append(Byte.colon)
        if isIndented { bytes.append(Byte.space) }
        isAfterKey = true
    }

    // MARK: Values

    public mutating func string(_ text: String) { string(utf8: text.utf8) }

    /// A string from any bytes; what is not UTF-8 becomes U+FFFD.
    public mutating func string(utf8 text: some Collection<UInt8>) {
        startValue()
        appendJSONString(text, to: &bytes)
    }

    public mutating func integer(_ value: some BinaryInteger) {
        startValue()
        bytes.append(contentsOf: String(value).utf8)
    }

    public mutating func boolean(_ value: Bool) {
        startValue()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    public mutating func null() {
        startValue()
        bytes.append(contentsOf: "null".utf8)
    }

    /// A value that is JSON already, as it is.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        startValue()
        bytes.append(contentsOf: json)
    }

    // MARK: Members

    public mutating func member(_ key: String, _ text: String) {
        self.key(key)
        string(text)
    }

    public mutating func member(_ key: String, _ value: some BinaryInteger) {
        self.key(key)
        integer(value)
    }

    public mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        boolean(value)
    }

    /// The member with the text, or with `null`.
    public mutating func member(_ key: String, orNull text: String?) {
        self.key(key)
        if let text { string(text) } else { null() }
    }

    // MARK: Layout

    private mutating func begin(isObject: Bool) {
        startValue()
        bytes.append(isObject ? Byte.openBrace : Byte.openBracket)
        open.append(Container(isObject: isObject))
    }

    private mutating func end(isObject: Bool) {
        precondition(!isAfterKey, "a key without a value")
        let container = open.popLast()
        precondition(container?.isObject == isObject, "the end of what was not begun")
        if container?.isEmpty == false { startLine() }
        bytes.append(isObject ? Byte.closeBrace : Byte.closeBracket)
    }

    private mutating func startValue() {
        if isAfterKey {
            isAfterKey = false
        } else {
            precondition(open.last?.isObject != true, "a value without a key")
            precondition(!open.isEmpty || bytes.isEmpty, "a second outermost value")
            startItem()
        }
    }

    private mutating func startItem() {
        guard !open.isEmpty else { return }
        if !open[open.count - 1].isEmpty { bytes.append(Byte.comma) }
        open[open.count - 1].isEmpty = false
        startLine()
    }

    private mutating func startLine() {
        guard isIndented else { return }
        bytes.append(Byte.lineFeed)
        bytes.append(contentsOf: repeatElement(Byte.space, count: 2 * open.count))
    }
}
