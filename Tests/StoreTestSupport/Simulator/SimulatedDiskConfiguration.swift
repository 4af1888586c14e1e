/// What a simulated machine and its file system are like.
package struct SimulatedDiskConfiguration: Sendable {
    /// Everything random on the machine follows from this.
    package var seed: UInt64 = 1
    package var effectiveUser: UInt32 = 1000
    package var effectiveGroup: UInt32 = 1000
    package var umask: UInt16 = 0o022
    /// `f_type` of `fstatfs(2)`; ext4's unless told otherwise.
    package var fileSystemType: Int64 = 0xEF53
    package var device: UInt64 = 0x801
    package var processIdentifier: Int32 = 4242
    /// The first process after a crash has the number of the first one before it: whoever takes a
    /// number alone for a living holder is wrong.
    package var reusesProcessIdentifierAfterCrash = true
    /// Where the wall clock starts: 2026-11-01T12:00:00Z, the moment of the sample layouts.
    package var startSeconds: Int64 = 1_793_534_400
    /// How far the clock goes at each call that changes something or asks for the time.
    package var nanosecondsPerCall: UInt64 = 1_000
    /// File times are rounded down to a multiple of this. A real kernel has up to 4,000,000, and
    /// two quick writes then leave the same time.
    package var timestampGranularityNanoseconds: UInt64 = 1
    package var maximumOpenFiles = 1024
    /// Writing past this size fails with `EFBIG`.
    package var maximumFileBytes = 1 << 28
    /// After a failed sync, whatever is written to the same sector, size or attribute of that
    /// inode is lost too; only a new inode helps. False for a kernel that writes a page out again
    /// once it is dirtied again.
    package var failedSyncSpoilsInode = true

    package init() {}
}
