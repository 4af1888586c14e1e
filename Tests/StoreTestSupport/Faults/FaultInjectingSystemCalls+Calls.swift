package import StoreFiles

extension FaultInjectingSystemCalls: FailingSynchronization {
    // MARK: Descriptors

    package func openDirectory(at absolutePath: String) throws(Errno) -> Descriptor {
        register(
            try perform(.openDirectory, .absolute(absolutePath)) { () throws(Errno) in
                try wrapped.openDirectory(at: absolutePath)
            }, .absolute(absolutePath))
    }

    package func open(
        _ path: String, in directory: Descriptor, _ flags: OpenFlags, mode: FileMode
    ) throws(Errno) -> Descriptor {
        let opened = try perform(.open, .name(path, in: directory)) {
            () throws(Errno) in
            try wrapped.open(path, in: directory, flags, mode: mode)
        }
        return register(opened, .name(path, in: directory))
    }

    /// The descriptor is gone either way.
    package func close(_ descriptor: Descriptor) throws(Errno) {
        let begun = try begin(.close, .descriptor(descriptor))
        if case .kill = begun.action {
            kill()
            note(.killed, begun)
            throw .killed
        }
        state.withLock { _ = $0.paths.removeValue(forKey: descriptor) }
        do throws(Errno) {
            try wrapped.close(descriptor)
            if case .fail(let error) = begun.action { throw error }
        } catch {
            note(error, begun)
            throw error
        }
    }

    // MARK: Contents

    package func read(
        _ descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int {
        let begun = try begin(.read, .descriptor(descriptor))
        do throws(Errno) {
            switch begun.action {
            case .fail(let error): throw error
            case .kill:
                kill()
                throw .killed
            case .shorten(let bytes):
                let part = UnsafeMutableRawBufferPointer(
                    rebasing: buffer[..<min(bytes, buffer.count)])
                return try wrapped.read(descriptor, into: part, at: offset)
            default: return try wrapped.read(descriptor, into: buffer, at: offset)
            }
        } catch {
            note(error, begun)
            throw error
        }
    }

    package func write(
        _ descriptor: Descriptor, from buffer: UnsafeRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int {
        let begun = try begin(.write, .descriptor(descriptor))
        do throws(Errno) {
            switch begun.action {
            case .fail(let error): throw error
            case .kill(let bytes):
                let part = UnsafeRawBufferPointer(rebasing: buffer[..<min(bytes, buffer.count)])
                if part.count > 0 { _ = try wrapped.write(descriptor, from: part, at: offset) }
                kill()
                throw .killed
            case .shorten(let bytes):
                let part = UnsafeRawBufferPointer(rebasing: buffer[..<min(bytes, buffer.count)])
                return try wrapped.write(descriptor, from: part, at: offset)
            default: return try wrapped.write(descriptor, from: buffer, at: offset)
            }
        } catch {
            note(error, begun)
            throw error
        }
    }

    package func truncate(_ descriptor: Descriptor, to size: Int64) throws(Errno) {
        try perform(.truncate, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.truncate(descriptor, to: size)
        }
    }

    // MARK: Durability

    package func synchronize(_ descriptor: Descriptor) throws(Errno) {
        try synchronize(descriptor, .all) { () throws(Errno) in
            try wrapped.synchronize(descriptor)
        }
    }

    package func synchronizeData(_ descriptor: Descriptor) throws(Errno) {
        try synchronize(descriptor, .data) { () throws(Errno) in
            try wrapped.synchronizeData(descriptor)
        }
    }

    package func synchronizeFileSystem(_ descriptor: Descriptor) throws(Errno) {
        try synchronize(descriptor, .fileSystem) { () throws(Errno) in
            try wrapped.synchronizeFileSystem(descriptor)
        }
    }

    private func synchronize(
        _ descriptor: Descriptor, _ kind: SynchronizationKind, _ call: () throws(Errno) -> Void
    ) throws(Errno) {
        let begun = try begin(SystemCallKind(kind), .descriptor(descriptor))
        do throws(Errno) {
            switch begun.action {
            case .fail(let error):
                try failSynchronization(of: descriptor, kind)
                throw error
            case .kill:
                kill()
                throw .killed
            case .skip: return
            default: try call()
            }
        } catch {
            note(error, begun)
            throw error
        }
    }

    package func failSynchronization(
        of descriptor: Descriptor, _ kind: SynchronizationKind
    ) throws(Errno) {
        try (wrapped as? any FailingSynchronization)?.failSynchronization(of: descriptor, kind)
    }

    // MARK: Status

    package func status(of descriptor: Descriptor) throws(Errno) -> FileStatus {
        try perform(.statusOfDescriptor, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.status(of: descriptor)
        }
    }

    package func status(of name: String, in directory: Descriptor) throws(Errno) -> FileStatus {
        try perform(.statusOfName, .name(name, in: directory)) { () throws(Errno) in
            try wrapped.status(of: name, in: directory)
        }
    }

    package func entries(of directory: Descriptor) throws(Errno) -> [DirectoryEntry] {
        try perform(.entries, .descriptor(directory)) { () throws(Errno) in
            try wrapped.entries(of: directory)
        }
    }

    package func fileSystemType(of descriptor: Descriptor) throws(Errno) -> Int64 {
        try perform(.fileSystemType, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.fileSystemType(of: descriptor)
        }
    }

    // MARK: Names

    package func makeDirectory(
        _ name: String, in directory: Descriptor, mode: FileMode
    ) throws(Errno) {
        try perform(.makeDirectory, .name(name, in: directory)) { () throws(Errno) in
            try wrapped.makeDirectory(name, in: directory, mode: mode)
        }
    }

    package func link(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor
    ) throws(Errno) {
        try perform(.link, .name(newName, in: newDirectory)) { () throws(Errno) in
            try wrapped.link(name, in: directory, to: newName, in: newDirectory)
        }
    }

    package func unlink(_ name: String, in directory: Descriptor) throws(Errno) {
        try perform(.unlink, .name(name, in: directory)) { () throws(Errno) in
            try wrapped.unlink(name, in: directory)
        }
    }

    package func removeDirectory(_ name: String, in directory: Descriptor) throws(Errno) {
        try perform(.removeDirectory, .name(name, in: directory)) {
            () throws(Errno) in
            try wrapped.removeDirectory(name, in: directory)
        }
    }

    package func rename(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor, _ how: RenameBehavior
    ) throws(Errno) {
        try perform(.rename, .name(newName, in: newDirectory)) { () throws(Errno) in
            try wrapped.rename(name, in: directory, to: newName, in: newDirectory, how)
        }
    }

    // MARK: Attributes

    package func setMode(of descriptor: Descriptor, to mode: FileMode) throws(Errno) {
        try perform(.setMode, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.setMode(of: descriptor, to: mode)
        }
    }

    package func setOwner(
        of descriptor: Descriptor, user: UInt32, group: UInt32
    ) throws(Errno) {
        try perform(.setOwner, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.setOwner(of: descriptor, user: user, group: group)
        }
    }

    package func setModificationTime(
        of descriptor: Descriptor, to time: Timestamp
    ) throws(Errno) {
        try perform(.setModificationTime, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.setModificationTime(of: descriptor, to: time)
        }
    }

    package func extendedAttributeNames(of descriptor: Descriptor) throws(Errno) -> [String] {
        try perform(.extendedAttributeNames, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.extendedAttributeNames(of: descriptor)
        }
    }

    package func extendedAttribute(
        _ name: String, of descriptor: Descriptor
    ) throws(Errno) -> [UInt8] {
        try perform(.extendedAttribute, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.extendedAttribute(name, of: descriptor)
        }
    }

    package func setExtendedAttribute(
        _ name: String, of descriptor: Descriptor, to value: [UInt8]
    ) throws(Errno) {
        try perform(.setExtendedAttribute, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.setExtendedAttribute(name, of: descriptor, to: value)
        }
    }

    // MARK: Locks

    package func tryLockExclusively(_ descriptor: Descriptor) throws(Errno) -> Bool {
        try perform(.tryLockExclusively, .descriptor(descriptor)) { () throws(Errno) in
            try wrapped.tryLockExclusively(descriptor)
        }
    }

    // MARK: Processes, clock, chance

    package func liveness(ofProcess process: Int32) -> ProcessLiveness {
        wrapped.liveness(ofProcess: process)
    }
    package func startTime(ofProcess process: Int32) -> UInt64? {
        wrapped.startTime(ofProcess: process)
    }
    package var processIdentifier: Int32 { wrapped.processIdentifier }
    package var effectiveUser: UInt32 { wrapped.effectiveUser }
    package var bootIdentifier: String { wrapped.bootIdentifier }
    package func now() -> Timestamp { wrapped.now() }
    package func monotonicNanoseconds() -> UInt64 { wrapped.monotonicNanoseconds() }
    /// The dead do not sleep.
    package func sleep(nanoseconds: UInt64) {
        if isKilled { return }
        wrapped.sleep(nanoseconds: nanoseconds)
        gate?.pause()
    }
    package func randomBytes(_ count: Int) -> [UInt8] { wrapped.randomBytes(count) }
}
