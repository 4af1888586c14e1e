private import CPlatform
internal import Synchronization

/// The real thing: every call goes straight to the kernel. What differs on Darwin is settled in
/// `CPlatform`, so the name tells where it is at home and not where alone it runs.
public struct LinuxSystemCalls: SystemCalls {
    public init() {}

    // MARK: Descriptors

    public func openDirectory(at absolutePath: String) throws(Errno) -> Descriptor {
        try checkForNUL(absolutePath)
        return try check(store_open_directory(absolutePath))
    }

    public func open(
        _ path: String, in directory: Descriptor, _ flags: OpenFlags, mode: FileMode
    ) throws(Errno) -> Descriptor {
        try checkForNUL(path)
        let result = store_open_beneath(directory, path, flags.native, UInt32(mode.bits))
        // Kernels before 5.6 have no openat2; older container filters answer EPERM for a call they
        // have never heard of. Where EPERM is genuine, the other way meets it again.
        if result == -ENOSYS || result == -EPERM {
            return try openByComponents(path, in: directory, flags, mode: mode)
        }
        return try check(result)
    }

    /// One component after another, none of which may be a link: what `openat2` does in one call.
    /// `..` is refused, since a directory that is moved meanwhile would lead out.
    package func openByComponents(
        _ path: String, in directory: Descriptor, _ flags: OpenFlags, mode: FileMode
    ) throws(Errno) -> Descriptor {
        let components = path.utf8.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: true)
        if path.utf8.isEmpty { throw .noEntry }
        if path.utf8.first == UInt8(ascii: "/") { throw .crossDevice }
        for component in components where component.elementsEqual("..".utf8) { throw .crossDevice }
        guard let last = components.last else { throw .noEntry }

        var current = directory
        var owned = false
        defer { if owned { _ = store_close(current) } }
        for component in components.dropLast() {
            let next = try check(
                store_open_component(
                    current, String(Substring(component)), O_RDONLY | O_DIRECTORY, 0))
            if owned { _ = store_close(current) }
            current = next
            owned = true
        }
        return try check(
            store_open_component(
                current, String(Substring(last)), flags.native, UInt32(mode.bits)))
    }

    public func close(_ descriptor: Descriptor) throws(Errno) {
        try check(store_close(descriptor))
    }

    // MARK: Contents

    public func read(
        _ descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int {
        try check(store_pread(descriptor, buffer.baseAddress, buffer.count, offset))
    }

    public func write(
        _ descriptor: Descriptor, from buffer: UnsafeRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int {
        try check(store_pwrite(descriptor, buffer.baseAddress, buffer.count, offset))
    }

    public func beginWritingOut(_ descriptor: Descriptor, from offset: Int64, count: Int64) {
        store_begin_writing_out(descriptor, offset, count)
    }

    public func truncate(_ descriptor: Descriptor, to size: Int64) throws(Errno) {
        try check(store_truncate(descriptor, size))
    }

    // MARK: Durability

    public func synchronize(_ descriptor: Descriptor) throws(Errno) {
        try check(store_fsync(descriptor))
    }

    public func synchronizeData(_ descriptor: Descriptor) throws(Errno) {
        try check(store_fdatasync(descriptor))
    }

    public func synchronizeFileSystem(_ descriptor: Descriptor) throws(Errno) {
        try check(store_syncfs(descriptor))
    }

    /// At the same time: the kernel then makes them durable with one commit of the file system's
    /// journal, where one after the other would take one each.
    public func synchronize(all files: [Synchronization]) throws(Errno) {
        guard let first = files.first else { return }
        let others = Array(files.dropFirst())
        guard !others.isEmpty else { return try synchronize(first) }
        let failureOfOthers = Mutex<Errno?>(nil)
        var failure: Errno?
        // The first always on the caller's thread: what a trace of the program shows is then the same
        // each time.
        WorkerThreads.alongside {
            let errors = WorkerThreads.map(others, threads: Self.syncsAtOnce) { file -> Errno? in
                do throws(Errno) {
                    try synchronize(file)
                    return nil
                } catch {
                    return error
                }
            }
            failureOfOthers.withLock { $0 = errors.lazy.compactMap(\.self).first }
        } do: {
            do throws(Errno) { try synchronize(first) } catch { failure = error }
        }
        if let failure = failure ?? failureOfOthers.withLock({ $0 }) { throw failure }
    }

    /// These threads only wait, so there may be more of them than processors.
    private static let syncsAtOnce = 8

    // MARK: Status

    public func status(of descriptor: Descriptor) throws(Errno) -> FileStatus {
        var native = store_file_status()
        try check(store_fstat(descriptor, &native))
        return FileStatus(native)
    }

    public func status(of name: String, in directory: Descriptor) throws(Errno) -> FileStatus {
        try checkForNUL(name)
        var native = store_file_status()
        try check(store_fstatat(directory, name, &native))
        return FileStatus(native)
    }

    public func entries(of directory: Descriptor) throws(Errno) -> [DirectoryEntry] {
        var listing: UnsafeMutablePointer<UInt8>?
        var length = 0
        try check(store_list_directory(directory, &listing, &length))
        defer { free(listing) }
        let bytes = UnsafeRawBufferPointer(start: listing, count: length)
        var entries: [DirectoryEntry] = []
        // A record is three bytes and a name; this guess saves most of the growing.
        entries.reserveCapacity(length / 20)
        var position = 0
        while position < length {
            let kind = FileKind(directoryEntryType: bytes[position])
            let count = Int(bytes.loadUnaligned(fromByteOffset: position + 1, as: UInt16.self))
            let name = UnsafeRawBufferPointer(
                rebasing: bytes[(position + 3)..<(position + 3 + count)])
            entries.append(DirectoryEntry(name: Array(name), kind: kind))
            position += 3 + count
        }
        return entries
    }

    public func fileSystemType(of descriptor: Descriptor) throws(Errno) -> Int64 {
        var type: Int64 = 0
        try check(store_file_system_type(descriptor, &type))
        return type
    }

    // MARK: Names

    public func makeDirectory(
        _ name: String, in directory: Descriptor, mode: FileMode
    ) throws(Errno) {
        try checkForNUL(name)
        try check(store_mkdir(directory, name, UInt32(mode.bits)))
    }

    public func link(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor
    ) throws(Errno) {
        try checkForNUL(name)
        try checkForNUL(newName)
        try check(store_link(directory, name, newDirectory, newName))
    }

    public func unlink(_ name: String, in directory: Descriptor) throws(Errno) {
        try checkForNUL(name)
        try check(store_unlink(directory, name))
    }

    public func removeDirectory(_ name: String, in directory: Descriptor) throws(Errno) {
        try checkForNUL(name)
        try check(store_rmdir(directory, name))
    }

    public func rename(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor, _ how: RenameBehavior
    ) throws(Errno) {
        try checkForNUL(name)
        try checkForNUL(newName)
        let behavior: Int
        switch how {
        case .replace: behavior = STORE_RENAME_REPLACE
        case .noReplace: behavior = STORE_RENAME_NO_REPLACE
        case .exchange: behavior = STORE_RENAME_EXCHANGE
        }
        try check(store_rename(directory, name, newDirectory, newName, Int32(behavior)))
    }

    // MARK: Attributes

    public func setMode(of descriptor: Descriptor, to mode: FileMode) throws(Errno) {
        try check(store_fchmod(descriptor, UInt32(mode.bits)))
    }

    public func setOwner(
        of descriptor: Descriptor, user: UInt32, group: UInt32
    ) throws(Errno) {
        try check(store_fchown(descriptor, user, group))
    }

    public func setModificationTime(
        of descriptor: Descriptor, to time: Timestamp
    ) throws(Errno) {
        try check(store_set_modification_time(descriptor, time.seconds, time.nanoseconds))
    }

    public func extendedAttributeNames(of descriptor: Descriptor) throws(Errno) -> [String] {
        let names = try readSized { (buffer, capacity) in
            store_flistxattr(descriptor, buffer?.assumingMemoryBound(to: CChar.self), capacity)
        }
        return names.split(separator: 0).compactMap { String(validating: $0, as: UTF8.self) }
    }

    public func extendedAttribute(
        _ name: String, of descriptor: Descriptor
    ) throws(Errno) -> [UInt8] {
        try checkForNUL(name)
        return try readSized { (buffer, capacity) in
            store_fgetxattr(descriptor, name, buffer, capacity)
        }
    }

    public func setExtendedAttribute(
        _ name: String, of descriptor: Descriptor, to value: [UInt8]
    ) throws(Errno) {
        try checkForNUL(name)
        try check(store_fsetxattr(descriptor, name, value, value.count))
    }

    // MARK: Locks

    public func tryLockExclusively(_ descriptor: Descriptor) throws(Errno) -> Bool {
        try check(store_try_lock(descriptor)) == 1
    }

    public func unlock(_ descriptor: Descriptor) { store_unlock(descriptor) }

    // MARK: Processes, clock, chance

    public func liveness(ofProcess process: Int32) -> ProcessLiveness {
        // 0 and negative numbers mean groups of processes to kill(2).
        guard process > 0 else { return .noSuchProcess }
        let result = store_kill(process, 0)
        if result == -ESRCH { return .noSuchProcess }
        // One that ended and only waits for its parent to ask for its status can still be
        // signalled, but holds nothing any more.
        var isDead: Int32 = 0
        _ = store_process_start(process, &isDead)
        if isDead != 0 { return .noSuchProcess }
        return result == -EPERM ? .notPermitted : .alive
    }

    public func startTime(ofProcess process: Int32) -> UInt64? {
        var isDead: Int32 = 0
        let start = store_process_start(process, &isDead)
        return start == 0 ? nil : start
    }

    public var processIdentifier: Int32 { getpid() }
    public var effectiveUser: UInt32 { geteuid() }
    public var bootIdentifier: String { Self.bootIdentifier }

    /// Read once: it cannot change while a process lives.
    private static let bootIdentifier: String =
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            store_boot_identifier(buffer.baseAddress, buffer.count)
            return String(cString: buffer.baseAddress!)
        }

    public func now() -> Timestamp {
        var seconds: Int64 = 0
        var nanoseconds: Int32 = 0
        store_wall_clock(&seconds, &nanoseconds)
        return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    }

    public func monotonicNanoseconds() -> UInt64 { store_monotonic_nanoseconds() }
    public func sleep(nanoseconds: UInt64) { store_sleep(nanoseconds) }

    public func randomBytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            // getrandom(2) fails only for arguments that are not ours.
            let result = store_random(buffer.baseAddress, count)
            precondition(result == 0, "getrandom failed: \(Errno(code: -result))")
            filled = count
        }
    }
}

// MARK: - Results

@discardableResult
private func check<Result: SignedInteger>(_ result: Result) throws(Errno) -> Result {
    if result < 0 { throw Errno(code: Int32(-result)) }
    return result
}

/// A name with a NUL in it would reach the kernel cut short: as another name.
private func checkForNUL(_ name: String) throws(Errno) {
    if name.utf8.contains(0) { throw .invalid }
}

/// Asks for a size, then for the value, again where it has grown in between.
private func readSized(
    _ call: (UnsafeMutableRawPointer?, Int) -> Int
) throws(Errno) -> [UInt8] {
    for _ in 0..<16 {
        let size = try check(call(nil, 0))
        if size == 0 { return [] }
        var count = 0
        let value = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            count = call(UnsafeMutableRawPointer(buffer.baseAddress), size)
            filled = max(0, count)
        }
        if count == -Int(ERANGE) { continue }
        try check(count)
        return value
    }
    throw .tryAgain
}

// MARK: - Native values

extension OpenFlags {
    fileprivate var native: Int32 {
        // Whoever plants a FIFO under a name that we open must not make us wait for its other end; for
        // files and directories the flag means nothing.
        var flags = O_NONBLOCK
        switch (contains(.read), contains(.write)) {
        case (true, true): flags |= O_RDWR
        case (false, true): flags |= O_WRONLY
        default: flags |= O_RDONLY
        }
        if contains(.create) { flags |= O_CREAT }
        if contains(.exclusive) { flags |= O_EXCL }
        if contains(.directory) { flags |= O_DIRECTORY }
        return flags
    }
}

extension FileKind {
    fileprivate init(modeBits mode: UInt32) {
        switch mode & 0o170000 {
        case 0o100000: self = .regular
        case 0o040000: self = .directory
        case 0o120000: self = .symbolicLink
        case 0o010000: self = .fifo
        case 0o140000: self = .socket
        case 0o020000, 0o060000: self = .device
        default: self = .unknown
        }
    }

    /// The `DT_` values are the type bits of a mode, moved down by twelve.
    fileprivate init(directoryEntryType type: UInt8) {
        self.init(modeBits: UInt32(type) << 12)
    }
}

extension FileStatus {
    fileprivate init(_ native: store_file_status) {
        self.init(
            kind: FileKind(modeBits: native.mode),
            mode: FileMode(UInt16(native.mode & 0o7777)),
            user: native.user, group: native.group,
            size: native.size, device: native.device, inode: native.inode,
            linkCount: native.link_count,
            modified: Timestamp(
                seconds: native.modified_seconds, nanoseconds: native.modified_nanoseconds),
            changed: Timestamp(
                seconds: native.changed_seconds, nanoseconds: native.changed_nanoseconds),
            blocks: native.blocks)
    }
}
