/// Who keeps others out, as far as it is known.
public struct LockHolder: Sendable, Hashable {
    /// Nil where only the guard tells that somebody is at work.
    public var process: Int32?
    public var since: Timestamp?
    public var owner: LockOwner?
    /// See `LockJudgement`.
    public var suspectsReusedProcess = false
    /// `.lock` has no process in it (`LockJudgement.State.unreadable`).
    public var isUnreadable = false

    init() {}

    init(_ judgement: LockJudgement) {
        process = judgement.process
        since = judgement.since
        owner = judgement.owner
        suspectsReusedProcess = judgement.suspectsReusedProcess
        isUnreadable = judgement.state == .unreadable
    }
}

/// Why a store's lock could not be had, or kept.
public enum LockError: Error, Sendable, Hashable {
    /// Try again later.
    case busy(LockHolder)
    /// Our `.lock` was removed or replaced by another program while we held it.
    case lost
    /// There is a directory, a link or the like named `.lock`.
    case notRegular(FileKind)
    /// A half-changed layout has to be recovered first, by any command that takes the lock.
    case needsRecovery
    /// The store lies on a file system where another machine may write without our knowing.
    case networkFileSystem(String)
    /// The store belongs to another user, whose application could not even ask whether our process
    /// lives.
    case foreignOwner(user: UInt32)
    /// Whoever waited was told to stop.
    case cancelled
    case system(LockStep, Errno)
}

/// What was being done when the operating system refused.
public enum LockStep: String, Sendable, Hashable {
    case lookAtStore, openGuard, lockGuard, readLock, prepareLock, publishLock, takeOverLock
    case replaceLock, removeLock, synchronizeStore
}

extension LockError {
    /// A `.lock` that changed under our hands is not ours.
    init(_ error: PublishError, _ step: LockStep) {
        switch error {
        case .conflict: self = .lost
        case .system(_, let error): self = .system(step, error)
        }
    }
}
