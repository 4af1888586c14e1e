package import StoreFiles

extension SimulatedDisk: SystemCalls {
    // MARK: Descriptors

    package func openDirectory(at absolutePath: String) throws(Errno) -> Descriptor {
        try change { state throws(Errno) in
            try state.openDirectory(at: absolutePath, for: processIdentifier)
        }
    }

    package func open(
        _ path: String, in directory: Descriptor, _ flags: OpenFlags, mode: FileMode
    ) throws(Errno) -> Descriptor {
        try change { state throws(Errno) in
            try state.open(path, in: directory, flags, mode: mode, for: processIdentifier)
        }
    }

    package func close(_ descriptor: Descriptor) throws(Errno) {
        try change { state throws(Errno) in
            _ = try state.file(descriptor, of: processIdentifier)
            state.closeDescriptor(Int(descriptor))
        }
    }

    // MARK: Contents

    package func read(
        _ descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int {
        try look { state throws(Errno) in
            try state.read(descriptor, into: buffer, at: offset, for: processIdentifier)
        }
    }

    package func write(
        _ descriptor: Descriptor, from buffer: UnsafeRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int {
        try change { state throws(Errno) in
            try state.write(descriptor, from: buffer, at: offset, for: processIdentifier)
        }
    }

    package func truncate(_ descriptor: Descriptor, to size: Int64) throws(Errno) {
        try change { state throws(Errno) in
            try state.truncate(descriptor, to: size, for: processIdentifier)
        }
    }

    // MARK: Durability

    package func synchronize(_ descriptor: Descriptor) throws(Errno) {
        try synchronize(descriptor, .all)
    }

    package func synchronizeData(_ descriptor: Descriptor) throws(Errno) {
        try synchronize(descriptor, .data)
    }

    package func synchronizeFileSystem(_ descriptor: Descriptor) throws(Errno) {
        try synchronize(descriptor, .fileSystem)
    }

    private func synchronize(
        _ descriptor: Descriptor, _ kind: SynchronizationKind
    ) throws(Errno) {
        try machine.core.withLock { core throws(Errno) in
            let slot = try core.state.file(descriptor, of: processIdentifier).slot
            core.record(.beforeSync(slot, kind))
            try core.state.synchronize(descriptor, kind, for: processIdentifier)
        }
    }

    /// What a disk does that fails a sync: nothing pending gets durable, now or by a later sync,
    /// and programs go on seeing it until the power goes. The caller reports the error.
    package func failSynchronization(
        of descriptor: Descriptor, _ kind: SynchronizationKind
    ) throws(Errno) {
        try machine.core.withLock { core throws(Errno) in
            let slot = try core.state.file(descriptor, of: processIdentifier).slot
            core.record(.beforeSync(slot, kind))
            try core.state.failSynchronization(descriptor, kind, for: processIdentifier)
        }
    }

    // MARK: Status

    package func status(of descriptor: Descriptor) throws(Errno) -> FileStatus {
        try look { state throws(Errno) in
            state.status(of: try state.file(descriptor, of: processIdentifier).slot)
        }
    }

    package func status(
        of name: String, in directory: Descriptor
    ) throws(Errno) -> FileStatus {
        try look { state throws(Errno) in
            try state.status(of: name, in: directory, for: processIdentifier)
        }
    }

    package func entries(of directory: Descriptor) throws(Errno) -> [DirectoryEntry] {
        try look { state throws(Errno) in
            try state.entries(of: directory, for: processIdentifier)
        }
    }

    package func fileSystemType(of descriptor: Descriptor) throws(Errno) -> Int64 {
        try look { state throws(Errno) in
            _ = try state.file(descriptor, of: processIdentifier)
            return state.configuration.fileSystemType
        }
    }

    // MARK: Names

    package func makeDirectory(
        _ name: String, in directory: Descriptor, mode: FileMode
    ) throws(Errno) {
        try change { state throws(Errno) in
            try state.makeDirectory(name, in: directory, mode: mode, for: processIdentifier)
        }
    }

    package func link(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor
    ) throws(Errno) {
        try change { state throws(Errno) in
            try state.link(
                name, in: directory, to: newName, in: newDirectory, for: processIdentifier)
        }
    }

    package func unlink(_ name: String, in directory: Descriptor) throws(Errno) {
        try change { state throws(Errno) in
            try state.unlink(name, in: directory, for: processIdentifier)
        }
    }

    package func removeDirectory(_ name: String, in directory: Descriptor) throws(Errno) {
        try change { state throws(Errno) in
            try state.removeDirectory(name, in: directory, for: processIdentifier)
        }
    }

    package func rename(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor, _ how: RenameBehavior
    ) throws(Errno) {
        try change { state throws(Errno) in
            try state.rename(
                name, in: directory, to: newName, in: newDirectory, how, for: processIdentifier)
        }
    }

    // MARK: Attributes

    package func setMode(of descriptor: Descriptor, to mode: FileMode) throws(Errno) {
        try change { state throws(Errno) in
            try state.setMode(of: descriptor, to: mode, for: processIdentifier)
        }
    }

    package func setOwner(
        of descriptor: Descriptor, user: UInt32, group: UInt32
    ) throws(Errno) {
        try change { state throws(Errno) in
            try state.setOwner(
                of: descriptor, user: user, group: group, for: processIdentifier)
        }
    }

    package func setModificationTime(
        of descriptor: Descriptor, to time: Timestamp
    ) throws(Errno) {
        try change { state throws(Errno) in
            try state.setModificationTime(of: descriptor, to: time, for: processIdentifier)
        }
    }

    package func extendedAttributeNames(
        of descriptor: Descriptor
    ) throws(Errno) -> [String] {
        try look { state throws(Errno) in
            try state.extendedAttributeNames(of: descriptor, for: processIdentifier)
        }
    }

    package func extendedAttribute(
        _ name: String, of descriptor: Descriptor
    ) throws(Errno) -> [UInt8] {
        try look { state throws(Errno) in
            try state.extendedAttribute(name, of: descriptor, for: processIdentifier)
        }
    }

    package func setExtendedAttribute(
        _ name: String, of descriptor: Descriptor, to value: [UInt8]
    ) throws(Errno) {
        try change { state throws(Errno) in
            try state.setExtendedAttribute(
                name, of: descriptor, to: value, for: processIdentifier)
        }
    }

    // MARK: Locks

    package func tryLockExclusively(_ descriptor: Descriptor) throws(Errno) -> Bool {
        try change { state throws(Errno) in
            try state.tryLockExclusively(descriptor, for: processIdentifier)
        }
    }

    // MARK: Processes, clock, chance

    package func liveness(ofProcess process: Int32) -> ProcessLiveness {
        look { state in
            state.processes.first { $0.identifier == process }?.liveness ?? .noSuchProcess
        }
    }

    package func startTime(ofProcess process: Int32) -> UInt64? {
        look { state in state.processes.first { $0.identifier == process }?.startTime }
    }

    package var effectiveUser: UInt32 { look { $0.configuration.effectiveUser } }

    package var bootIdentifier: String { look { "simulated-boot-\($0.bootNumber)" } }

    package func now() -> Timestamp {
        change { state in
            state.clockNanoseconds += state.configuration.nanosecondsPerCall
            return Timestamp(nanosecondsSince1970: state.clockNanoseconds)
        }
    }

    package func monotonicNanoseconds() -> UInt64 {
        change { state in
            state.clockNanoseconds += state.configuration.nanosecondsPerCall
            return state.clockNanoseconds - state.bootNanoseconds
        }
    }

    package func sleep(nanoseconds: UInt64) {
        change { $0.clockNanoseconds += nanoseconds }
    }

    package func randomBytes(_ count: Int) -> [UInt8] {
        change { state in
            (0..<count).map { _ in UInt8(truncatingIfNeeded: state.random.next() >> 32) }
        }
    }
}
