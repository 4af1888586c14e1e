/// A file descriptor as the kernel numbers it. Owners wrap it; the seam passes it bare, because a
/// protocol with an associated noncopyable file type does not compile.
public typealias Descriptor = Int32

/// Everything this project asks of the operating system, and the seam for faults: the program
/// runs on `LinuxSystemCalls`, the tests on wrappers that fail, stop or count each call, and on a
/// simulated disk that loses power.
///
/// Rules that hold for every conformer:
/// - A `path` is relative to `directory` and is resolved beneath it, without following a symbolic
///   link anywhere (`openat2` with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`): one that leads out or
///   through a link fails with `.crossDevice`, `.tooManyLinks` or `.notDirectory`.
/// - A `name` is exactly one component of a path.
/// - A call interrupted by a signal is repeated by the conformer, except `close`, which never is
///   (`close(2)`: the descriptor is gone either way).
/// - `read` and `write` may do less than they were asked.
/// - Every descriptor is close-on-exec.
public protocol SystemCalls: Sendable {
    // MARK: Descriptors

    /// Opens a directory by any path, links followed: the way to the store itself (`open(2)` with
    /// `O_DIRECTORY`).
    func openDirectory(at absolutePath: String) throws(Errno) -> Descriptor
    /// `openat2(2)` with `O_NONBLOCK`: it never waits for the other end of a FIFO. Without `.create`,
    /// `mode` is not looked at.
    func open(
        _ path: String, in directory: Descriptor, _ flags: OpenFlags, mode: FileMode
    ) throws(Errno) -> Descriptor
    /// `close(2)`. Never repeated.
    func close(_ descriptor: Descriptor) throws(Errno)

    // MARK: Contents

    /// `pread(2)`; 0 at the end of the file.
    func read(
        _ descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int
    /// `pwrite(2)`.
    func write(
        _ descriptor: Descriptor, from buffer: UnsafeRawBufferPointer, at offset: Int64
    ) throws(Errno) -> Int
    /// Asks for what was written there to go to the disk by and by, so that a later sync has less to
    /// wait for (`sync_file_range(2)`). A hint, which makes nothing durable.
    func beginWritingOut(_ descriptor: Descriptor, from offset: Int64, count: Int64)
    /// `ftruncate(2)`.
    func truncate(_ descriptor: Descriptor, to size: Int64) throws(Errno)

    // MARK: Durability

    /// `fsync(2)`: contents, size and attributes of a file, or the entries of a directory. It does
    /// not make the entry that names the file durable.
    func synchronize(_ descriptor: Descriptor) throws(Errno)
    /// `fdatasync(2)`: contents and size.
    func synchronizeData(_ descriptor: Descriptor) throws(Errno)
    /// `syncfs(2)`: everything on the file system that holds the descriptor.
    func synchronizeFileSystem(_ descriptor: Descriptor) throws(Errno)
    /// Several of the first two kinds, in any order, or at the same time. When it returns, all of them
    /// have succeeded.
    func synchronize(all files: [Synchronization]) throws(Errno)

    // MARK: Status

    /// `fstat(2)`.
    func status(of descriptor: Descriptor) throws(Errno) -> FileStatus
    /// `fstatat(2)` with `AT_SYMLINK_NOFOLLOW`.
    func status(of name: String, in directory: Descriptor) throws(Errno) -> FileStatus
    /// All entries but `.` and `..`, in no order (`getdents64(2)`).
    func entries(of directory: Descriptor) throws(Errno) -> [DirectoryEntry]
    /// The `f_type` of `fstatfs(2)`, to recognise network file systems.
    func fileSystemType(of descriptor: Descriptor) throws(Errno) -> Int64

    // MARK: Names

    /// `mkdirat(2)`.
    func makeDirectory(_ name: String, in directory: Descriptor, mode: FileMode) throws(Errno)
    /// `linkat(2)` between names of two directories.
    func link(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor) throws(Errno)
    /// `unlinkat(2)`.
    func unlink(_ name: String, in directory: Descriptor) throws(Errno)
    /// `unlinkat(2)` with `AT_REMOVEDIR`.
    func removeDirectory(_ name: String, in directory: Descriptor) throws(Errno)
    /// `renameat2(2)`. `.exchange` needs both names to exist, `.noReplace` fails with `.exists`
    /// where the new one does.
    func rename(
        _ name: String, in directory: Descriptor, to newName: String,
        in newDirectory: Descriptor, _ how: RenameBehavior) throws(Errno)

    // MARK: Attributes

    /// `fchmod(2)`.
    func setMode(of descriptor: Descriptor, to mode: FileMode) throws(Errno)
    /// `fchown(2)`.
    func setOwner(of descriptor: Descriptor, user: UInt32, group: UInt32) throws(Errno)
    /// `futimens(2)`: the modification time; the access time stays.
    func setModificationTime(of descriptor: Descriptor, to time: Timestamp) throws(Errno)
    /// `flistxattr(2)`.
    func extendedAttributeNames(of descriptor: Descriptor) throws(Errno) -> [String]
    /// `fgetxattr(2)`.
    func extendedAttribute(_ name: String, of descriptor: Descriptor) throws(Errno) -> [UInt8]
    /// `fsetxattr(2)`.
    func setExtendedAttribute(
        _ name: String, of descriptor: Descriptor, to value: [UInt8]) throws(Errno)

    // MARK: Locks

    /// An exclusive open-file-description lock over the whole file (`F_OFD_SETLK`), without
    /// waiting: false where another open file description holds one. The kernel drops it when the
    /// last descriptor of this open file description is closed.
    func tryLockExclusively(_ descriptor: Descriptor) throws(Errno) -> Bool
    /// Drops that lock at once, also for processes that have inherited the descriptor and keep it
    /// open. Where this is not implemented, the lock ends when the last descriptor is closed.
    func unlock(_ descriptor: Descriptor)

    // MARK: Processes, clock, chance

    /// What `kill(pid, 0)` tells.
    func liveness(ofProcess process: Int32) -> ProcessLiveness
    /// When a process began, in clock ticks since boot (field 22 of `/proc/PID/stat`); nil where it
    /// cannot be known.
    func startTime(ofProcess process: Int32) -> UInt64?
    /// This process.
    var processIdentifier: Int32 { get }
    /// The effective user (`geteuid(2)`).
    var effectiveUser: UInt32 { get }
    /// One text for each boot of the machine (`/proc/sys/kernel/random/boot_id`); empty where it
    /// cannot be known.
    var bootIdentifier: String { get }
    /// The wall clock (`CLOCK_REALTIME`).
    func now() -> Timestamp
    /// A clock that only goes forward, in nanoseconds since boot. On Linux the one that start times
    /// of processes are told by, which also counts while the machine sleeps (`CLOCK_BOOTTIME`).
    func monotonicNanoseconds() -> UInt64
    /// `nanosleep(2)`.
    func sleep(nanoseconds: UInt64)
    /// Bytes nobody can guess (`getrandom(2)`).
    func randomBytes(_ count: Int) -> [UInt8]
}

extension SystemCalls {
    public func beginWritingOut(_ descriptor: Descriptor, from offset: Int64, count: Int64) {}
    public func unlock(_ descriptor: Descriptor) {}
}

/// How `rename` treats the new name.
public enum RenameBehavior: Sendable, Hashable {
    /// `rename(2)`: what had the new name is gone.
    case replace
    /// `RENAME_NOREPLACE`.
    case noReplace
    /// `RENAME_EXCHANGE`: both names live on, swapped.
    case exchange
}

/// What `kill(pid, 0)` tells of a process.
public enum ProcessLiveness: Sendable, Hashable {
    case alive
    /// `ESRCH`.
    case noSuchProcess
    /// `EPERM`: it lives and belongs to another user.
    case notPermitted
}
