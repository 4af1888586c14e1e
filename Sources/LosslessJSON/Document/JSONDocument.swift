/// A JSON text with a flat table of where its values lie. The bytes stay as they are.
///
/// It accepts and refuses exactly what ``JSONScanner`` does, with the same errors, and texts
/// longer than 1 GiB (``JSONErrorCode/tooLarge``). The table takes 16 bytes for each value and
/// key. Copies share the text and the table.
public struct JSONDocument: Sendable {
    let storage: JSONStorage

    /// - Throws: the first thing that is wrong with the text.
    public init(
        _ bytes: [UInt8], limits: JSONLimits = .standard,
        duplicateKeys: JSONDuplicateKeys = .refuse
    ) throws(JSONError) {
        let limits = JSONLimits(
            maximumDepth: limits.maximumDepth,
            maximumBytes: min(limits.maximumBytes, JSONStorage.maximumBytes))
        var machine = ScanMachine(
            limits: limits, duplicateKeys: duplicateKeys,
            events: NodeTable(expectedBytes: min(bytes.count, limits.maximumBytes)))
        try machine.consume(bytes.span)
        try machine.finish()
        storage = JSONStorage(
            bytes: bytes, nodes: machine.events.nodes, keysAreUnique: duplicateKeys == .refuse)
    }

    /// The whole text.
    public var bytes: [UInt8] { storage.bytes }

    /// The outermost value.
    public var root: JSONValue { JSONValue(storage: storage, index: 0) }
}
