// `lock run` holds the lock while a command runs, and commands of this program inside it use the same
// lock. They know it by an environment variable: which guard it is (device and inode), the nonce in
// `.lock`, and the number under which they inherit the guard's descriptor. Many programs between us
// and them close descriptors they do not know; then the nonce and the living holder must do.
//
// Two such commands exclude each other by a second guard, `guard.nested`. They look at `.lock` only
// when they have it, and others who take the lock pass through it, so that a command left over from a
// `lock run` that was killed and a new holder never work at once.

/// What a child process needs to use our lock.
public struct LockInheritance: Sendable, Hashable {
    public static let variable = "CANIFLY_STORE_LOCK"

    /// The value of the environment variable.
    public let value: String
    /// To be left open in the child, under the same number; nil where there is none to pass on.
    public let descriptor: Descriptor?
}

extension StoreLock {
    /// Lets commands of this program that we start use this lock. Until they have ended, we must not
    /// write ourselves.
    public mutating func lend() throws(LockError) -> LockInheritance {
        let guardStatus: FileStatus
        do throws(Errno) {
            guardStatus = try site.system.status(of: GuardLock.fileName, in: site.control)
        } catch {
            throw .system(.openGuard, error)
        }
        var passed = inheritedGuard
        if isJoined {
            // Those we start need the nested guard, and we do not while they run.
            guarding = OwnedDescriptor(-1, site.system)
        } else {
            passed = guarding.descriptor
        }
        let number = passed.map { String($0) } ?? "-"
        return LockInheritance(
            value: "\(number):\(guardStatus.device):\(guardStatus.inode):"
                + application.contents.nonce,
            descriptor: passed)
    }

    /// Joins the lock of the `lock run` we run under. Nil where the value of the variable means
    /// another store, or a lock that is not held any more: then `acquire` decides.
    public static func joinInherited(
        _ value: String, _ site: LockSite, _ policy: RetryPolicy = RetryPolicy(),
        isCancelled: @escaping () -> Bool = { false }
    ) throws(LockError) -> StoreLock? {
        guard let inherited = InheritedLock(value) else { return nil }
        let system = site.system
        guard let guardStatus = try? system.status(of: GuardLock.fileName, in: site.control),
            guardStatus.device == inherited.device, guardStatus.inode == inherited.inode
        else { return nil }
        guard try holder(inherited, site) != nil else { return nil }

        var waiting = Waiting(site, policy, isCancelled)
        let nested = try waiting.acquireGuard(GuardLock.nestedFileName, creating: true)
        // Only now, with the nested guard, does what `.lock` says stay so.
        guard let application = try holder(inherited, site) else { return nil }
        return StoreLock(
            site, policy, isCancelled, guarding: nested, application: application, isJoined: true,
            inheritedGuard: inherited.validDescriptor(guardStatus, system))
    }

    /// The `.lock` with the nonce, if its holder lives.
    private static func holder(
        _ inherited: InheritedLock, _ site: LockSite
    ) throws(LockError) -> ApplicationLock? {
        let sighting = try ApplicationLock.sight(in: site.store, site.system)
        guard sighting.judgement.state == .held, case .program(let contents) = sighting.text,
            contents.nonce.utf8.elementsEqual(inherited.nonce.utf8),
            let opened = sighting.takeFile()
        else { return nil }
        return ApplicationLock(joining: opened, contents)
    }
}

/// The variable's value, taken apart.
private struct InheritedLock {
    let descriptor: Descriptor?
    let device: UInt64
    let inode: UInt64
    let nonce: String

    init?(_ value: String) {
        let parts = value.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard parts.count == 4, let device = UInt64(parts[1]), let inode = UInt64(parts[2]),
            !parts[3].isEmpty
        else { return nil }
        descriptor = Descriptor(parts[0])
        self.device = device
        self.inode = inode
        nonce = parts[3]
    }

    /// The descriptor, if it really is this store's guard with our lock on it: an open file without
    /// the lock, or any other file under that number, is not passed on as if it were.
    func validDescriptor(_ guardStatus: FileStatus, _ system: any SystemCalls) -> Descriptor? {
        guard let descriptor, descriptor > 2,
            let status = try? system.status(of: descriptor), status.isSameFile(as: guardStatus),
            (try? system.tryLockExclusively(descriptor)) == true
        else { return nil }
        return descriptor
    }
}
