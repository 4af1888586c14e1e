internal import StoreCodecs
package import StoreFiles

/// Tells where the log keeps a content, so that no content is kept twice.
///
/// It is a hint and nothing depends on it: an entry that is lost costs the space of one more copy,
/// and what an entry says is believed only when the log's record agrees. So it is never synced, and
/// every error in reading or writing it means no more than that it does not know.
///
/// A hash table in a file: a header of 32 bytes, then slots of 32 bytes, found by the digest's
/// first bytes and probed one after the other. docs/store-format.md has the details.
package struct ContentIndex: ~Copyable {
    private let system: any SystemCalls
    private let control: Descriptor
    private var file: OwnedDescriptor?
    /// Of `file`; negative where there is none.
    private var descriptor: Descriptor = -1
    private var slotCount: UInt64 = 0
    private var usedCount: UInt64 = 0

    private static let magic = Array("CFSIDX1\n".utf8)
    private static let headerLength = 32
    private static let slotLength = 32
    private static let firstSlotCount: UInt64 = 256

    package init(system: any SystemCalls, control: Descriptor) {
        self.system = system
        self.control = control
        do throws(Errno) {
            let opened = try system.openOwned(
                ControlNames.contentIndex, in: control, [.read, .write])
            let header = try system.readRange(
                opened.descriptor, at: 0, count: Self.headerLength)
            let size = try system.status(of: opened.descriptor).size
            let slots = UInt64(littleEndian: header, at: 8)
            guard header.starts(with: Self.magic), slots.nonzeroBitCount == 1, slots < 1 << 40,
                size == Int64(Self.headerLength) + Int64(slots) * Int64(Self.slotLength)
            else { return }
            slotCount = slots
            usedCount = UInt64(littleEndian: header, at: 16)
            descriptor = opened.descriptor
            file = consume opened
        } catch {}
    }

    /// Where the log keeps a content with this digest, as far as is known.
    func location(of digest: Digest) -> ContentLocation? {
        guard let slot = find(digest), case .used(let location) = slot.state else { return nil }
        return location
    }

    /// Remembers where a transaction's contents lie.
    mutating func insert(_ record: TransactionRecord) {
        for change in record.changes {
            if case .present(let state) = change.before { insert(state) }
            if let state = change.after { insert(state) }
        }
        writeHeader()
    }

    private mutating func insert(_ state: DocumentState) {
        guard let location = state.location else { return }
        if slotCount == 0 || usedCount * 2 > slotCount { grow() }
        guard descriptor >= 0, let slot = find(state.digest) else { return }
        if case .used(location) = slot.state { return }
        if case .free = slot.state { usedCount += 1 }
        write(Self.encode(state.digest, location), at: slot.number)
    }

    // MARK: Slots

    private enum SlotState {
        case free
        case used(ContentLocation)
    }

    private func find(_ digest: Digest) -> (number: UInt64, state: SlotState)? {
        guard slotCount > 0, descriptor >= 0 else { return nil }
        let key = digest.bytes
        var number = UInt64(littleEndian: key, at: 0) & (slotCount - 1)
        for _ in 0..<min(slotCount, 4096) {
            guard
                let slot = try? system.readRange(
                    descriptor, at: Self.offset(ofSlot: number), count: Self.slotLength),
                slot.count == Self.slotLength
            else { return nil }
            let location = ContentLocation(
                segment: UInt64(littleEndian: slot, at: 16),
                offset: UInt64(littleEndian: slot, at: 24))
            if location.segment == 0 { return (number, .free) }
            if slot[..<16].elementsEqual(key[..<16]) { return (number, .used(location)) }
            number = (number + 1) & (slotCount - 1)
        }
        return nil
    }

    private static func offset(ofSlot number: UInt64) -> Int64 {
        Int64(headerLength) + Int64(number) * Int64(slotLength)
    }

    private static func encode(_ digest: Digest, _ location: ContentLocation) -> [UInt8] {
        var slot = Array(digest.bytes[..<16])
        slot.appendLittleEndian(location.segment)
        slot.appendLittleEndian(location.offset)
        return slot
    }

    private mutating func write(_ bytes: [UInt8], at number: UInt64) {
        guard descriptor >= 0 else { return }
        do throws(Errno) {
            try system.writeAll(descriptor, bytes, at: Self.offset(ofSlot: number))
        } catch {
            forget()
        }
    }

    private mutating func writeHeader() {
        guard descriptor >= 0 else { return }
        var header = Self.magic
        header.appendLittleEndian(slotCount)
        header.appendLittleEndian(usedCount)
        header.appendLittleEndian(UInt64(0))
        do throws(Errno) {
            try system.writeAll(descriptor, header, at: 0)
        } catch {
            forget()
        }
    }

    // MARK: Growing

    /// Twice the slots, in a new file that takes the old one's place.
    private mutating func grow() {
        let old = allSlots()
        let count = max(Self.firstSlotCount, slotCount * 2)
        let temporary = ControlNames.contentIndex + ".tmp"
        do throws(Errno) {
            try? system.unlink(temporary, in: control)
            let new = try system.openOwned(
                temporary, in: control, [.read, .write, .create, .exclusive])
            var table = [UInt8](repeating: 0, count: Int(count) * Self.slotLength)
            for slot in old {
                var number = Int(UInt64(littleEndian: slot, at: 0) & (count - 1))
                while UInt64(littleEndian: table, at: number * Self.slotLength + 16) != 0 {
                    number = (number + 1) & Int(count - 1)
                }
                let start = number * Self.slotLength
                table.replaceSubrange(start..<start + Self.slotLength, with: slot)
            }
            try system.writeAll(new.descriptor, table, at: Int64(Self.headerLength))
            try system.rename(
                temporary, in: control, to: ControlNames.contentIndex, in: control, .replace)
            descriptor = new.descriptor
            file = consume new
            slotCount = count
            usedCount = UInt64(old.count)
            writeHeader()
        } catch {
            forget()
        }
    }

    private func allSlots() -> [ArraySlice<UInt8>] {
        guard slotCount > 0, descriptor >= 0,
            let table = try? system.readRange(
                descriptor, at: Int64(Self.headerLength), count: Int(slotCount) * Self.slotLength)
        else { return [] }
        return stride(from: 0, to: table.count - Self.slotLength + 1, by: Self.slotLength)
            .map { table[$0..<$0 + Self.slotLength] }
            .filter { UInt64(littleEndian: $0, at: 16) != 0 }
    }

    /// After an error: begin anew next time.
    private mutating func forget() {
        file = nil
        descriptor = -1
        slotCount = 0
        usedCount = 0
        try? system.unlink(ControlNames.contentIndex, in: control)
    }
}

extension UInt64 {
    /// Eight bytes, counted from the collection's own beginning; 0 where they are not there.
    fileprivate init(littleEndian bytes: some RandomAccessCollection<UInt8>, at offset: Int) {
        guard bytes.count >= offset + 8 else {
            self = 0
            return
        }
        let start = bytes.index(bytes.startIndex, offsetBy: offset)
        self = 0
        for (shift, byte) in bytes[start...].prefix(8).enumerated() {
            self |= UInt64(byte) << (8 * UInt64(shift))
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendLittleEndian(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
