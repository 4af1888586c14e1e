extension JSONValue {
    /// Whether both are the same JSON value: numbers compare exactly (`1.0` is `1`), strings by
    /// their decoded bytes, objects without regard to order and, where a key comes twice, by its
    /// last value.
    public func isEqual(to other: JSONValue) -> Bool {
        let left = node
        let right = other.node
        switch (left.kind, right.kind) {
        case (.null, .null), (.true, .true), (.false, .false): return true
        case (.number, .number):
            return bytes == other.bytes
                || JSONNumber(validated: bytes) == JSONNumber(validated: other.bytes)
        case (.plainString, .plainString): return bytes == other.bytes
        case (.plainString, .escapedString), (.escapedString, .plainString),
            (.escapedString, .escapedString):
            return storage.decodedText(of: index) == other.storage.decodedText(of: other.index)
        case (.array, .array):
            guard left.count == right.count else { return false }
            for (element, otherElement) in zip(elements, other.elements)
            where !element.isEqual(to: otherElement) { return false }
            return true
        case (.object, .object): return membersAreEqual(to: other)
        default: return false
        }
    }

    private func membersAreEqual(to other: JSONValue) -> Bool {
        if storage.keysAreUnique && other.storage.keysAreUnique {
            guard count == other.count else { return false }
            // Most often the order is the same as well.
            if zip(members, other.members).allSatisfy({ $0.key.isEqual(to: $1.key) }) {
                for (member, otherMember) in zip(members, other.members)
                where !member.value.isEqual(to: otherMember.value) { return false }
                return true
            }
        }
        let left = sortedMembers()
        let right = other.sortedMembers()
        guard left.count == right.count,
            zip(left, right).allSatisfy({ $0.key == $1.key })
        else { return false }
        for (member, otherMember) in zip(left, right)
        where !member.value.isEqual(to: otherMember.value) { return false }
        return true
    }

    /// The members by the bytes of their decoded keys, of several with one key the last.
    func sortedMembers() -> [(key: [UInt8], value: JSONValue)] {
        var sorted: [(key: [UInt8], value: JSONValue)] = []
        sorted.reserveCapacity(count)
        for member in members {
            sorted.append((storage.decodedText(of: member.key.index), member.value))
        }
        sorted.sort {
            if $0.key != $1.key { return $0.key.lexicographicallyPrecedes($1.key) }
            return $0.value.index < $1.value.index
        }
        guard !storage.keysAreUnique else { return sorted }
        var last: [(key: [UInt8], value: JSONValue)] = []
        for member in sorted {
            if last.last?.key == member.key { last.removeLast() }
            last.append(member)
        }
        return last
    }
}

extension JSONValue {
    /// The members of an object in document order, without those whose key comes again later.
    var effectiveMembers: [JSONMember] {
        guard !storage.keysAreUnique else { return Array(members) }
        var last: [[UInt8]: Int] = [:]
        for member in members {
            last[storage.decodedText(of: member.key.index)] = member.key.index
        }
        return members.filter {
            last[storage.decodedText(of: $0.key.index)] == $0.key.index
        }
    }

    /// Whether both are written alike but for white space: the same values in the same order,
    /// each number and string spelled the same.
    public func isWrittenLike(_ other: JSONValue) -> Bool {
        let nodeCount = Int(node.next) - index
        guard nodeCount == Int(other.node.next) - other.index else { return false }
        for offset in 0..<nodeCount {
            let left = storage.nodes[index + offset]
            let right = other.storage.nodes[other.index + offset]
            guard left.kind == right.kind, left.count == right.count else { return false }
            switch left.kind {
            case .plainString, .escapedString, .number:
                guard storage.bytes[left.range] == other.storage.bytes[right.range]
                else { return false }
            default: continue
            }
        }
        return true
    }
}
