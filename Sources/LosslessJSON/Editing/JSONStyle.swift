/// How a document is laid out, learnt from the first places that show it, so that what is added
/// looks like what is there.
struct JSONStyle: Sendable, Equatable {
    /// What a level is indented by; nil where everything is on one line.
    var indentation: [UInt8]?
    /// A line feed, or carriage return and line feed.
    var lineEnd: [UInt8] = [Byte.lineFeed]
    /// From the end of a key to its value.
    var colon: [UInt8] = [Byte.colon]
    /// White space after a comma within a line.
    var afterComma: [UInt8] = []
    /// White space inside the braces of an object, and the brackets of an array, on one line.
    var objectPadding: [UInt8] = []
    var arrayPadding: [UInt8] = []
    /// Whether objects and arrays inside an indented document have lines of their own.
    var objectsHaveLines = true
    var arraysHaveLines = true

    /// How many nodes are looked at; the first few show everything in real documents.
    private static let nodesLookedAt = 4096

    init() {}

    init(of document: JSONDocument) {
        let storage = document.storage
        var evidence = Evidence()
        for index in 0..<min(storage.nodes.count, Self.nodesLookedAt) {
            let node = storage.nodes[index]
            guard node.kind == .object || node.kind == .array, node.count > 0 else { continue }
            learn(from: index, node, storage, &evidence)
        }
        if !evidence.hasComma { afterComma = Array(colon.drop { $0 != Byte.colon }.dropFirst()) }
    }

    private struct Evidence {
        var hasColon = false
        var hasComma = false
        var hasObjectPadding = false
        var hasArrayPadding = false
        var hasObject = false
        var hasArray = false
    }

    private mutating func learn(
        from index: Int, _ node: JSONNode, _ storage: JSONStorage, _ evidence: inout Evidence
    ) {
        let isObject = node.kind == .object
        let lead = storage.bytes[Int(node.start) + 1..<Int(storage.nodes[index + 1].start)]
        let hasLines = lead.contains(Byte.lineFeed)
        if hasLines && indentation == nil {
            let own = lineIndentation(of: Int(node.start), storage.bytes)
            let inner = lastLine(lead)
            indentation = Array(inner.starts(with: own) ? inner.dropFirst(own.count) : inner)
            if lead.contains(Byte.carriageReturn) {
                lineEnd = [Byte.carriageReturn, Byte.lineFeed]
            }
        }
        if isObject && !evidence.hasColon {
            evidence.hasColon = true
            let start = Int(storage.nodes[index + 1].end)
            let between = storage.bytes[start..<Int(storage.nodes[index + 2].start)]
            if !between.contains(Byte.lineFeed) { colon = Array(between) }
        }
        if index > 0 && isObject && !evidence.hasObject {
            evidence.hasObject = true
            objectsHaveLines = hasLines
        }
        if index > 0 && !isObject && !evidence.hasArray {
            evidence.hasArray = true
            arraysHaveLines = hasLines
        }
        guard !hasLines else { return }
        if isObject && !evidence.hasObjectPadding {
            evidence.hasObjectPadding = true
            objectPadding = Array(lead)
        }
        if !isObject && !evidence.hasArrayPadding {
            evidence.hasArrayPadding = true
            arrayPadding = Array(lead)
        }
        if node.count > 1 && !evidence.hasComma {
            let first = isObject ? index + 2 : index + 1
            let second = Int(storage.nodes[first].next)
            let between = storage.bytes[
                Int(storage.nodes[first].end)..<Int(storage.nodes[second].start)]
            guard !between.contains(Byte.lineFeed) else { return }
            evidence.hasComma = true
            afterComma = Array(between.drop { $0 != Byte.comma }.dropFirst())
        }
    }

    func hasLines(_ kind: JSONKind) -> Bool {
        guard indentation != nil else { return false }
        return kind == .object ? objectsHaveLines : arraysHaveLines
    }

    func padding(_ kind: JSONKind) -> [UInt8] {
        kind == .object ? objectPadding : arrayPadding
    }

    /// The start of a line one level below a line indented by `outer`.
    func newLine(below outer: [UInt8]) -> [UInt8] { lineEnd + outer + (indentation ?? []) }
}

/// What follows the last line feed.
func lastLine(_ whiteSpace: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let lineFeed = whiteSpace.lastIndex(of: Byte.lineFeed) else { return whiteSpace }
    return whiteSpace[(lineFeed + 1)...]
}

/// The white space at the start of the line that `offset` lies in.
private func lineIndentation(of offset: Int, _ bytes: [UInt8]) -> ArraySlice<UInt8> {
    let line = lastLine(bytes[..<offset])
    return line.prefix { $0 == Byte.space || $0 == Byte.tab }
}
