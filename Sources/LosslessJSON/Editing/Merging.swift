extension EditNode {
    /// Merges a patch into this value (RFC 7396 section 2).
    mutating func merge(
        _ patch: JSONValue, _ place: EditPlace, depth: Int, _ placer: inout EditPlacer
    ) throws(JSONEditError) {
        guard patch.kind == .object, kind == .object, open(), container != nil else {
            placer.depth = depth
            self = try placer.node(
                for: .foreign(patch, dropsNullMembers: true), place, replacing: self)
            return
        }
        try container!.merge(patch, place, depth: depth, &placer)
    }
}

extension EditContainer {
    /// From this many members of a patch on, the object's keys are looked up in a dictionary.
    private static let dictionaryThreshold = 32

    fileprivate mutating func merge(
        _ patch: JSONValue, _ place: EditPlace, depth: Int, _ placer: inout EditPlacer
    ) throws(JSONEditError) {
        let positions = patch.count < Self.dictionaryThreshold ? nil : positionsByKey()
        var removed: Set<Int> = []
        for member in patch.effectiveMembers {
            let key = member.key.storage.decodedText(of: member.key.index)
            let position = positions.map { $0[key] } ?? index(of: key)
            if member.value.isNull {
                guard let position else { continue }
                removed.formUnion(keysAreUnique ? [position] : allIndices(of: key))
            } else if let position {
                let inner = self.place(ofChild: position, place)
                try withNode(at: position) { node throws(JSONEditError) in
                    try node.merge(member.value, inner, depth: depth + 1, &placer)
                }
            } else {
                placer.depth = depth + 1
                let end = children.count
                let inner = placeOfInsertion(at: end, place, placer.style)
                let node = try placer.node(
                    for: .foreign(member.value, dropsNullMembers: true), inner, replacing: nil)
                let text = try placer.key(spelled: member.key.bytes)
                insert(node, key: text, at: end, place, placer.style)
            }
        }
        if !removed.isEmpty { remove(removed) }
    }

    private func positionsByKey() -> [[UInt8]: Int] {
        var positions: [[UInt8]: Int] = [:]
        positions.reserveCapacity(children.count)
        for (position, child) in children.enumerated() {
            if let key = child.key { positions[key.decoded] = position }
        }
        return positions
    }

    private func allIndices(of key: [UInt8]) -> [Int] {
        children.indices.filter { children[$0].key?.equals(key) == true }
    }
}
