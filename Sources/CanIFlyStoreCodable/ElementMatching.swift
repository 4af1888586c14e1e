internal import LosslessJSON

/// Finds for each element of a changed array the one that it was before.
///
/// A wrong match would hang what is unknown of one element (another's token, say) on another, so an
/// element counts as the same only where it
/// 1. is written as before,
/// 2. or has the identity that it had (its members named in `identityMembers`, or by the rule below),
///    which no other element has,
/// 3. or, where identities tell nothing, lies where it lay in an array of the same length and at
///    least half of its members are unchanged.
struct ElementMatching {
    /// Empty: `id` in any case, else every member whose name ends in `_id`, `Id` or `ID`.
    let identityMembers: [String]

    /// For each element of `new` the index in `old`; nil where it is new. No index comes twice.
    func sources(of new: [JSONValue], in old: [JSONValue]) -> [Int?] {
        var sources = [Int?](repeating: nil, count: new.count)
        var isTaken = [Bool](repeating: false, count: old.count)
        func match(_ index: Int, _ source: Int) {
            sources[index] = source
            isTaken[source] = true
        }

        // Most changes are about one place in the middle.
        var front = 0
        while front < min(old.count, new.count), old[front].bytes == new[front].bytes {
            match(front, front)
            front += 1
        }
        var back = 0
        while back < min(old.count, new.count) - front,
            old[old.count - 1 - back].bytes == new[new.count - 1 - back].bytes
        {
            match(new.count - 1 - back, old.count - 1 - back)
            back += 1
        }

        let equal = pairs(new, old, sources, isTaken) { Array($0.bytes) }
        for (index, source) in equal.flatMap({ zip($0.new, $0.old) }) { match(index, source) }
        for like in pairs(new, old, sources, isTaken, identity)
        where like.new.count == 1 && like.old.count == 1 {
            match(like.new[0], like.old[0])
        }

        guard old.count == new.count else { return sources }
        for index in new.indices where sources[index] == nil && !isTaken[index] {
            guard identity(of: old[index]) == identity(of: new[index]),
                looksTheSame(old[index], new[index])
            else { continue }
            match(index, index)
        }
        return sources
    }

    /// Those without a match that have the same key, in their order.
    private func pairs(
        _ new: [JSONValue], _ old: [JSONValue], _ sources: [Int?], _ isTaken: [Bool],
        _ key: (JSONValue) -> [UInt8]?
    ) -> [(new: [Int], old: [Int])] {
        var waiting: [[UInt8]: (new: [Int], old: [Int])] = [:]
        for index in old.indices where !isTaken[index] {
            if let key = key(old[index]) { waiting[key, default: ([], [])].old.append(index) }
        }
        guard !waiting.isEmpty else { return [] }
        for index in new.indices where sources[index] == nil {
            if let key = key(new[index]) { waiting[key]?.new.append(index) }
        }
        return Array(waiting.values)
    }

    /// What tells an object apart from its like; nil where nothing does.
    private func identity(of value: JSONValue) -> [UInt8]? {
        guard value.kind == .object else { return nil }
        var identity: [UInt8] = []
        for member in value.members
        where member.value.kind == .string || member.value.kind == .number {
            if identityMembers.isEmpty, ["id", "ID", "Id"].contains(where: member.key.isString) {
                return Array(member.value.bytes)
            }
            guard isIdentity(member.key) else { continue }
            identity += member.key.bytes + member.value.bytes
        }
        return identity.isEmpty ? nil : identity
    }

    private func isIdentity(_ key: JSONValue) -> Bool {
        guard identityMembers.isEmpty else { return identityMembers.contains(where: key.isString) }
        let key = key.stringUTF8 ?? []
        return ["_id", "Id", "ID"].contains { suffix in
            key.count > suffix.utf8.count
                && key.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        }
    }

    private func looksTheSame(_ old: JSONValue, _ new: JSONValue) -> Bool {
        guard old.kind == .object, new.kind == .object else { return old.kind == new.kind }
        let after = new.valuesByKey
        let unchanged = old.members.reduce(into: 0) { count, member in
            let value = after[member.key.stringUTF8 ?? []]
            if value?.bytes == member.value.bytes { count += 1 }
        }
        return unchanged * 2 >= old.count
    }
}
