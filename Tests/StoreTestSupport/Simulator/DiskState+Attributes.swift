internal import StoreFiles

/// Modes, owners, times, extended attributes, locks.
extension DiskState {
    mutating func setMode(
        of descriptor: Descriptor, to mode: FileMode, for process: Int32
    ) throws(Errno) {
        let slot = try file(descriptor, of: process).slot
        try requireOwnership(of: slot)
        changeAttributes(of: slot) { $0.mode = mode }
    }

    mutating func setOwner(
        of descriptor: Descriptor, user: UInt32, group: UInt32, for process: Int32
    ) throws(Errno) {
        let slot = try file(descriptor, of: process).slot
        let old = self[slot].attributes
        if configuration.effectiveUser != 0 {
            try requireOwnership(of: slot)
            guard user == old.user, group == old.group || group == configuration.effectiveGroup
            else { throw .notPermitted }
        }
        changeAttributes(of: slot) {
            $0.user = user
            $0.group = group
        }
    }

    mutating func setModificationTime(
        of descriptor: Descriptor, to time: Timestamp, for process: Int32
    ) throws(Errno) {
        let slot = try file(descriptor, of: process).slot
        try requireOwnership(of: slot)
        guard (0..<1_000_000_000).contains(time.nanoseconds) else { throw .invalid }
        // A version of the attributes that changes none: with it come the times.
        changeAttributes(of: slot) { _ in }
        self[slot].times.modified = time
    }

    func extendedAttributeNames(
        of descriptor: Descriptor, for process: Int32
    ) throws(Errno) -> [String] {
        let slot = try file(descriptor, of: process).slot
        return self[slot].attributes.extended.map { String(decoding: $0.name, as: UTF8.self) }
    }

    func extendedAttribute(
        _ name: String, of descriptor: Descriptor, for process: Int32
    ) throws(Errno) -> [UInt8] {
        let slot = try file(descriptor, of: process).slot
        try requireAccess(.read, to: slot)
        let name = try attributeName(name, of: slot, orElse: .noData)
        guard let found = self[slot].attributes.extended.first(where: { $0.name == name }) else {
            throw .noData
        }
        return found.value
    }

    mutating func setExtendedAttribute(
        _ name: String, of descriptor: Descriptor, to value: [UInt8], for process: Int32
    ) throws(Errno) {
        let slot = try file(descriptor, of: process).slot
        try requireAccess(.write, to: slot)
        let name = try attributeName(name, of: slot, orElse: .notPermitted)
        changeAttributes(of: slot) { attributes in
            attributes.extended.removeAll { $0.name == name }
            attributes.extended.append(ExtendedAttribute(name: name, value: value))
        }
    }

    /// Only users' attributes are known, and only files and directories have them; for others
    /// `refusal` is thrown.
    private func attributeName(
        _ name: String, of slot: InodeSlot, orElse refusal: Errno
    ) throws(Errno) -> [UInt8] {
        guard name.utf8.starts(with: "user.".utf8) else { throw .notSupported }
        let kind = self[slot].kind
        if kind != .regular && kind != .directory { throw refusal }
        if name.utf8.count == 5 { throw .invalid }
        return Array(name.utf8)
    }

    private mutating func changeAttributes(
        of slot: InodeSlot, _ change: (inout FileAttributes) -> Void
    ) {
        beginChange()
        var attributes = self[slot].attributes
        change(&attributes)
        self[slot].setAttributes(attributes, sequence: sequence)
        self[slot].times.changed = fileTime()
    }

    mutating func tryLockExclusively(
        _ descriptor: Descriptor, for process: Int32
    ) throws(Errno) -> Bool {
        let file = try file(descriptor, of: process)
        guard file.flags.contains(.write) else { throw .badDescriptor }
        let isTaken = openFiles.indices.contains { index in
            index != Int(descriptor) && openFiles[index]?.slot == file.slot
                && openFiles[index]?.holdsLock == true
        }
        if isTaken { return false }
        openFiles[Int(descriptor)]?.holdsLock = true
        return true
    }
}
