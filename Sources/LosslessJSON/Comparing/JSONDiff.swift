/// One difference between two documents, in the terms of RFC 6902.
public struct JSONEdit: Sendable, Equatable {
    public enum Operation: String, Sendable {
        case add, remove, replace
    }

    public var operation: Operation
    /// The place, in the document that the edits before this one lead to.
    public var pointer: JSONPointer
    /// Where the old value lies in the first document, in bytes; nil for an addition.
    public var before: Range<Int>?
    /// Where the new value lies in the second document, in bytes; nil for a removal.
    public var after: Range<Int>?
}

/// What leads from one document to another.
///
/// Members are matched by their keys, whatever their order; elements by a longest common
/// subsequence where arrays are small enough for that, else by position between what is the same
/// at both ends. White space makes no difference; the spelling of numbers and strings does,
/// because nothing else would bring the second document's back.
public struct JSONDiff: Sendable {
    public let before: JSONDocument
    public let after: JSONDocument
    /// In an order in which they can be applied one after the other.
    public let edits: [JSONEdit]

    /// - Parameter memberOrder: also tells where members are in another order; such objects are
    ///   replaced whole.
    public init(from before: JSONDocument, to after: JSONDocument, memberOrder: Bool = false) {
        self.before = before
        self.after = after
        var comparison = Comparison(memberOrder: memberOrder)
        comparison.compare(before.root, after.root)
        edits = comparison.edits
    }

    /// The old value that an edit is about; nil for an addition.
    public func valueBefore(_ edit: JSONEdit) -> JSONValue? {
        edit.before.flatMap { before.storage.value(startingAt: $0.lowerBound) }
    }

    /// The new value that an edit is about; nil for a removal.
    public func valueAfter(_ edit: JSONEdit) -> JSONValue? {
        edit.after.flatMap { after.storage.value(startingAt: $0.lowerBound) }
    }

    /// The edits as a JSON Patch. Applied to the first document it gives one that is equal to
    /// the second.
    public func patch(indented: Bool = false) -> [UInt8] {
        var writer = JSONWriter(indented: indented)
        writer.beginArray()
        for edit in edits {
            writer.beginObject()
            writer.member("op", edit.operation.rawValue)
            writer.key("path")
            writer.string(utf8: edit.pointer.utf8)
            if let range = edit.after {
                writer.key("value")
                writer.raw(minify(after.storage.bytes[range]))
            }
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }
}

extension JSONStorage {
    /// No two nodes start at one place, and they are listed in the order of their places.
    fileprivate func value(startingAt offset: Int) -> JSONValue? {
        var (low, high) = (0, nodes.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(nodes[middle].start) < offset { low = middle + 1 } else { high = middle }
        }
        guard low < nodes.count, Int(nodes[low].start) == offset else { return nil }
        return JSONValue(storage: self, index: low)
    }
}

/// Walks two documents side by side.
private struct Comparison {
    let memberOrder: Bool
    var edits: [JSONEdit] = []
    private var pointer = JSONPointer.root

    init(memberOrder: Bool) {
        self.memberOrder = memberOrder
    }

    mutating func compare(_ before: JSONValue, _ after: JSONValue) {
        if before.isWrittenLike(after) { return }
        switch (before.kind, after.kind) {
        case (.object, .object): compareMembers(before, after)
        case (.array, .array): compareElements(Array(before.elements), Array(after.elements))
        default: note(.replace, before, after)
        }
    }

    private mutating func note(
        _ operation: JSONEdit.Operation, _ before: JSONValue?, _ after: JSONValue?
    ) {
        edits.append(
            JSONEdit(
                operation: operation, pointer: pointer, before: before?.range,
                after: after?.range))
    }

    private mutating func at(_ token: [UInt8], _ body: (inout Comparison) -> Void) {
        pointer.append(token)
        body(&self)
        pointer.removeLast()
    }

    // MARK: Objects

    private mutating func compareMembers(_ before: JSONValue, _ after: JSONValue) {
        let old = before.keyedMembers
        let new = after.keyedMembers
        var positions: [[UInt8]: Int] = [:]
        positions.reserveCapacity(new.count)
        for (position, member) in new.enumerated() { positions[member.key] = position }
        var isInBoth = [Bool](repeating: false, count: new.count)
        var lastPosition = -1
        var isInOrder = true
        for member in old {
            guard let position = positions[member.key] else { continue }
            isInBoth[position] = true
            isInOrder = isInOrder && position > lastPosition
            lastPosition = position
        }
        if memberOrder && !isInOrder { return note(.replace, before, after) }
        for member in old {
            at(member.key) { comparison in
                if let position = positions[member.key] {
                    comparison.compare(member.value, new[position].value)
                } else {
                    comparison.note(.remove, member.value, nil)
                }
            }
        }
        for (position, member) in new.enumerated() where !isInBoth[position] {
            at(member.key) { $0.note(.add, nil, member.value) }
        }
    }

    // MARK: Arrays

    private mutating func compareElements(_ before: [JSONValue], _ after: [JSONValue]) {
        var start = 0
        while start < min(before.count, after.count), before[start].isWrittenLike(after[start]) {
            start += 1
        }
        var oldEnd = before.count
        var newEnd = after.count
        while oldEnd > start, newEnd > start, before[oldEnd - 1].isWrittenLike(after[newEnd - 1]) {
            oldEnd -= 1
            newEnd -= 1
        }
        let old = before[start..<oldEnd]
        let new = after[start..<newEnd]
        var oldPosition = start
        var newPosition = start
        for (oldMatch, newMatch) in commonSubsequence(old, new) + [(oldEnd, newEnd)] {
            compareRuns(old[oldPosition..<oldMatch], new[newPosition..<newMatch])
            oldPosition = oldMatch + 1
            newPosition = newMatch + 1
        }
    }

    /// Elements between two that are the same: by position, then what is left over. Everything
    /// before them is as in the second array already.
    private mutating func compareRuns(
        _ old: ArraySlice<JSONValue>, _ new: ArraySlice<JSONValue>
    ) {
        let start = new.startIndex
        let common = min(old.count, new.count)
        for offset in 0..<common {
            at(token(start + offset)) {
                $0.compare(old[old.startIndex + offset], new[start + offset])
            }
        }
        for offset in (common..<max(old.count, common)).reversed() {
            at(token(start + offset)) { $0.note(.remove, old[old.startIndex + offset], nil) }
        }
        for offset in common..<max(new.count, common) {
            at(token(start + offset)) { $0.note(.add, nil, new[start + offset]) }
        }
    }

    private func token(_ index: Int) -> [UInt8] { Array(String(index).utf8) }
}

extension JSONValue {
    /// The members by decoded key in document order, of several with one key the last.
    fileprivate var keyedMembers: [(key: [UInt8], value: JSONValue)] {
        effectiveMembers.map { ($0.key.storage.decodedText(of: $0.key.index), $0.value) }
    }
}
