internal import StoreFiles

/// From a choice of alternatives to the state that the machine starts with after the crash.
extension CrashModel {
    /// How long the machine is down.
    private static let nanosecondsOfReboot: UInt64 = 60_000_000_000

    var allOld: CrashChoices { CrashChoices(repeating: 0, count: registers.count) }
    var allNew: CrashChoices { registers.map { UInt16($0.versionCount) } }

    /// Raises choices until no rename is half done.
    func couple(_ choices: inout CrashChoices) {
        var isSettled = false
        while !isSettled {
            isSettled = true
            for coupling in couplings {
                let first = Int(choices[coupling.first.register])
                let second = Int(choices[coupling.second.register])
                let firstHappened = first >= coupling.first.version
                let secondHappened = second >= coupling.second.version
                if firstHappened == secondHappened { continue }
                if firstHappened {
                    choices[coupling.second.register] = UInt16(coupling.second.version)
                } else {
                    choices[coupling.first.register] = UInt16(coupling.first.version)
                }
                isSettled = false
            }
        }
    }

    /// Tells images apart: what is reachable from the root, its bytes, sizes, attributes and
    /// numbers, and whether the times of a file are older than programs saw them.
    func hash(_ choices: CrashChoices) -> Hash128 {
        var hash = Hash128.zero
        walk(choices) { entryHash, slot, isFirstName in
            hash += entryHash
            if isFirstName { hash += inodeHash(slot, choices) }
        }
        return hash
    }

    /// The machine after the crash: what the registers hold is durable, what nothing names is
    /// gone, and so are locks, descriptors and processes.
    func state(after choices: CrashChoices) -> DiskState {
        var next = state
        let count = state.inodes.count
        next.inodes = Array(repeating: nil, count: count)
        next.references = Array(repeating: 0, count: count)
        next.links = Array(repeating: 0, count: count)
        next.inodes[0] = CopyOnWrite(inode(.root, choices))
        next.references[0] = 1
        next.links[0] = 1
        var tables = [[(name: [UInt8], slot: InodeSlot)]?](repeating: nil, count: count)
        tables[0] = []
        walkNaming(choices) { directory, name, slot, isFirstName in
            tables[Int(directory.index)]?.append((name: name, slot: slot))
            next.references[Int(slot.index)] += 1
            next.links[Int(slot.index)] += 1
            guard isFirstName else { return }
            let index = Int(slot.index)
            if unsettled[index] == nil {
                next.inodes[index] = state.inodes[index]
            } else {
                next.inodes[index] = CopyOnWrite(inode(slot, choices))
            }
            if state[slot].kind == .directory { tables[index] = [] }
        }
        for (index, table) in tables.enumerated() {
            guard let table else { continue }
            let slot = InodeSlot(index: Int32(index))
            let registers = state[slot].directory.registers
            if unsettled[index] != nil || registers.count != table.count {
                next[slot].directory = DirectoryTable(durable: table)
            }
        }
        next.freeSlots = (0..<count).reversed().filter { next.inodes[$0] == nil }
            .map { InodeSlot(index: Int32($0)) }
        next.reboot(afterNanoseconds: Self.nanosecondsOfReboot)
        return next
    }

    /// The file as the registers leave it.
    private func inode(_ slot: InodeSlot, _ choices: CrashChoices) -> Inode {
        var inode = state[slot]
        guard let place = unsettled[Int(slot.index)] else { return inode }
        let times = timesAreNew(place, choices) ? inode.times : inode.durableTimes
        inode.times = times
        inode.durableTimes = times
        if let register = place.attributes,
            case .attributes(let values) = registers[register].values
        {
            inode.durableAttributes = values[Int(choices[register])]
        }
        inode.attributes = inode.durableAttributes
        inode.pendingAttributes = []
        if inode.kind == .regular {
            let contents = self.contents(of: inode, place, choices)
            inode.contents = contents
            inode.durableContents = contents
            inode.durableSize = contents.count
            inode.pendingWrites = []
            inode.pendingSizes = []
        }
        return inode
    }

    private func contents(
        of inode: Inode, _ place: UnsettledInode, _ choices: CrashChoices
    ) -> [UInt8] {
        let size = self.size(of: inode, place, choices)
        let overlaid = place.sectors.filter { choices[$0] != 0 }
        var contents = inode.durableContents
        if contents.count > size {
            contents.removeLast(contents.count - size)
        } else if contents.count < size {
            contents.append(contentsOf: repeatElement(0, count: size - contents.count))
        }
        for register in overlaid {
            guard case .sector(_, let sector) = registers[register].place,
                case .sectors(let values) = registers[register].values
            else { continue }
            let start = sector * bytesPerSector
            if start >= size { break }
            let end = min(size, start + bytesPerSector)
            let value = values[Int(choices[register])].prefix(end - start)
            contents.withUnsafeMutableBytes { target in
                value.withUnsafeBytes { source in
                    UnsafeMutableRawBufferPointer(rebasing: target[start..<end])
                        .copyMemory(from: source)
                }
            }
        }
        return contents
    }

    private func size(of inode: Inode, _ place: UnsettledInode, _ choices: CrashChoices) -> Int {
        guard let register = place.size, case .sizes(let sizes) = registers[register].values else {
            return inode.durableSize
        }
        return sizes[Int(choices[register])]
    }

    /// The times of a file are on the disk as soon as anything else of it is.
    private func timesAreNew(_ place: UnsettledInode, _ choices: CrashChoices) -> Bool {
        if let size = place.size, choices[size] != 0 { return true }
        if let attributes = place.attributes, choices[attributes] != 0 { return true }
        return place.sectors.contains { choices[$0] != 0 }
    }

    private func inodeHash(_ slot: InodeSlot, _ choices: CrashChoices) -> Hash128 {
        guard let place = unsettled[Int(slot.index)] else { return settledHashes[Int(slot.index)] }
        let number = state.number(of: slot)
        var hash = place.settledContents[place.size.map { Int(choices[$0]) } ?? 0]
        if let attributes = place.attributes {
            hash += registers[attributes].contributions[Int(choices[attributes])]
        } else {
            hash += place.settledAttributes
        }
        let inode = state.inodes[Int(slot.index)]!
        if inode.value.kind == .directory { return hash }
        let size = self.size(of: inode.value, place, choices)
        for register in place.sectors {
            guard case .sector(_, let sector) = registers[register].place else { continue }
            let start = sector * bytesPerSector
            if start >= size { break }
            let choice = Int(choices[register])
            if start + bytesPerSector <= size {
                hash += registers[register].contributions[choice]
            } else if case .sectors(let values) = registers[register].values {
                hash += Self.hash(
                    ofSector: sector, number, values[choice].prefix(size - start))
            }
        }
        if inode.value.times != inode.value.durableTimes && timesAreNew(place, choices) {
            hash += Hash128(tag: 8, number)
        }
        return hash
    }
}

// MARK: Walks

extension CrashModel {
    private func walk(
        _ choices: CrashChoices, _ visit: (Hash128, InodeSlot, _ isFirstName: Bool) -> Void
    ) {
        visit(.zero, .root, true)
        traverse(choices) { directory, position, register, slot, isFirstName in
            let entryHash =
                register.map { registers[$0].contributions[Int(choices[$0])] }
                ?? settledEntryHashes[Int(directory.index)][position]
            visit(entryHash, slot, isFirstName)
        }
    }

    private func walkNaming(
        _ choices: CrashChoices,
        _ visit: (InodeSlot, [UInt8], InodeSlot, _ isFirstName: Bool) -> Void
    ) {
        traverse(choices) { directory, position, _, slot, isFirstName in
            visit(directory, state[directory].directory.registers[position].name, slot, isFirstName)
        }
    }

    /// Visits every entry that can be reached from the root, directory by directory. A directory
    /// has one name: where a crash left two, as a checker of file systems would, only the first is
    /// kept.
    private func traverse(
        _ choices: CrashChoices,
        _ visit: (
            _ directory: InodeSlot, _ position: Int, _ register: Int?, _ slot: InodeSlot,
            _ isFirstName: Bool
        ) -> Void
    ) {
        var seen = [Bool](repeating: false, count: state.inodes.count)
        var directories: [InodeSlot] = [.root]
        seen[0] = true
        var next = 0
        while next < directories.count {
            let directory = directories[next]
            next += 1
            let table = state.inodes[Int(directory.index)]!.value.directory.registers
            var register = unsettled[Int(directory.index)]?.entries.lowerBound ?? 0
            for position in table.indices {
                var named = table[position].floor
                var used: Int?
                if !table[position].pending.isEmpty {
                    if case .entries(let values) = registers[register].values {
                        named = values[Int(choices[register])]
                    }
                    used = register
                    register += 1
                }
                if named.isNone { continue }
                let isDirectory = state.inodes[Int(named.index)]!.value.kind == .directory
                let isFirstName = !seen[Int(named.index)]
                if isDirectory && !isFirstName { continue }
                seen[Int(named.index)] = true
                visit(directory, position, used, named, isFirstName)
                if isDirectory { directories.append(named) }
            }
        }
    }
}

extension DiskState {
    /// Power off and on: only the disk is left.
    fileprivate mutating func reboot(afterNanoseconds nanoseconds: UInt64) {
        openFiles = [nil, nil, nil]
        processes = []
        clockNanoseconds += nanoseconds
        bootNanoseconds = clockNanoseconds
        bootNumber += 1
        let first = configuration.processIdentifier
        startProcess(
            configuration.reusesProcessIdentifierAfterCrash ? first : first + Int32(bootNumber))
    }
}
