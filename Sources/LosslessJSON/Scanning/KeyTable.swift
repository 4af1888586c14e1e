/// The keys of all objects that are open, for finding one that comes twice.
///
/// A key is only ever added to the innermost open object, so everything lies in two flat arrays
/// that grow and shrink at their end and are reused. Small objects are searched in order, larger
/// ones through an index. Memory: 16 bytes for each key of an open object, and up to 16 for the
/// index of a large one.
struct KeyTable: Sendable {
    private struct Frame {
        var firstEntry: Int
        var firstSlot: Int
    }

    /// Objects with more keys than this get an index.
    private static let indexThreshold = 16

    private var entries: [KeyDigest] = []
    /// Open addressing, a power of two per indexed object: 0 is free, else an entry's place in
    /// its object, counted from 1.
    private var slots: [UInt32] = []
    private var frames: [Frame] = []
    /// How many keys the outermost object had that was closed last.
    private(set) var outermostCount = 0

    mutating func openObject() {
        frames.append(Frame(firstEntry: entries.count, firstSlot: slots.count))
    }

    mutating func closeObject() {
        let frame = frames.removeLast()
        if frames.isEmpty { outermostCount = entries.count }
        entries.removeLast(entries.count - frame.firstEntry)
        if slots.count > frame.firstSlot { slots.removeLast(slots.count - frame.firstSlot) }
    }

    /// Adds a key to the innermost object; false if it was there.
    mutating func insert(_ digest: KeyDigest) -> Bool {
        let frame = frames[frames.count - 1]
        let count = entries.count - frame.firstEntry
        if count < Self.indexThreshold {
            for index in frame.firstEntry..<entries.count where entries[index] == digest {
                return false
            }
            entries.append(digest)
            return true
        }
        let slotCount = slots.count - frame.firstSlot
        if (count + 1) * 2 > slotCount { rebuildIndex(frame, slotCount: max(slotCount * 2, 64)) }
        guard place(digest, frame) else { return false }
        entries.append(digest)
        return true
    }

    private mutating func rebuildIndex(_ frame: Frame, slotCount: Int) {
        slots.removeLast(slots.count - frame.firstSlot)
        slots.append(contentsOf: repeatElement(0, count: slotCount))
        let mask = slotCount - 1
        for index in frame.firstEntry..<entries.count {
            var slot = Int(truncatingIfNeeded: entries[index].first) & mask
            while slots[frame.firstSlot + slot] != 0 { slot = (slot + 1) & mask }
            slots[frame.firstSlot + slot] = UInt32(index - frame.firstEntry + 1)
        }
    }

    /// Claims a slot for the entry that is about to be appended; false if an equal one is there.
    private mutating func place(_ digest: KeyDigest, _ frame: Frame) -> Bool {
        let mask = slots.count - frame.firstSlot - 1
        var slot = Int(truncatingIfNeeded: digest.first) & mask
        while true {
            let occupant = slots[frame.firstSlot + slot]
            if occupant == 0 { break }
            if entries[frame.firstEntry + Int(occupant) - 1] == digest { return false }
            slot = (slot + 1) & mask
        }
        slots[frame.firstSlot + slot] = UInt32(entries.count - frame.firstEntry + 1)
        return true
    }
}
