internal import StoreFiles

/// Everything a crash at one cut point can leave: the registers with their alternatives, and a
/// way from a choice of alternatives to the hash of the image and to the image.
struct CrashModel: Sendable {
    let state: DiskState
    private(set) var registers: [CrashRegister] = []
    private(set) var couplings: [RenameCoupling] = []
    /// By slot; nil for inodes that no crash changes.
    private(set) var unsettled: [UnsettledInode?]
    /// The hash of each inode that no crash changes, by slot.
    private(set) var settledHashes: [Hash128]
    /// By slot and place in the directory's table: the hash of an entry without pending versions.
    private(set) var settledEntryHashes: [[Hash128]]

    /// Where the registers of an inode are.
    struct UnsettledInode: Sendable {
        var sectors: Range<Int>
        var size: Int?
        var attributes: Int?
        var entries: Range<Int>
        /// For each alternative of the size: the hash of the size and of the sectors that have no
        /// register.
        var settledContents: [Hash128] = []
        /// The hash of the attributes where these have no register.
        var settledAttributes = Hash128.zero
    }

    init(_ state: DiskState) {
        self.state = state
        unsettled = Array(repeating: nil, count: state.inodes.count)
        settledHashes = Array(repeating: .zero, count: state.inodes.count)
        settledEntryHashes = Array(repeating: [], count: state.inodes.count)
        for index in state.inodes.indices {
            guard let inode = state.inodes[index]?.value else { continue }
            collect(inode, InodeSlot(index: Int32(index)))
        }
        addTears()
    }

    private mutating func collect(_ inode: Inode, _ slot: InodeSlot) {
        let number = state.number(of: slot)
        let sectors = appendSectors(of: inode, slot)
        let size = appendSize(of: inode, slot)
        let attributes = appendAttributes(of: inode, slot)
        let entries = appendEntries(of: inode, slot)
        if sectors.isEmpty && size == nil && attributes == nil && entries.isEmpty
            && inode.times == inode.durableTimes
        {
            settledHashes[Int(slot.index)] =
                Self.hash(of: inode.durableAttributes, number)
                + Self.hash(ofContents: inode, number, size: inode.durableSize, without: [])
            return
        }
        var place = UnsettledInode(
            sectors: sectors, size: size, attributes: attributes, entries: entries)
        let registered = Set(
            sectors.map { index in
                guard case .sector(_, let sector) = registers[index].place else { return -1 }
                return sector
            })
        var sizes = [inode.durableSize]
        if let size, case .sizes(let all) = registers[size].values { sizes = all }
        place.settledContents = sizes.map {
            Self.hash(ofContents: inode, number, size: $0, without: registered)
        }
        if attributes == nil {
            place.settledAttributes = Self.hash(of: inode.durableAttributes, number)
        }
        unsettled[Int(slot.index)] = place
    }

    private mutating func appendSectors(of inode: Inode, _ slot: InodeSlot) -> Range<Int> {
        let start = registers.count
        if inode.pendingWrites.isEmpty { return start..<start }
        let end = inode.pendingWrites.reduce(0) { max($0, $1.sectors.upperBound) }
        var versions = [[Int]](repeating: [], count: end)
        for (index, write) in inode.pendingWrites.enumerated() {
            for sector in write.sectors { versions[sector].append(index) }
        }
        let number = state.number(of: slot)
        for sector in 0..<end where !versions[sector].isEmpty {
            let writes = versions[sector].map { inode.pendingWrites[$0] }
            let bytes =
                [Inode.sector(sector, of: inode.durableContents)] + writes.map { $0.sector(sector) }
            registers.append(
                CrashRegister(
                    place: .sector(slot, sector), sequences: writes.map(\.sequence),
                    values: .sectors(bytes),
                    contributions: bytes.map { Self.hash(ofSector: sector, number, $0) }))
        }
        return start..<registers.count
    }

    private mutating func appendSize(of inode: Inode, _ slot: InodeSlot) -> Int? {
        if inode.pendingSizes.isEmpty { return nil }
        let sizes = [inode.durableSize] + inode.pendingSizes.map(\.value)
        // The hash of a size is part of the hash of the contents.
        registers.append(
            CrashRegister(
                place: .size(slot), sequences: inode.pendingSizes.map(\.sequence),
                values: .sizes(sizes), contributions: sizes.map { _ in .zero }))
        return registers.count - 1
    }

    private mutating func appendAttributes(of inode: Inode, _ slot: InodeSlot) -> Int? {
        if inode.pendingAttributes.isEmpty { return nil }
        let number = state.number(of: slot)
        let values = [inode.durableAttributes] + inode.pendingAttributes.map(\.value)
        registers.append(
            CrashRegister(
                place: .attributes(slot), sequences: inode.pendingAttributes.map(\.sequence),
                values: .attributes(values),
                contributions: values.map { Self.hash(of: $0, number) }))
        return registers.count - 1
    }

    private mutating func appendEntries(of inode: Inode, _ slot: InodeSlot) -> Range<Int> {
        let start = registers.count
        let number = state.number(of: slot)
        var halves: [UInt64: (register: Int, version: Int)] = [:]
        for (position, entry) in inode.directory.registers.enumerated() {
            let named = [entry.floor] + entry.pending.map(\.value)
            let hashes = named.map { target in
                target.isNone
                    ? Hash128.zero
                    : entry.name.withUnsafeBytes {
                        Hash128(tag: 2, number, state.number(of: target), bytes: $0)
                    }
            }
            settledEntryHashes[Int(slot.index)].append(hashes[0])
            if entry.pending.isEmpty { continue }
            for (index, version) in entry.pending.enumerated() {
                let half = (register: registers.count, version: index + 1)
                if let other = halves.updateValue(half, forKey: version.sequence) {
                    couplings.append(RenameCoupling(first: other, second: half))
                }
            }
            registers.append(
                CrashRegister(
                    place: .entry(slot, position), sequences: entry.pending.map(\.sequence),
                    values: .entries(named), contributions: hashes))
        }
        return start..<registers.count
    }

    /// With few sectors every one may be torn, else the first, middle and last of each write.
    private mutating func addTears() {
        let torn = registers.count(where: \.isSector) <= 8 ? nil : sectorsAtEdges()
        for index in registers.indices {
            guard case .sector(let slot, let sector) = registers[index].place,
                case .sectors(let present) = registers[index].values
            else { continue }
            if let torn, !torn.contains(registers[index].place) { continue }
            let tears = StaleSectors.tears(
                of: sector, in: state[slot], slot: slot, on: state, besides: present)
            let number = state.number(of: slot)
            registers[index].values = .sectors(present + tears)
            registers[index].contributions += tears.map {
                Self.hash(ofSector: sector, number, $0)
            }
        }
    }

    private func sectorsAtEdges() -> Set<CrashRegister.Place> {
        var places: Set<CrashRegister.Place> = []
        for index in state.inodes.indices {
            guard let inode = state.inodes[index]?.value else { continue }
            let slot = InodeSlot(index: Int32(index))
            for write in inode.pendingWrites {
                let last = write.sectors.upperBound - 1
                for sector in [
                    write.sectors.lowerBound, (write.sectors.lowerBound + last) / 2, last,
                ] {
                    places.insert(.sector(slot, sector))
                }
            }
        }
        return places
    }
}

// MARK: Hashes of parts

extension CrashModel {
    static func hash(
        ofSector sector: Int, _ number: UInt64, _ bytes: ArraySlice<UInt8>
    ) -> Hash128 {
        bytes.withUnsafeBytes { Hash128(tag: 3, number, UInt64(sector), bytes: $0) }
    }

    static func hash(of attributes: FileAttributes, _ number: UInt64) -> Hash128 {
        let owner = UInt64(attributes.user) << 32 | UInt64(attributes.group)
        var hash = Hash128(tag: 4, number, UInt64(attributes.mode.bits), owner)
        for attribute in attributes.extended {
            let name = attribute.name.withUnsafeBytes { Hash128(tag: 5, number, bytes: $0) }
            hash += attribute.value.withUnsafeBytes {
                Hash128(tag: 6, name.low, name.high, bytes: $0)
            }
        }
        return hash
    }

    /// The size and the sectors that it covers, those with registers aside.
    private static func hash(
        ofContents inode: Inode, _ number: UInt64, size: Int, without registered: Set<Int>
    ) -> Hash128 {
        var hash = Hash128(tag: 7, number, UInt64(size))
        for sector in 0..<Inode.sectorCount(ofBytes: size) where !registered.contains(sector) {
            let visible = min(bytesPerSector, size - sector * bytesPerSector)
            hash += Self.hash(
                ofSector: sector, number,
                Inode.sector(sector, of: inode.durableContents).prefix(visible))
        }
        return hash
    }
}
