package import StoreFiles

extension StoreError {
    /// Puts a lock's refusal into the words of the store.
    package init(_ error: LockError) {
        switch error {
        case .busy(let holder): self.init(busy: holder)
        case .lost:
            self.init(
                .busy, code: "lock-lost",
                "the lock .lock was taken away by another program; nothing was written",
                hint: "see what runs with: canifly-store lock status")
        case .notRegular:
            self.init(
                .busy, code: "lock-not-regular", ".lock is a directory, a link or the like",
                hint: "look what it is and move it away: neither this program nor the "
                    + "application can lock the store")
        case .needsRecovery:
            self.init(
                .busy, code: "needs-recovery", "a change of layout was interrupted",
                hint: "run canifly-store repair, which finishes it")
        case .networkFileSystem(let name):
            self.init(
                .configuration, code: "network-file-system",
                "the store lies on a network file system (\(name)), where locks cannot hold",
                hint: "keep the store on a local disk")
        case .foreignOwner(let user):
            self.init(
                .permission, code: "foreign-owner",
                "the store belongs to another user (id \(user))",
                hint: "run this as the user who owns the store")
        case .cancelled:
            self.init(.interrupted, code: "interrupted", "interrupted while waiting for the lock")
        case .system(let step, let cause):
            self.init(cause, cannot: step.activity)
        }
    }

    private init(busy holder: LockHolder) {
        if holder.isUnreadable {
            self.init(
                .busy, code: "lock-empty", ".lock names no process: someone may be writing it",
                hint: "if it stays so, run canifly-store lock break: the application would "
                    + "refuse to start for ever")
            return
        }
        let owner =
            switch holder.owner {
            case .application: "the application"
            case .program: "another canifly-store"
            case nil: "another process"
            }
        var message = "the store is locked by \(owner)"
        if let process = holder.process { message += ", process \(process)" }
        if let since = holder.since {
            message += ", since \(Timestamp(seconds: since.seconds).rfc3339)"
        }
        self.init(
            .busy, code: "lock-held", message,
            hint: holder.suspectsReusedProcess
                ? "the process may be younger than the lock: see canifly-store lock status"
                : "close it and try again, or wait longer with --lock-wait SECONDS")
    }
}

extension LockStep {
    /// What could not be done, behind "cannot".
    fileprivate var activity: String {
        switch self {
        case .lookAtStore: "look at the store"
        case .openGuard: "open the lock of .canifly-store"
        case .lockGuard: "take the lock of .canifly-store"
        case .readLock: "read .lock"
        case .prepareLock: "prepare .lock"
        case .publishLock: "make .lock"
        case .takeOverLock: "take over the stale .lock"
        case .replaceLock: "replace .lock"
        case .removeLock: "remove .lock"
        case .synchronizeStore: "make .lock durable"
        }
    }
}
