/// Checks that bytes are one JSON text (RFC 8259), chunk by chunk and without building anything.
///
/// Strict: UTF-8 only, no byte order mark, no comments, nothing after the value but white space.
/// Lone surrogates written as escapes (`"\uD800"`) are allowed by the grammar and accepted; they
/// decode to U+FFFD, also where keys are compared. docs/json.md has the policy in full.
///
/// Memory stays constant however long the input is, apart from one bit for each open array or
/// object and, where duplicate keys are refused, 16 to 32 bytes for each key of the objects that
/// are open. Keys are compared after decoding, through digests of 122 bits.
public struct JSONScanner: Sendable {
    private var machine: ScanMachine<NoEvents>

    public init(limits: JSONLimits = .standard, duplicateKeys: JSONDuplicateKeys = .refuse) {
        machine = ScanMachine(limits: limits, duplicateKeys: duplicateKeys, events: NoEvents())
    }

    /// How many bytes were consumed.
    public var offset: Int { machine.offset }

    /// Of a text that is an object, once it has ended: how many members it has. Needs duplicate keys to be
    /// refused, since nothing else remembers keys.
    public var rootMemberCount: Int { machine.keys.outermostCount }

    /// Goes on with the next bytes, which may end anywhere.
    ///
    /// - Throws: the first thing that is wrong; after that the same error each time.
    public mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        try machine.consume(bytes)
    }

    /// Goes on with the next bytes.
    public mutating func consume(_ bytes: Span<UInt8>) throws(JSONError) {
        try machine.consume(bytes)
    }

    /// Goes on with the next bytes.
    public mutating func consume(_ bytes: [UInt8]) throws(JSONError) {
        try consume(bytes.span)
    }

    /// Goes on with the next bytes.
    public mutating func consume(_ bytes: ArraySlice<UInt8>) throws(JSONError) {
        try consume(bytes.span)
    }

    /// Says that there is nothing more.
    ///
    /// - Throws: what is wrong with an end here.
    public mutating func finish() throws(JSONError) {
        try machine.finish()
    }

    /// Checks a text that is in memory.
    public static func validate(
        _ bytes: [UInt8], limits: JSONLimits = .standard,
        duplicateKeys: JSONDuplicateKeys = .refuse
    ) throws(JSONError) {
        var scanner = JSONScanner(limits: limits, duplicateKeys: duplicateKeys)
        try scanner.consume(bytes)
        try scanner.finish()
    }
}
