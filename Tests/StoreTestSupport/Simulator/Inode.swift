internal import StoreFiles

/// The unit that a disk writes whole or not at all.
let bytesPerSector = 512

/// Mode, owner and extended attributes: one register of the persistence model.
struct FileAttributes: Sendable, Hashable {
    var mode: FileMode
    var user: UInt32
    var group: UInt32
    var extended: [ExtendedAttribute] = []
}

struct ExtendedAttribute: Sendable, Hashable {
    var name: [UInt8]
    var value: [UInt8]
}

struct FileTimes: Sendable, Hashable {
    var modified: Timestamp
    var changed: Timestamp
}

/// A change to whole sectors that no sync has covered yet.
struct PendingWrite: Sendable {
    var sequence: UInt64
    var sectors: Range<Int>
    /// The sectors after the change, whole; empty for zeros.
    var bytes: [UInt8]
    /// A failed sync passed over it: it may be on the disk, and no later sync brings it there.
    var isOrphaned = false
}

/// A new version of a register that is one value.
struct PendingVersion<Value: Sendable>: Sendable {
    var sequence: UInt64
    var value: Value
    var isOrphaned = false
}

/// A file, with what programs see of it, what is durable, and what is between the two.
///
/// Invariant: without pending versions the durable state equals the visible one.
struct Inode: Sendable {
    var kind: FileKind

    // What programs see.
    var attributes: FileAttributes
    var times: FileTimes
    /// The bytes of a regular file, the target of a symbolic link.
    var contents: [UInt8] = []
    var directory = DirectoryTable()

    // The durable floors. Sectors past the end of `durableContents` are zeros.
    var durableContents: [UInt8] = []
    var durableSize = 0
    var durableAttributes: FileAttributes
    var durableTimes: FileTimes

    // What a crash may or may not keep, oldest first.
    var pendingWrites: [PendingWrite] = []
    var pendingSizes: [PendingVersion<Int>] = []
    var pendingAttributes: [PendingVersion<FileAttributes>] = []

    /// Contents that were durable once, oldest first: where stale sectors come from.
    var earlierContents: [[UInt8]] = []

    init(kind: FileKind, attributes: FileAttributes, times: FileTimes) {
        self.kind = kind
        self.attributes = attributes
        self.times = times
        durableAttributes = attributes
        durableTimes = times
    }

    var hasPendingVersions: Bool {
        !pendingWrites.isEmpty || !pendingSizes.isEmpty || !pendingAttributes.isEmpty
            || durableTimes != times
    }

    static func sectorCount(ofBytes count: Int) -> Int {
        (count + bytesPerSector - 1) / bytesPerSector
    }

    /// One whole sector of an image, zeros past its end.
    static func sector(_ index: Int, of image: [UInt8]) -> ArraySlice<UInt8> {
        let start = index * bytesPerSector
        let end = start + bytesPerSector
        if end <= image.count { return image[start..<end] }
        if start >= image.count { return zeroSector }
        var padded = Array(image[start...])
        padded.append(contentsOf: repeatElement(0, count: end - image.count))
        return padded[...]
    }

    static let zeroSector = [UInt8](repeating: 0, count: bytesPerSector)[...]
}

// MARK: Changes

extension Inode {
    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, sequence: UInt64) {
        guard bytes.count > 0 else { return }
        let end = offset + bytes.count
        let oldSize = contents.count
        if offset == oldSize {
            contents.append(contentsOf: bytes)
        } else {
            if end > oldSize {
                contents.append(contentsOf: repeatElement(0, count: end - oldSize))
            }
            contents.withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[offset..<end]).copyMemory(
                    from: bytes)
            }
        }
        appendPendingWrite(of: (offset / bytesPerSector)..<Self.sectorCount(ofBytes: end), sequence)
        if end > oldSize { pendingSizes.append(PendingVersion(sequence: sequence, value: end)) }
    }

    mutating func truncate(to size: Int, sequence: UInt64) {
        let oldSize = contents.count
        if size < oldSize {
            contents.removeLast(oldSize - size)
            let kept = size / bytesPerSector
            let used = Self.sectorCount(ofBytes: size)
            if kept < used { appendPendingWrite(of: kept..<used, sequence) }
            let dropped = used..<Self.sectorCount(ofBytes: oldSize)
            if !dropped.isEmpty {
                pendingWrites.append(PendingWrite(sequence: sequence, sectors: dropped, bytes: []))
            }
        } else if size > oldSize {
            contents.append(contentsOf: repeatElement(0, count: size - oldSize))
        }
        if size != oldSize {
            pendingSizes.append(PendingVersion(sequence: sequence, value: size))
        }
    }

    mutating func setAttributes(_ new: FileAttributes, sequence: UInt64) {
        attributes = new
        pendingAttributes.append(PendingVersion(sequence: sequence, value: new))
    }

    /// Remembers the sectors as they are now.
    private mutating func appendPendingWrite(of sectors: Range<Int>, _ sequence: UInt64) {
        let start = sectors.lowerBound * bytesPerSector
        let end = sectors.upperBound * bytesPerSector
        let present = min(end, contents.count) - start
        let image = contents.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: end - start) { buffer, count in
                let target = UnsafeMutableRawBufferPointer(buffer)
                target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[start..<start + present]))
                UnsafeMutableRawBufferPointer(rebasing: target[present...])
                    .initializeMemory(as: UInt8.self, repeating: 0)
                count = end - start
            }
        }
        pendingWrites.append(PendingWrite(sequence: sequence, sectors: sectors, bytes: image))
    }
}

// MARK: Syncs

extension Inode {
    private static let earlierContentsKept = 8

    /// `fdatasync`: sectors and size. `spoils` is the configuration's `failedSyncSpoilsInode`.
    mutating func raiseContents(spoils: Bool) {
        if !pendingWrites.isEmpty {
            if durableContents.count > 0 {
                earlierContents.append(durableContents)
                if earlierContents.count > Self.earlierContentsKept {
                    earlierContents.removeFirst()
                }
            }
            if pendingWrites.contains(where: { $0.isOrphaned }) {
                raiseSectorsAroundOrphans(spoils: spoils)
            } else {
                durableContents = contents
                pendingWrites.removeAll()
            }
        }
        if let size = Self.raise(&pendingSizes, spoils: spoils) { durableSize = size }
    }

    /// `fsync`: sectors, size, attributes and times.
    mutating func raiseAll(spoils: Bool) {
        raiseContents(spoils: spoils)
        if let new = Self.raise(&pendingAttributes, spoils: spoils) { durableAttributes = new }
        if pendingAttributes.isEmpty && pendingSizes.isEmpty && pendingWrites.isEmpty {
            durableTimes = times
        }
    }

    /// A failed sync: raises nothing, now or later.
    mutating func orphanContents() {
        for index in pendingWrites.indices { pendingWrites[index].isOrphaned = true }
        for index in pendingSizes.indices { pendingSizes[index].isOrphaned = true }
    }

    mutating func orphanAttributes() {
        for index in pendingAttributes.indices { pendingAttributes[index].isOrphaned = true }
    }

    /// The newest version that a sync may raise, taken out with all before it.
    private static func raise<Value>(
        _ versions: inout [PendingVersion<Value>], spoils: Bool
    ) -> Value? {
        guard let last = versions.lastIndex(where: { !$0.isOrphaned }) else { return nil }
        if spoils && versions.contains(where: { $0.isOrphaned }) { return nil }
        let value = versions[last].value
        versions.removeSubrange(...last)
        return value
    }

    /// Raises sector by sector, since some have versions that no sync brings back.
    private mutating func raiseSectorsAroundOrphans(spoils: Bool) {
        var remaining: [PendingWrite] = []
        let sectors = Set(pendingWrites.flatMap { Array($0.sectors) }).sorted()
        for sector in sectors {
            let versions = pendingWrites.filter { $0.sectors.contains(sector) }
            let isSpoiled = spoils && versions.contains { $0.isOrphaned }
            let raised = isSpoiled ? nil : versions.lastIndex { !$0.isOrphaned }
            if let raised {
                let end = (sector + 1) * bytesPerSector
                if durableContents.count < end {
                    durableContents.append(
                        contentsOf: repeatElement(0, count: end - durableContents.count))
                }
                durableContents.replaceSubrange(
                    (end - bytesPerSector)..<end, with: versions[raised].sector(sector))
            }
            for version in versions.suffix(from: raised.map { $0 + 1 } ?? 0) {
                var alone = version
                alone.sectors = sector..<(sector + 1)
                alone.bytes = Array(version.sector(sector))
                remaining.append(alone)
            }
        }
        pendingWrites = remaining.sorted { $0.sequence < $1.sequence }
    }
}

extension PendingWrite {
    func sector(_ index: Int) -> ArraySlice<UInt8> {
        if bytes.isEmpty { return Inode.zeroSector }
        let start = (index - sectors.lowerBound) * bytesPerSector
        return bytes[start..<(start + bytesPerSector)]
    }
}
