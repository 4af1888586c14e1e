/// What a torn sector may hold.
struct StaleSectors {
    static let staleKept = 3
    private static let candidatesLookedAt = 12

    /// Zeros, noise, and bytes that were once in this place of this file or of another: the more
    /// they look like what was meant to be there, the rather they are taken.
    static func tears(
        of sector: Int, in inode: Inode, slot: InodeSlot, on state: DiskState,
        besides present: [ArraySlice<UInt8>]
    ) -> [ArraySlice<UInt8>] {
        var taken = present
        var tears: [ArraySlice<UInt8>] = []
        func take(_ bytes: ArraySlice<UInt8>) {
            if taken.contains(bytes) { return }
            taken.append(bytes)
            tears.append(bytes)
        }
        take(Inode.zeroSector)
        take(noise(seed: UInt64(sector) &* 31 &+ UInt64(slot.index)))

        let newest = present[present.count - 1]
        var stale: [(similar: Bool, bytes: ArraySlice<UInt8>)] = []
        func consider(_ image: [UInt8]) {
            guard stale.count < candidatesLookedAt, sector * bytesPerSector < image.count else {
                return
            }
            let bytes = Inode.sector(sector, of: image)
            if taken.contains(bytes) || stale.contains(where: { $0.bytes == bytes }) { return }
            stale.append((bytes.prefix(4) == newest.prefix(4), bytes))
        }
        for image in inode.earlierContents.reversed() { consider(image) }
        for image in state.graveyard.reversed() { consider(image) }
        for (index, other) in state.inodes.enumerated() where index != Int(slot.index) {
            if let other = other?.value, other.kind == .regular { consider(other.contents) }
        }
        let similar = stale.filter(\.similar) + stale.filter { !$0.similar }
        for candidate in similar.prefix(staleKept) { take(candidate.bytes) }
        return tears
    }

    private static func noise(seed: UInt64) -> ArraySlice<UInt8> {
        var generator = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(bytesPerSector)
        while bytes.count < bytesPerSector {
            let word = generator.next()
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes[...]
    }
}
