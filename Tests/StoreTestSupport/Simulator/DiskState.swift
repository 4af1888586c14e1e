internal import StoreFiles

/// Everything about a simulated machine: the disk with what is durable and what is not, and what
/// only lives until the power goes (open files, locks, processes). Copying it is cheap.
struct DiskState: Sendable {
    var configuration: SimulatedDiskConfiguration

    /// Inodes by slot; the root directory is in slot 0. The inode number follows from the slot,
    /// and a slot is used again as soon as no register and no descriptor needs it, as file systems
    /// do with numbers.
    var inodes: [CopyOnWrite<Inode>?] = []
    /// How often the registers of directories name each slot, pending versions included.
    var references: [Int32] = []
    /// How many names programs see for each slot.
    var links: [Int32] = []
    var freeSlots: [InodeSlot] = []
    /// Contents of files that are gone for good: their bytes may turn up again.
    var graveyard: [[UInt8]] = []

    var openFiles: [OpenFile?] = [nil, nil, nil]
    var processes: [ProcessRecord] = []

    /// Numbers every change, so that pending versions have an order.
    var sequence: UInt64 = 0
    var clockNanoseconds: UInt64
    var bootNumber: UInt64 = 1
    var bootNanoseconds: UInt64
    var random: SeededGenerator
    /// How many transactions the workload has told the world are done.
    var acknowledged = 0

    init(configuration: SimulatedDiskConfiguration) {
        self.configuration = configuration
        clockNanoseconds = UInt64(configuration.startSeconds) * 1_000_000_000
        bootNanoseconds = clockNanoseconds - 3_600_000_000_000
        random = SeededGenerator(seed: configuration.seed)
        startProcess(configuration.processIdentifier)
        let root = allocate(
            .directory, FileAttributes(mode: FileMode(0o755), user: 0, group: 0))
        references[Int(root.index)] = 1
        links[Int(root.index)] = 1
    }
}

/// An open file description. Its place in the table is the descriptor.
struct OpenFile: Sendable {
    var slot: InodeSlot
    var flags: OpenFlags
    var process: Int32
    var holdsLock = false
}

struct ProcessRecord: Sendable, Hashable {
    var identifier: Int32
    /// In clock ticks since boot.
    var startTime: UInt64
    var liveness: ProcessLiveness
}

// MARK: Inodes

extension DiskState {
    /// The inode in a slot. Only slots that something names are asked for.
    subscript(slot: InodeSlot) -> Inode {
        _read { yield inodes[Int(slot.index)]!.value }
        _modify { yield &inodes[Int(slot.index)]!.value }
    }

    func number(of slot: InodeSlot) -> UInt64 { UInt64(slot.index) + 2 }

    mutating func allocate(_ kind: FileKind, _ attributes: FileAttributes) -> InodeSlot {
        let now = fileTime()
        let inode = Inode(
            kind: kind, attributes: attributes, times: FileTimes(modified: now, changed: now))
        if let slot = freeSlots.popLast() {
            inodes[Int(slot.index)] = CopyOnWrite(inode)
            return slot
        }
        inodes.append(CopyOnWrite(inode))
        references.append(0)
        links.append(0)
        return InodeSlot(index: Int32(inodes.count - 1))
    }

    /// Drops references of registers, and with the last of them the inode.
    mutating func release(_ slots: [InodeSlot]) {
        for slot in slots { references[Int(slot.index)] -= 1 }
        for slot in slots { freeIfUnneeded(slot) }
    }

    mutating func freeIfUnneeded(_ slot: InodeSlot) {
        let index = Int(slot.index)
        guard references[index] == 0, let inode = inodes[index]?.value,
            !openFiles.contains(where: { $0?.slot == slot })
        else { return }
        if inode.kind == .regular && !inode.contents.isEmpty { bury(inode.contents) }
        inodes[index] = nil
        links[index] = 0
        freeSlots.append(slot)
        if inode.kind == .directory { release(inode.directory.everythingNamed) }
    }

    private mutating func bury(_ contents: [UInt8]) {
        graveyard.append(contents)
        if graveyard.count > 8 { graveyard.removeFirst() }
    }

    /// Gives a register a new version, and the link counts their due.
    mutating func setEntry(_ name: [UInt8], in directory: InodeSlot, to slot: InodeSlot) {
        let old = self[directory].directory.lookUp(name)
        self[directory].directory.append(slot, for: name, sequence: sequence)
        if !slot.isNone {
            references[Int(slot.index)] += 1
            links[Int(slot.index)] += 1
        }
        if !old.isNone { links[Int(old.index)] -= 1 }
        let now = fileTime()
        self[directory].times = FileTimes(modified: now, changed: now)
        self[directory].durableTimes = self[directory].times
    }

    /// A change of names is journalled together with the change time of the file it names.
    mutating func touchChangeTime(of slot: InodeSlot) {
        let now = fileTime()
        self[slot].times.changed = now
        self[slot].durableTimes.changed = now
    }
}

// MARK: Clock and processes

extension DiskState {
    /// Begins a call that changes something.
    mutating func beginChange() {
        sequence += 1
        clockNanoseconds += configuration.nanosecondsPerCall
    }

    func fileTime() -> Timestamp {
        let granularity = configuration.timestampGranularityNanoseconds
        return Timestamp(nanosecondsSince1970: clockNanoseconds / granularity * granularity)
    }

    mutating func startProcess(
        _ identifier: Int32, liveness: ProcessLiveness = .alive
    ) {
        processes.removeAll { $0.identifier == identifier }
        processes.append(
            ProcessRecord(
                identifier: identifier,
                startTime: (clockNanoseconds - bootNanoseconds) / 10_000_000,
                liveness: liveness))
    }

    /// What the kernel does when a process dies: its descriptors close, its locks go.
    mutating func endProcess(_ identifier: Int32) {
        processes.removeAll { $0.identifier == identifier }
        for index in openFiles.indices where openFiles[index]?.process == identifier {
            closeDescriptor(index)
        }
    }

    mutating func closeDescriptor(_ index: Int) {
        guard let file = openFiles[index] else { return }
        openFiles[index] = nil
        freeIfUnneeded(file.slot)
    }
}

extension Timestamp {
    init(nanosecondsSince1970 nanoseconds: UInt64) {
        self.init(
            seconds: Int64(nanoseconds / 1_000_000_000),
            nanoseconds: Int32(nanoseconds % 1_000_000_000))
    }
}
