/// What a directory entry names: a place in the disk's table of inodes, or nothing.
struct InodeSlot: Sendable, Hashable {
    var index: Int32
    static let none = InodeSlot(index: -1)
    static let root = InodeSlot(index: 0)
    var isNone: Bool { index < 0 }
}

/// One register E(directory, name).
struct EntryRegister: Sendable {
    let name: [UInt8]
    var floor: InodeSlot = .none
    /// Oldest first. Both halves of a rename within one directory have the same sequence number.
    var pending: [PendingVersion<InodeSlot>] = []

    /// What programs see.
    var visible: InodeSlot { pending.last?.value ?? floor }
}

/// The entries of a directory, those that are gone but may come back included, sorted by name so
/// that every walk has the same order.
struct DirectoryTable: Sendable {
    private(set) var registers: [EntryRegister] = []

    var hasPendingVersions: Bool { registers.contains { !$0.pending.isEmpty } }

    var isVisiblyEmpty: Bool { registers.allSatisfy { $0.visible.isNone } }

    func lookUp(_ name: [UInt8]) -> InodeSlot {
        let (position, found) = position(of: name)
        return found ? registers[position].visible : .none
    }

    mutating func append(_ slot: InodeSlot, for name: [UInt8], sequence: UInt64) {
        let (position, found) = position(of: name)
        if !found { registers.insert(EntryRegister(name: name), at: position) }
        registers[position].pending.append(PendingVersion(sequence: sequence, value: slot))
    }

    /// A directory sync. Returns what no register names any more, once for each time it was named.
    mutating func raise() -> [InodeSlot] {
        var released: [InodeSlot] = []
        for index in registers.indices where !registers[index].pending.isEmpty {
            guard let last = registers[index].pending.lastIndex(where: { !$0.isOrphaned }) else {
                continue
            }
            released.append(registers[index].floor)
            released.append(contentsOf: registers[index].pending[..<last].map(\.value))
            registers[index].floor = registers[index].pending[last].value
            registers[index].pending.removeSubrange(...last)
        }
        registers.removeAll { $0.floor.isNone && $0.pending.isEmpty }
        released.removeAll { $0.isNone }
        return released
    }

    /// What a failed sync does to the pending versions, or undoes it.
    mutating func setOrphaned(_ isOrphaned: Bool) {
        for index in registers.indices {
            for version in registers[index].pending.indices {
                registers[index].pending[version].isOrphaned = isOrphaned
            }
        }
    }

    /// All that any register names, once for each time.
    var everythingNamed: [InodeSlot] {
        registers.flatMap { [$0.floor] + $0.pending.map(\.value) }.filter { !$0.isNone }
    }

    /// A table in which everything is durable. `entries` are sorted by name.
    init(durable entries: [(name: [UInt8], slot: InodeSlot)] = []) {
        registers = entries.map { EntryRegister(name: $0.name, floor: $0.slot) }
    }

    private func position(of name: [UInt8]) -> (Int, found: Bool) {
        var low = 0
        var high = registers.count
        while low < high {
            let middle = (low + high) / 2
            let order = Self.compare(registers[middle].name, name)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    private static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let common = min(left.count, right.count)
        for index in 0..<common where left[index] != right[index] {
            return Int(left[index]) - Int(right[index])
        }
        return left.count - right.count
    }
}
