/// A store and its control directory, both open; the caller keeps them so.
public struct LockSite: Sendable {
    public let system: any SystemCalls
    public let store: Descriptor
    /// Made by the caller where it did not exist.
    public let control: Descriptor

    public init(system: any SystemCalls, store: Descriptor, control: Descriptor) {
        self.system = system
        self.store = store
        self.control = control
    }
}

/// The right to write a store: against other processes of this program by the guard, against the
/// application by `.lock`. Taken in the order guard, `.lock`; given back the other way round.
///
/// A command that ends without `release` gives the lock back as well as it can; one that is killed
/// leaves a `.lock` that the next one, or the application, finds stale.
///
/// `.lock` may be *deferred*: it is prepared, and gets its name later (`putInPlace`), so that it can be
/// synced side by side with other files. Until then other processes of this program are kept out,
/// but the application is not.
public struct StoreLock: ~Copyable {
    let site: LockSite
    private let policy: RetryPolicy
    private let isCancelled: () -> Bool
    /// The guard, or among commands under one `lock run` the nested guard.
    var guarding: OwnedDescriptor
    var application: ApplicationLock
    /// The guard's descriptor that was inherited from `lock run`; it belongs to nobody here.
    let inheritedGuard: Descriptor?
    private var isReleased = false

    /// Whether the lock belongs to a `lock run` that this command runs under.
    public let isJoined: Bool

    init(
        _ site: LockSite, _ policy: RetryPolicy, _ isCancelled: @escaping () -> Bool,
        guarding: consuming OwnedDescriptor, application: consuming ApplicationLock,
        isJoined: Bool = false, inheritedGuard: Descriptor? = nil
    ) {
        self.site = site
        self.policy = policy
        self.isCancelled = isCancelled
        self.guarding = guarding
        self.application = application
        self.isJoined = isJoined
        self.inheritedGuard = inheritedGuard
    }

    deinit {
        // On the way out of a failure. A fence stays: what it protects is not finished.
        if !isReleased && !isJoined { _ = try? removeLock() }
        // Closing alone would leave the guard with a program that `lock run` has started and that
        // stays in the background with its descriptor.
        if guarding.descriptor >= 0 { site.system.unlock(guarding.descriptor) }
    }

    /// Takes the lock, waiting as long as the policy gives time.
    ///
    /// - Parameters:
    ///   - isDeferred: where there is no `.lock`, ours is only prepared.
    ///   - isCancelled: asked between attempts; a signal that has arrived, for instance.
    /// - Throws: `.busy` with the holder as far as it is known; `.system` at once for every error
    ///   that waiting cannot mend.
    public static func acquire(
        _ site: LockSite, _ policy: RetryPolicy = RetryPolicy(), isDeferred: Bool = false,
        isCancelled: @escaping () -> Bool = { false }
    ) throws(LockError) -> StoreLock {
        try site.system.checkSuitability(of: site.store)
        var waiting = Waiting(site, policy, isCancelled)
        let guarding = try waiting.acquireGuard(GuardLock.fileName, creating: true)
        // A command under a `lock run` that was killed may still be at work. It holds the nested
        // guard then; and whoever takes that later will look at `.lock`, and find it changed.
        let nested = try waiting.passGuard(GuardLock.nestedFileName)
        let application = try waiting.acquireApplicationLock(isDeferred: isDeferred)
        _ = consume nested
        return StoreLock(
            site, policy, isCancelled, guarding: guarding, application: application)
    }

    // MARK: A deferred `.lock`

    /// What a deferred `.lock` is called in the control directory; nil once it is in place.
    public var temporaryName: String? { application.temporaryName }

    /// False for a deferred `.lock` that has not got its name yet: the application may come.
    public var isInPlace: Bool { application.temporaryName == nil }

    /// What must be durable before `putInPlace`; nil where there is nothing to put in place.
    public var synchronization: Synchronization? { application.synchronization }

    /// Gives a deferred `.lock`, once it is durable, its name.
    /// - Throws: `.busy` where the application has come first.
    public mutating func putInPlace() throws(LockError) {
        if try application.putInPlace(site) { return }
        let sighting = try ApplicationLock.sight(in: site.store, site.system)
        throw .busy(LockHolder(sighting.judgement))
    }

    /// Takes `.lock` the usual way in place of one that is deferred, waiting as long as the policy
    /// gives time. Does nothing where it is in place.
    public mutating func takeDeferred() throws(LockError) {
        if isInPlace { return }
        application.discard(site)
        var waiting = Waiting(site, policy, isCancelled)
        application = try waiting.acquireApplicationLock(isDeferred: false)
    }

    /// Whether a layout is half changed: raised by us, or found and taken over.
    public var isFenced: Bool { application.contents.isFenced }

    /// Looks again that `.lock` is ours: before a commit, before documents are touched, before the
    /// release. Throws `.lost` if it is not.
    public mutating func checkStillOurs() throws(LockError) {
        if try application.isInPlace(in: site.store, site.system) { return }
        let sighting = try ourSighting()
        // A command under our `lock run` has raised or lowered the fence: another file, our nonce.
        try adopt(sighting)
    }

    /// Puts a line that is no number first in `.lock`, so that the application refuses to start while
    /// a layout is changed, even if this process dies meanwhile. Durable when it returns.
    public mutating func raiseFence() throws(LockError) { try setFence(true) }

    /// Takes that line back, when the layout is whole again. Durable when it returns.
    public mutating func lowerFence() throws(LockError) { try setFence(false) }

    private mutating func setFence(_ isFenced: Bool) throws(LockError) {
        let sighting = try ourSighting()
        var contents = application.contents
        contents.isFenced = isFenced
        do throws(LockError) {
            application = try ApplicationLock.replace(
                sighting, with: contents, site)
        } catch {
            // It may be in place nonetheless, and only making it durable failed. Whoever gives up now
            // must know that it is there to be taken back.
            if let found = try? ourSighting() { try? adopt(found) }
            throw error
        }
    }

    /// Gives the lock back: looks, unlinks, drops the guard. What the application may touch from now
    /// on must be durable before.
    @discardableResult
    public consuming func release() throws(LockError) -> LockRelease {
        isReleased = true
        if isJoined { return .leftToHolder }
        return try removeLock()
    }

    private func removeLock() throws(LockError) -> LockRelease {
        if !isInPlace {
            application.discard(site)
            return .released
        }
        let sighting = try ApplicationLock.sight(in: site.store, site.system)
        guard case .program(let found) = sighting.text, found.isSameHolder(application.contents)
        else { return .wasLost }
        if found.isFenced { return .leftFenced }
        do throws(Errno) {
            try site.system.unlink(LockContents.fileName, in: site.store)
        } catch .noEntry {
            return .wasLost
        } catch {
            throw .system(.removeLock, error)
        }
        return .released
    }

    /// Our `.lock`, whichever file it is by now.
    private func ourSighting() throws(LockError) -> LockSighting {
        let sighting = try ApplicationLock.sight(in: site.store, site.system)
        guard case .program(let found) = sighting.text, found.isSameHolder(application.contents)
        else { throw .lost }
        return sighting
    }

    private mutating func adopt(_ sighting: consuming LockSighting) throws(LockError) {
        guard case .program(let contents) = sighting.text, let opened = sighting.takeFile() else {
            throw .lost
        }
        application = ApplicationLock(joining: opened, contents)
    }
}

/// What became of `.lock` at the release.
public enum LockRelease: Sendable, Hashable {
    case released
    /// It stays, so that the application does not start on half a layout. The next command that
    /// takes the lock finds it stale and recovers.
    case leftFenced
    /// Another program had removed or replaced it.
    case wasLost
    /// It belongs to the `lock run` we run under.
    case leftToHolder
}

// MARK: - Waiting

/// The attempts of one acquisition, which share one time limit.
struct Waiting: ~Copyable {
    private let site: LockSite
    private var retries: Retries
    private let isCancelled: () -> Bool

    init(_ site: LockSite, _ policy: RetryPolicy, _ isCancelled: @escaping () -> Bool) {
        self.site = site
        retries = policy.begin(site.system)
        self.isCancelled = isCancelled
    }

    mutating func acquireGuard(
        _ fileName: String, creating: Bool
    ) throws(LockError) -> OwnedDescriptor {
        guard let acquired = try pass(fileName, creating: creating) else {
            preconditionFailure("a guard that is made where it is absent is never absent")
        }
        return acquired
    }

    /// Like `acquireGuard`; nil where there is no such file.
    mutating func passGuard(_ fileName: String) throws(LockError) -> OwnedDescriptor? {
        try pass(fileName, creating: false)
    }

    private mutating func pass(
        _ fileName: String, creating: Bool
    ) throws(LockError) -> OwnedDescriptor? {
        while true {
            do throws(LockError) {
                let attempt = try GuardLock.attempt(
                    fileName, in: site.control, creating: creating, site.system)
                switch consume attempt {
                case .acquired(let descriptor): return descriptor
                case .absent: return nil
                case .heldByAnother: try pauseOrGiveUp(holderBehindGuard())
                }
            } catch .system(let step, let error) where error.isTransient {
                try pauseOrFail(step, error)
            }
        }
    }

    mutating func acquireApplicationLock(
        isDeferred: Bool
    ) throws(LockError) -> ApplicationLock {
        var changes = 0
        while true {
            do throws(LockError) {
                let attempt = try ApplicationLock.attempt(site, isDeferred: isDeferred)
                switch consume attempt {
                case .acquired(let lock): return lock
                case .held(let holder): try pauseOrGiveUp(holder)
                case .changed:
                    // Nearly always the next look settles it.
                    changes += 1
                    if changes > 3 { try pauseOrGiveUp(LockHolder()) }
                }
            } catch .system(let step, let error) where error.isTransient {
                try pauseOrFail(step, error)
            }
        }
    }

    private mutating func pauseOrGiveUp(_ holder: LockHolder) throws(LockError) {
        if isCancelled() { throw .cancelled }
        if !retries.pauseBeforeNext() { throw .busy(holder) }
        if isCancelled() { throw .cancelled }
    }

    private mutating func pauseOrFail(_ step: LockStep, _ error: Errno) throws(LockError) {
        if isCancelled() { throw .cancelled }
        if !retries.pauseBeforeNext() { throw .system(step, error) }
    }

    /// The guard does not tell who holds it, but `.lock` mostly does.
    private func holderBehindGuard() -> LockHolder {
        guard let judgement = try? site.system.judgeLock(in: site.store), judgement.state == .held
        else { return LockHolder() }
        return LockHolder(judgement)
    }
}
