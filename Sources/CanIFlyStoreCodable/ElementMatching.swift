internal import LosslessJSON

/// Finds for each element of a changed array the one that it was before.
///
/// A wrong match would hang what is unknown of one element (another's token, say) on another, so an
/// element counts as the same only where it
/// 1. is written as before,
/// 2. or has the identity that it had (its members named in `identityMembers`, or by the rule below),
/// 3. or, where there are no identities, lies where it lay in an array of the same length and at
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

        matchEqual(new, old, sources, isTaken, match) { Array($0.bytes) }
        matchEqual(new, old, sources, isTaken, match, identity)

        guard old.count == new.count else { return sources }
        for index in new.indices where sources[index] == nil && !isTaken[index] {
            guard identity(of: old[index]) == nil, identity(of: new[index]) == nil,
                looksTheSame(old[index], new[index])
            else { continue }
            match(index, index)
        }
        return sources
    }

    /// Matches what has the same key, the first with the first where several have it.
    private func matchEqual(
        _ new: [JSONValue], _ old: [JSONValue], _ sources: [Int?], _ isTaken: [Bool],
        _ match: (Int, Int) -> Void, _ key: (JSONValue) -> [UInt8]?
    ) {
        var waiting: [[UInt8]: [Int]] = [:]
        for index in old.indices.reversed() where !isTaken[index] {
            if let key = key(old[index]) { waiting[key, default: []].append(index) }
        }
        guard !waiting.isEmpty else { return }
        for index in new.indices where sources[index] == nil {
            guard let key = key(new[index]), let source = waiting[key]?.popLast() else { continue }
            match(index, source)
        }
    }

    /// What tells an object apart from its like; nil where nothing does.
    private func identity(of value: JSONValue) -> [UInt8]? {
        guard value.kind == .object else { return nil }
        if identityMembers.isEmpty, let id = value.members.first(where: { Self.isID($0.key) }) {
            return Array(id.value.bytes)
        }
        var identity: [UInt8] = []
        for member in value.members where isIdentity(member) {
            identity += member.key.bytes
            identity += member.value.bytes
        }
        return identity.isEmpty ? nil : identity
    }

    private func isIdentity(_ member: JSONMember) -> Bool {
        if !identityMembers.isEmpty {
            return identityMembers.contains { member.key.isString($0) }
        }
        guard member.value.kind == .string || member.value.kind == .number else { return false }
        let key = member.key.stringUTF8 ?? []
        return ["_id", "Id", "ID"].contains { suffix in
            key.count > suffix.utf8.count && key.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        }
    }

    private static func isID(_ key: JSONValue) -> Bool {
        ["id", "ID", "Id"].contains { key.isString($0) }
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
