package import StoreFiles

/// The real system with something happening at chosen calls.
package struct HookedSystemCalls: SystemCalls {
    let base = LinuxSystemCalls()
    /// The most bytes that one read or write does.
    package var longestRead = Int.max
    package var longestWrite = Int.max
    package var onSynchronize: @Sendable () throws(Errno) -> Void = { () throws(Errno) in }
    package var onClose: @Sendable () throws(Errno) -> Void = { () throws(Errno) in }
    /// Before a rename: name, new name, how.
    package var onRename: @Sendable (String, String, RenameBehavior) throws(Errno) -> Void = {
        (_, _, _) throws(Errno) in
    }
    package var afterRename: @Sendable (String, String, RenameBehavior) -> Void = { _, _, _ in }
    package var onLink: @Sendable () throws(Errno) -> Void = { () throws(Errno) in }
    package var onUnlink: @Sendable (String) throws(Errno) -> Void = { (_) throws(Errno) in }
    package var onSetOwner: @Sendable () throws(Errno) -> Void = { () throws(Errno) in }
    /// After a file was made or opened.
    package var afterOpen: @Sendable (String, Descriptor) -> Void = { _, _ in }
    /// Before a name is opened.
    package var onOpen: @Sendable (String) throws(Errno) -> Void = { (_) throws(Errno) in }
    package var onLock: @Sendable () throws(Errno) -> Void = { () throws(Errno) in }
    package var onSleep: @Sendable (UInt64) -> Void = { LinuxSystemCalls().sleep(nanoseconds: $0) }
    package var livenessOfProcess: (@Sendable (Int32) -> ProcessLiveness)?
    package var startTimeOfProcess: (@Sendable (Int32) -> UInt64?)?
    package var boot: String?
    package var user: UInt32?
    package var fileSystem: Int64?
    package var chance: (@Sendable (Int) -> [UInt8])?
    package var clock: (@Sendable () -> Timestamp)?

    package init(longestRead: Int = .max, longestWrite: Int = .max) {
        self.longestRead = longestRead
        self.longestWrite = longestWrite
    }

    package func openDirectory(at absolutePath: String) throws(Errno) -> Descriptor {
        try base.openDirectory(at: absolutePath)
    }
    package func open(
        _ path: String, in directory: Descriptor, _ flags: OpenFlags, mode: FileMode
    ) throws(Errno) -> Descriptor {
        try onOpen(path)
        let descriptor = try base.open(path, in: directory, flags, mode: mode)
        afterOpen(path, descriptor)
        return descriptor
    }
    package func close(_ descriptor: Descriptor) throws(Errno) {
        try base.close(descriptor)
        try onClose()
    }
    package func read(
        _ descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(longestRead))
        return try base.read(descriptor, into: part, at: offset)
    }
    package func write(
        _ descriptor: Descriptor, from buffer: UnsafeRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int {
        if longestWrite == 0 { return 0 }
        let part = UnsafeRawBufferPointer(rebasing: buffer.prefix(longestWrite))
        return try base.write(descriptor, from: part, at: offset)
    }
    package func truncate(_ descriptor: Descriptor, to size: Int64) throws(Errno) {
        try base.truncate(descriptor, to: size)
    }
    package func synchronize(_ descriptor: Descriptor) throws(Errno) {
        try onSynchronize()
        try base.synchronize(descriptor)
    }
    package func synchronizeData(_ descriptor: Descriptor) throws(Errno) {
        try onSynchronize()
        try base.synchronizeData(descriptor)
    }
    package func synchronizeFileSystem(_ descriptor: Descriptor) throws(Errno) {
        try base.synchronizeFileSystem(descriptor)
    }
    package func status(of descriptor: Descriptor) throws(Errno) -> FileStatus {
        try base.status(of: descriptor)
    }
    package func status(of name: String, in directory: Descriptor) throws(Errno) -> FileStatus {
        try base.status(of: name, in: directory)
    }
    package func entries(of directory: Descriptor) throws(Errno) -> [DirectoryEntry] {
        try base.entries(of: directory)
    }
    package func fileSystemType(of descriptor: Descriptor) throws(Errno) -> Int64 {
        if let fileSystem { return fileSystem }
        return try base.fileSystemType(of: descriptor)
    }
    package func makeDirectory(_ name: String, in directory: Descriptor, mode: FileMode)
        throws(Errno)
    {
        try base.makeDirectory(name, in: directory, mode: mode)
    }
    package func link(
        _ name: String, in directory: Descriptor, to newName: String, in newDirectory: Descriptor
    ) throws(Errno) {
        try onLink()
        try base.link(name, in: directory, to: newName, in: newDirectory)
    }
    package func unlink(_ name: String, in directory: Descriptor) throws(Errno) {
        try onUnlink(name)
        try base.unlink(name, in: directory)
    }
    package func removeDirectory(_ name: String, in directory: Descriptor) throws(Errno) {
        try base.removeDirectory(name, in: directory)
    }
    package func rename(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor, _ how: RenameBehavior
    ) throws(Errno) {
        try onRename(name, newName, how)
        try base.rename(name, in: directory, to: newName, in: newDirectory, how)
        afterRename(name, newName, how)
    }
    package func setMode(of descriptor: Descriptor, to mode: FileMode) throws(Errno) {
        try base.setMode(of: descriptor, to: mode)
    }
    package func setOwner(of descriptor: Descriptor, user: UInt32, group: UInt32) throws(Errno) {
        try onSetOwner()
        try base.setOwner(of: descriptor, user: user, group: group)
    }
    package func setModificationTime(of descriptor: Descriptor, to time: Timestamp) throws(Errno) {
        try base.setModificationTime(of: descriptor, to: time)
    }
    package func extendedAttributeNames(of descriptor: Descriptor) throws(Errno) -> [String] {
        try base.extendedAttributeNames(of: descriptor)
    }
    package func extendedAttribute(_ name: String, of descriptor: Descriptor) throws(Errno)
        -> [UInt8]
    {
        try base.extendedAttribute(name, of: descriptor)
    }
    package func setExtendedAttribute(
        _ name: String, of descriptor: Descriptor, to value: [UInt8]
    ) throws(Errno) {
        try base.setExtendedAttribute(name, of: descriptor, to: value)
    }
    package func tryLockExclusively(_ descriptor: Descriptor) throws(Errno) -> Bool {
        try onLock()
        return try base.tryLockExclusively(descriptor)
    }
    package func unlock(_ descriptor: Descriptor) { base.unlock(descriptor) }
    package func liveness(ofProcess process: Int32) -> ProcessLiveness {
        livenessOfProcess?(process) ?? base.liveness(ofProcess: process)
    }
    package func startTime(ofProcess process: Int32) -> UInt64? {
        guard let startTimeOfProcess else { return base.startTime(ofProcess: process) }
        return startTimeOfProcess(process)
    }
    package var processIdentifier: Int32 { base.processIdentifier }
    package var effectiveUser: UInt32 { user ?? base.effectiveUser }
    package var bootIdentifier: String { boot ?? base.bootIdentifier }
    package func now() -> Timestamp { clock?() ?? base.now() }
    package func monotonicNanoseconds() -> UInt64 { base.monotonicNanoseconds() }
    package func sleep(nanoseconds: UInt64) { onSleep(nanoseconds) }
    package func randomBytes(_ count: Int) -> [UInt8] { chance?(count) ?? base.randomBytes(count) }
}
