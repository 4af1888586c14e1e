internal import LosslessJSON

/// A fixed set of names, each with its number, found by the bytes of a member's key as they
/// stand in the document: no string is made for a key without escapes.
struct NameTable: Sendable {
    private var names: [[UInt8]] = []
    private var hashes: [UInt32] = []
    /// Numbers of names, counted from 1; 0 is free. A power of two, at most half full.
    private var slots: [UInt16] = []

    static let maximumCount = 32_767

    var count: Int { names.count }

    /// The number of a name, which is added if it is new.
    mutating func insert(_ name: [UInt8]) -> Int {
        if let known = number(of: name.span) { return known }
        names.append(name)
        hashes.append(Self.hash(name.span).value)
        if names.count * 2 > slots.count { rebuild() } else { place(names.count - 1) }
        return names.count - 1
    }

    private mutating func rebuild() {
        slots = [UInt16](repeating: 0, count: max(slots.count * 2, 8))
        for number in names.indices { place(number) }
    }

    private mutating func place(_ number: Int) {
        var slot = Int(hashes[number]) & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt16(number + 1)
    }

    /// The number of a decoded name, or nil.
    func number(of name: Span<UInt8>) -> Int? {
        find(name, Self.hash(name).value)
    }

    /// The number of the name that the body of a JSON string stands for, or nil. `decoded` is
    /// asked for its text if it has escapes.
    @inline(__always)
    func number(ofBody body: Span<UInt8>, decoded: () -> [UInt8]) -> Int? {
        let (hash, hasEscapes) = Self.hash(body)
        if !hasEscapes { return find(body, hash) }
        let text = decoded()
        return number(of: text.span)
    }

    @inline(__always)
    private static func hash(_ name: Span<UInt8>) -> (value: UInt32, hasEscapes: Bool) {
        var value: UInt32 = 0x811C_9DC5
        var hasEscapes = false
        for index in 0..<name.count {
            let byte = name[unchecked: index]
            hasEscapes = hasEscapes || byte == UInt8(ascii: "\\")
            value = (value ^ UInt32(byte)) &* 0x0100_0193
        }
        return (value ^ value >> 15, hasEscapes)
    }

    private func find(_ name: Span<UInt8>, _ hash: UInt32) -> Int? {
        guard !slots.isEmpty else { return nil }
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, equals(number, name) { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func equals(_ number: Int, _ name: Span<UInt8>) -> Bool {
        let known = names[number]
        guard known.count == name.count else { return false }
        for index in 0..<known.count where known[index] != name[unchecked: index] { return false }
        return true
    }

    subscript(number: Int) -> [UInt8] { names[number] }
}

/// A set of numbers from 0 on. Up to 64 need no memory of their own.
struct NumberSet: Sendable {
    private var low: UInt64 = 0
    private var high: [UInt64] = []

    @inline(__always)
    mutating func insert(_ number: Int) {
        if number < 64 {
            low |= 1 << UInt64(number)
        } else {
            let word = number / 64 - 1
            while high.count <= word { high.append(0) }
            high[word] |= 1 << UInt64(number % 64)
        }
    }

    @inline(__always)
    func contains(_ number: Int) -> Bool {
        if number < 64 { return low >> UInt64(number) & 1 == 1 }
        let word = number / 64 - 1
        return word < high.count && high[word] >> UInt64(number % 64) & 1 == 1
    }

    @inline(__always)
    func isSuperset(of other: NumberSet) -> Bool {
        guard other.low & ~low == 0 else { return false }
        for word in other.high.indices {
            let mine = word < high.count ? high[word] : 0
            if other.high[word] & ~mine != 0 { return false }
        }
        return true
    }

    mutating func formUnion(_ other: NumberSet) {
        low |= other.low
        for word in other.high.indices {
            if word < high.count {
                high[word] |= other.high[word]
            } else {
                high.append(other.high[word])
            }
        }
    }
}
