internal import CanIFlyStore
internal import LosslessJSON
internal import StoreFiles

/// Carries a change of a value into the document that the value came from.
///
/// What the program does not know of the document is not in the value, so the document cannot be
/// written from the value. Instead the value is encoded before and after the change, and what
/// differs is edited in the document. Everything else stays, byte for byte.
struct ValueUpdate {
    private let document: StorePath
    private let matching: ElementMatching
    private var editor: JSONEditor

    /// - Parameters:
    ///   - bytes: the document.
    ///   - old: its value as it was read, encoded.
    ///   - new: the same after the change.
    /// - Throws: `invalidData`: the document is malformed, or (`update-not-faithful`) the type
    ///   encodes an array with other elements than it decoded.
    static func apply(
        to bytes: [UInt8], from old: [UInt8], to new: [UInt8], identityMembers: [String],
        document: StorePath
    ) throws(StoreError) -> [UInt8] {
        if old == new { return bytes }
        let original = try JSONDocument(bytes, of: document)
        var update = ValueUpdate(
            document: document, matching: ElementMatching(identityMembers: identityMembers),
            editor: JSONEditor(original))
        try update.carry(
            from: try JSONDocument(old, of: document).root,
            to: try JSONDocument(new, of: document).root, into: original.root, at: .root)
        return update.editor.bytes
    }

    /// - Parameters:
    ///   - present: the value in the document as it was before all edits.
    ///   - place: where it lies now.
    private mutating func carry(
        from old: JSONValue, to new: JSONValue, into present: JSONValue, at place: JSONPointer
    ) throws(StoreError) {
        if old.bytes == new.bytes { return }
        switch (old.kind, new.kind, present.kind) {
        case (.object, .object, .object):
            try carryMembers(from: old, to: new, into: present, at: place)
        case (.array, .array, .array):
            guard old.count == present.count else { throw notFaithful(place) }
            try carryElements(from: old, to: new, into: present, at: place)
        case (.object, _, .array), (.array, _, .object):
            throw notFaithful(place)
        default:
            try edit(place) { editor throws(JSONEditError) in
                try editor.replace(place, with: new)
            }
        }
    }

    private mutating func carryMembers(
        from old: JSONValue, to new: JSONValue, into present: JSONValue, at place: JSONPointer
    ) throws(StoreError) {
        let before = old.valuesByKey
        let after = new.valuesByKey
        let there = present.valuesByKey
        for member in old.members {
            let key = member.key.stringUTF8 ?? []
            guard after[key] == nil, there[key] != nil else { continue }
            try edit(place) { editor throws(JSONEditError) in
                try editor.remove(place.appending(key))
            }
        }
        for member in new.members {
            let key = member.key.stringUTF8 ?? []
            let place = place.appending(key)
            if let before = before[key], before.bytes == member.value.bytes { continue }
            if let before = before[key], let there = there[key] {
                try carry(from: before, to: member.value, into: there, at: place)
            } else {
                try edit(place) { editor throws(JSONEditError) in
                    try editor.add(place, member.value)
                }
            }
        }
    }

    private mutating func carryElements(
        from old: JSONValue, to new: JSONValue, into present: JSONValue, at place: JSONPointer
    ) throws(StoreError) {
        let before = Array(old.elements)
        let after = Array(new.elements)
        let there = Array(present.elements)
        // For each element that is to be, the one that it was.
        let sources = matching.sources(of: after, in: before)
        let kept = Set(sources.compactMap { $0 })
        for index in before.indices.reversed() where !kept.contains(index) {
            try edit(place) { editor throws(JSONEditError) in
                try editor.remove(place.appending(index))
            }
        }
        var current = before.indices.filter(kept.contains)
        for (index, source) in sources.enumerated() {
            guard let source else {
                try edit(place) { editor throws(JSONEditError) in
                    try editor.add(place.appending(index), after[index])
                }
                current.insert(-1, at: index)
                continue
            }
            if current[index] != source, let position = current[index...].firstIndex(of: source) {
                try edit(place) { editor throws(JSONEditError) in
                    try editor.move(
                        from: place.appending(position), to: place.appending(index))
                }
                current.remove(at: position)
                current.insert(source, at: index)
            }
            try carry(
                from: before[source], to: after[index], into: there[source],
                at: place.appending(index))
        }
    }

    private mutating func edit(
        _ place: JSONPointer, _ body: (inout JSONEditor) throws(JSONEditError) -> Void
    ) throws(StoreError) {
        do throws(JSONEditError) {
            try body(&editor)
        } catch {
            switch error {
            case .tooDeep, .tooLarge:
                throw StoreError(
                    .invalidData, code: "update-too-large",
                    "\(document.text) would be too large or nested too deep",
                    hint: "nothing was written", document: document)
            case .nothingThere, .rootCannotBeRemoved, .movedIntoItself:
                preconditionFailure("edits follow the document's own structure")
            }
        }
    }

    private func notFaithful(_ place: JSONPointer) -> StoreError {
        .updateNotFaithful(document, at: place)
    }
}

extension StoreError {
    static func updateNotFaithful(_ document: StorePath, at place: JSONPointer) -> StoreError {
        let place = place.isRoot ? "" : " at \(escapedForTerminal(place.utf8))"
        return StoreError(
            .invalidData, code: "update-not-faithful",
            "\(document.text)\(place) reads and writes differently in the program's type, "
                + "so that its change cannot be carried over",
            hint: "nothing was written; rewrite the document whole, or mend the type's coding",
            document: document)
    }
}

extension JSONValue {
    /// By the keys' bytes.
    var valuesByKey: [[UInt8]: JSONValue] {
        var values: [[UInt8]: JSONValue] = [:]
        for member in members { values[member.key.stringUTF8 ?? []] = member.value }
        return values
    }

    /// Whether two values are the same when the order of elements does not count either: sets are
    /// written in any order.
    func isEqualInAnyOrder(to other: JSONValue) -> Bool { inOneOrder == other.inOneOrder }

    private var inOneOrder: [UInt8] {
        switch kind {
        case .object:
            let members = members.map { $0.key.bytes + [UInt8(ascii: ":")] + $0.value.inOneOrder }
            return Self.joined(members, "{", "}")
        case .array: return Self.joined(elements.map { $0.inOneOrder[...] }, "[", "]")
        default: return Array(bytes)
        }
    }

    private static func joined(
        _ parts: [ArraySlice<UInt8>], _ open: Unicode.Scalar, _ close: Unicode.Scalar
    ) -> [UInt8] {
        let sorted = parts.sorted { $0.lexicographicallyPrecedes($1) }
        return [UInt8(ascii: open)] + sorted.joined(separator: [UInt8(ascii: ",")])
            + [UInt8(ascii: close)]
    }
}
