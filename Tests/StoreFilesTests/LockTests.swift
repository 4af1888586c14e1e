import Glibc
import StoreFiles
import StoreTestSupport
import Testing

@Suite("The lock")
struct LockTests {
    let store = LockableStore()
    /// No process has this number: it is beyond what the kernel gives out.
    static let deadProcess: Int32 = Int32.max

    @Test("is three lines as the application's and three more, there while held and gone after")
    func wholeLife() throws {
        let lock = try StoreLock.acquire(store.site())
        let lines = store.lockText!.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 7)
        #expect(lines[0] == "\(getpid())" && lines[1] == "linux" && lines[6] == "")
        #expect(Timestamp(rfc3339: String(lines[2])) != nil)
        #expect(lines[3] == LinuxSystemCalls().bootIdentifier)
        #expect(UInt64(lines[4]) == LinuxSystemCalls().startTime(ofProcess: getpid()))
        #expect(lines[5].count == 32)
        let judgement = try LinuxSystemCalls().judgeLock(in: store.descriptor)
        #expect(judgement.state == .held && judgement.owner == .program)
        #expect(judgement.process == getpid() && judgement.isFenced == false)
        #expect(try lock.release() == .released)
        #expect(store.names == [".canifly-store"])
        #expect(store.controlNames == ["guard"])
        #expect(try LinuxSystemCalls().judgeLock(in: store.descriptor).state == .free)
    }

    @Test("is given back when its owner fails")
    func failure() throws {
        func failing() throws {
            let lock = try StoreLock.acquire(store.site())
            let isFenced = lock.isFenced
            #expect(!isFenced && store.lockText != nil)
            throw Errno.inputOutput
        }
        #expect(throws: Errno.inputOutput) { try failing() }
        #expect(store.names == [".canifly-store"])
        try StoreLock.acquire(store.site()).release()
    }

    @Test("keeps a second one out, in the same process too, and says who holds it")
    func second() throws {
        let lock = try StoreLock.acquire(store.site())
        let holder = expectBusy(store.site())
        #expect(holder?.process == getpid() && holder?.owner == .program && holder?.since != nil)
        try lock.release()
        try StoreLock.acquire(store.site(), .never).release()
    }

    @Test("waits as long as the policy says, and no longer than until it is free")
    func waiting() throws {
        store.scratch.write(".lock", "\(getppid())\nlinux\n2026-11-01T08:30:00-04:00\n")
        let clock = ContinuousClock()
        let busy = clock.measure {
            #expect(expectBusy(store.site(), wait: 100_000_000)?.process == getppid())
        }
        #expect(busy >= .milliseconds(100) && busy < .seconds(5))

        var system = HookedSystemCalls()
        let path = store.scratch.at(".lock")
        // The application ends while we wait.
        system.onSleep = { nanoseconds in
            unlink(path)
            LinuxSystemCalls().sleep(nanoseconds: nanoseconds)
        }
        let waited = try clock.measure {
            try StoreLock.acquire(
                store.site(system), RetryPolicy(timeLimitNanoseconds: 60_000_000_000)
            ).release()
        }
        #expect(waited < .seconds(30))
    }

    @Test("waiting ends when it is told to")
    func cancelled() {
        store.scratch.write(".lock", "\(getppid())\nlinux\n2026-11-01T08:30:00-04:00\n")
        let asked = Counter()
        #expect(throws: LockError.cancelled) {
            _ = try StoreLock.acquire(
                store.site(), RetryPolicy(timeLimitNanoseconds: 600_000_000_000),
                isCancelled: { asked.next() > 3 })
        }
    }

    // MARK: Deferred

    @Test("a deferred one keeps others of this program out, and gets its name when it is durable")
    func deferred() throws {
        var lock = try StoreLock.acquire(store.site(), isDeferred: true)
        let (name, data) = (lock.temporaryName, lock.synchronization)
        let temporary = try #require(name)
        let synchronization = try #require(data)
        #expect(store.names == [".canifly-store"])
        #expect(store.controlNames == [temporary, "guard"])
        #expect(expectBusy(store.site())?.process == nil)
        try LinuxSystemCalls().synchronize(all: [synchronization])
        try lock.putInPlace()
        let (isInPlace, rest) = (lock.isInPlace, lock.synchronization)
        #expect(isInPlace && rest == nil && store.controlNames == ["guard"])
        #expect(store.lockText!.hasPrefix("\(getpid())\n"))
        try lock.checkStillOurs()
        #expect(try lock.release() == .released)
        #expect(store.names == [".canifly-store"])
    }

    @Test("a deferred one that is given back leaves nothing")
    func deferredAndReleased() throws {
        let lock = try StoreLock.acquire(store.site(), isDeferred: true)
        #expect(try lock.release() == .released)
        #expect(store.controlNames == ["guard"])
        func failing() throws {
            let lock = try StoreLock.acquire(store.site(), isDeferred: true)
            let isInPlace = lock.isInPlace
            #expect(!isInPlace && store.controlNames.count == 2)
            throw Errno.inputOutput
        }
        #expect(throws: Errno.inputOutput) { try failing() }
        #expect(store.controlNames == ["guard"])
    }

    @Test("the application that comes before a deferred one has its name keeps it")
    func deferredAndOvertaken() throws {
        var lock = try StoreLock.acquire(store.site(), .never, isDeferred: true)
        let text = "\(getppid())\nlinux\n2026-11-01T08:30:00-04:00\n"
        store.scratch.write(".lock", text)
        let holders = refusals(of: &lock)
        #expect(holders.count == 2)
        #expect(holders.allSatisfy { $0.process == getppid() && $0.owner == .application })
        #expect(store.lockText == text && store.controlNames == ["guard"])
        unlink(store.scratch.at(".lock"))
        try lock.takeDeferred()
        #expect(store.lockText!.hasPrefix("\(getpid())\n"))
        #expect(try lock.release() == .released)
        #expect(store.lockText == nil)
    }

    /// Who is there first, by either way to put a deferred one in place.
    private func refusals(of lock: inout StoreLock) -> [LockHolder] {
        var holders: [LockHolder] = []
        do throws(LockError) {
            try lock.putInPlace()
        } catch {
            if case .busy(let found) = error { holders.append(found) }
        }
        do throws(LockError) {
            try lock.takeDeferred()
        } catch {
            if case .busy(let found) = error { holders.append(found) }
        }
        return holders
    }

    @Test("one that is stale is taken over at once, deferred or not")
    func staleIsNotDeferred() throws {
        store.scratch.write(".lock", "\(Self.deadProcess)\nlinux\n2026-11-01T08:30:00Z\n")
        let lock = try StoreLock.acquire(store.site(), isDeferred: true)
        let isInPlace = lock.isInPlace
        #expect(isInPlace && store.lockText!.hasPrefix("\(getpid())\n"))
        try lock.release()
    }

    // MARK: The application's lock

    @Test("a living application keeps us out, with its process and since when")
    func application() throws {
        store.scratch.write(".lock", "\(getppid())\nlinux\n2026-11-01T08:30:00.5-04:00\n")
        let holder = expectBusy(store.site())
        #expect(holder?.process == getppid() && holder?.owner == .application)
        #expect(holder?.since == Timestamp(seconds: 1_793_536_200, nanoseconds: 500_000_000))
        #expect(store.lockText!.hasPrefix("\(getppid())\n"))
        #expect(store.names == [".canifly-store", ".lock"])
    }

    @Test("one of another user's process, which cannot be asked, is held")
    func notPermitted() {
        store.scratch.write(".lock", "1\nlinux\n2026-11-01T08:30:00Z\n")
        var system = HookedSystemCalls()
        system.livenessOfProcess = { _ in .notPermitted }
        #expect(expectBusy(store.site(system))?.process == 1)
    }

    @Test("a dead application's is taken over, after a second look")
    func stale() throws {
        store.scratch.write(".lock", "\(Self.deadProcess)\nlinux\n2026-11-01T08:30:00Z\n")
        #expect(try LinuxSystemCalls().judgeLock(in: store.descriptor).state == .stale)
        let slept = Counter()
        var system = HookedSystemCalls()
        system.onSleep = { if $0 == 100_000_000 { slept.add() } }
        let lock = try StoreLock.acquire(store.site(system))
        #expect(slept.value == 1)
        #expect(store.lockText!.hasPrefix("\(getpid())\n"))
        #expect(store.names == [".canifly-store", ".lock"])
        try lock.release()
        #expect(store.lockText == nil)
    }

    @Test(
        "without a process number it is busy, and old after ten seconds",
        arguments: [
            "", "\n", "linux\n", "0\nlinux\n", "-1\nlinux\n", "2147483648\n", "-2147483649\n",
            "99999999999999999999999999\n", "1e3\n", "0x10\n", "12 34\n", "\u{0}\u{0}\u{0}",
            String(repeating: "1", count: 5000), "4711\n" + String(repeating: "x", count: 5000),
        ])
    func unreadable(text: String) throws {
        store.scratch.write(".lock", text)
        let holder = expectBusy(store.site())
        #expect(holder?.isUnreadable == true && holder?.process == nil)
        #expect(try !LinuxSystemCalls().judgeLock(in: store.descriptor).isOld)
        #expect(throws: LockError.self) { try StoreLock.breakStale(store.site()) }

        store.age(".lock", seconds: 3600)
        let judgement = try LinuxSystemCalls().judgeLock(in: store.descriptor)
        #expect(judgement.state == .unreadable && judgement.isOld)
        #expect(expectBusy(store.site())?.isUnreadable == true)
        #expect(try StoreLock.breakStale(store.site()).state == .unreadable)
        #expect(store.lockText == nil)
        try StoreLock.acquire(store.site()).release()
    }

    @Test("one from the future is old: the clock has jumped")
    func future() throws {
        store.scratch.write(".lock", "")
        store.age(".lock", seconds: -86_400)
        #expect(try LinuxSystemCalls().judgeLock(in: store.descriptor).isOld)
    }

    @Test("a number whose line has not ended may still grow, unless it is old")
    func unfinishedLine() throws {
        store.scratch.write(".lock", "\(Self.deadProcess)")
        #expect(expectBusy(store.site()) != nil)
        store.age(".lock", seconds: 60)
        try StoreLock.acquire(store.site()).release()
    }

    @Test("a directory, a link or a FIFO named .lock is refused at once, and stays")
    func notRegular() throws {
        store.scratch.makeDirectory(".lock")
        expectRefusal(.notRegular(.directory), store.site())
        rmdir(store.scratch.at(".lock"))
        symlink("elsewhere", store.scratch.at(".lock"))
        expectRefusal(.notRegular(.symbolicLink), store.site())
        unlink(store.scratch.at(".lock"))
        mkfifo(store.scratch.at(".lock"), 0o600)
        expectRefusal(.notRegular(.fifo), store.site())
        #expect(store.scratch.status(".lock").kind == .fifo)
    }

    @Test("a reused process number on the application's lock is suspected, never acted upon")
    func reusedByApplication() throws {
        // Process 1 is a day old at most; the lock claims to be from 2001.
        store.scratch.write(".lock", "\(getppid())\nlinux\n2001-01-01T00:00:00Z\n")
        #expect(expectBusy(store.site())?.suspectsReusedProcess == false)
        store.age(".lock", seconds: 800_000_000)
        #expect(expectBusy(store.site())?.suspectsReusedProcess == true)
        #expect(throws: LockError.self) { try StoreLock.breakStale(store.site()) }
    }

    // MARK: Our own

    private func program(
        process: Int32, boot: String = LinuxSystemCalls().bootIdentifier, start: String,
        fence: Bool = false
    ) -> String {
        (fence ? "canifly-store is changing the layout\n" : "")
            + "\(process)\nlinux\n2026-11-01T08:30:00Z\n\(boot)\n\(start)\n"
            + "00112233445566778899aabbccddeeff\n"
    }

    @Test("our own is stale with another boot, another start time, or no such process")
    func staleOfOurs() throws {
        let start = String(LinuxSystemCalls().startTime(ofProcess: getppid())!)
        let cases: [(String, LockJudgement.State)] = [
            (program(process: getppid(), start: start), .held),
            (program(process: getppid(), start: "-"), .held),
            (program(process: getppid(), boot: "-", start: start), .held),
            (program(process: getppid(), start: "1"), .stale),
            (program(process: getppid(), boot: "another", start: start), .stale),
            (program(process: Self.deadProcess, start: start), .stale),
        ]
        for (text, state) in cases {
            store.scratch.write(".lock", text)
            let judgement = try LinuxSystemCalls().judgeLock(in: store.descriptor)
            #expect(judgement.state == state && judgement.owner == .program, "\(text)")
        }
    }

    @Test("nothing of ours is taken for the application's, and nothing of its for ours")
    func owners() throws {
        store.scratch.write(".lock", "\(getppid())\nlinux\n2026-11-01T08:30:00Z\n\n\n\n")
        #expect(try LinuxSystemCalls().judgeLock(in: store.descriptor).owner == .application)
        store.scratch.write(".lock", program(process: getppid(), start: "-") + "more\n")
        #expect(try LinuxSystemCalls().judgeLock(in: store.descriptor).owner == .application)
    }

    @Test("lost in the middle is found at the next look, and what replaced it is left alone")
    func lost() throws {
        var lock = try StoreLock.acquire(store.site())
        try lock.checkStillOurs()
        unlink(store.scratch.at(".lock"))
        #expect(throws: LockError.lost) { try lock.checkStillOurs() }
        store.scratch.write(".lock", "1\nlinux\n2026-11-01T08:30:00Z\n")
        #expect(throws: LockError.lost) { try lock.checkStillOurs() }
        #expect(try lock.release() == .wasLost)
        #expect(store.lockText == "1\nlinux\n2026-11-01T08:30:00Z\n")
    }

    @Test("the application that removes the lock after our take-over is noticed before we start")
    func lateRemoval() throws {
        store.scratch.write(".lock", "\(Self.deadProcess)\nlinux\n2026-11-01T08:30:00Z\n")
        var system = HookedSystemCalls()
        let path = store.scratch.at(".lock")
        let parent = getppid()
        let scratch = store.scratch
        // It has read the dead number before we took over, and now removes and makes its own.
        system.onSleep = {
            guard $0 == 100_000_000 else { return }
            unlink(path)
            scratch.write(".lock", "\(parent)\nlinux\n2026-11-01T08:30:00Z\n")
        }
        #expect(expectBusy(store.site(system))?.process == getppid())
        #expect(store.lockText!.hasPrefix("\(getppid())\n"))
        #expect(store.names == [".canifly-store", ".lock"])
    }

    @Test("a living lock that appears in place of the stale one is put back")
    func exchangedBack() throws {
        store.scratch.write(".lock", "\(Self.deadProcess)\nlinux\n2026-11-01T08:30:00Z\n")
        var system = HookedSystemCalls()
        let path = store.scratch.at(".lock")
        let parent = getppid()
        let scratch = store.scratch
        let exchanges = Counter()
        system.onRename = { (_, _, how) throws(Errno) in
            guard how == .exchange, exchanges.next() == 1 else { return }
            unlink(path)
            scratch.write(".lock", "\(parent)\nlinux\n2026-11-01T08:30:00Z\n")
        }
        #expect(expectBusy(store.site(system))?.process == getppid())
        #expect(exchanges.value == 2)
        #expect(store.lockText!.hasPrefix("\(getppid())\n"))
        #expect(store.names == [".canifly-store", ".lock"])
    }

    // MARK: Fence

    @Test("the fence is a line that is no number, stays through a failure, and is taken back")
    func fence() throws {
        var lock = try StoreLock.acquire(store.site())
        try lock.raiseFence()
        #expect(Int(store.lockText!.split(separator: "\n")[0]) == nil)
        let judgement = try LinuxSystemCalls().judgeLock(in: store.descriptor)
        #expect(judgement.isFenced && judgement.state == .held && judgement.process == getpid())
        try lock.checkStillOurs()
        let isFenced = lock.isFenced
        #expect(isFenced)
        try lock.lowerFence()
        let isStillFenced = lock.isFenced
        #expect(store.lockText!.hasPrefix("\(getpid())\n") && !isStillFenced)
        try lock.raiseFence()
        #expect(try lock.release() == .leftFenced)
        #expect(store.lockText != nil)
        #expect(store.names == [".canifly-store", ".lock"])
    }

    /// Once a program that went on living after a failure was kept out by itself.
    @Test("what a command of this process left behind does not keep the next one out")
    func leftByThisProcess() throws {
        func failing() throws {
            var lock = try StoreLock.acquire(store.site())
            try lock.raiseFence()
            throw Errno.inputOutput
        }
        #expect(throws: Errno.inputOutput) { try failing() }
        #expect(store.lockText != nil)
        var lock = try StoreLock.acquire(store.site(), .never)
        let isFenced = lock.isFenced
        #expect(isFenced)
        try lock.lowerFence()
        #expect(try lock.release() == .released)
    }

    @Test("a dead fenced lock is taken over with its fence, and cannot be broken")
    func staleFence() throws {
        store.scratch.write(
            ".lock", program(process: Self.deadProcess, start: "1", fence: true))
        #expect(throws: LockError.needsRecovery) { try StoreLock.breakStale(store.site()) }
        var lock = try StoreLock.acquire(store.site())
        let isFenced = lock.isFenced
        #expect(isFenced)
        #expect(Int(store.lockText!.split(separator: "\n")[0]) == nil)
        try lock.lowerFence()
        #expect(try lock.release() == .released)
        #expect(store.lockText == nil)
    }

    // MARK: Breaking

    @Test("breaking removes what is dead, refuses what lives, and does nothing where nothing is")
    func breaking() throws {
        #expect(try StoreLock.breakStale(store.site()).state == .free)
        store.scratch.write(".lock", "\(Self.deadProcess)\nlinux\n2026-11-01T08:30:00Z\n")
        #expect(try StoreLock.breakStale(store.site()).process == Self.deadProcess)
        #expect(store.lockText == nil)
        store.scratch.write(".lock", "\(getppid())\nlinux\n2026-11-01T08:30:00Z\n")
        #expect(throws: LockError.self) { try StoreLock.breakStale(store.site()) }
        #expect(store.lockText != nil)
        unlink(store.scratch.at(".lock"))
        let lock = try StoreLock.acquire(store.site())
        #expect(throws: LockError.self) { try StoreLock.breakStale(store.site()) }
        try lock.release()
    }

    // MARK: Where it cannot hold

    @Test(
        "network file systems are refused",
        arguments: [
            (Int64(0x6969), "nfs"), (0xff53_4d42, "cifs"), (0xfe53_4d42, "smb2"),
            (0x0102_1997, "9p"),
        ])
    func network(type: Int64, name: String) {
        var system = HookedSystemCalls()
        system.fileSystem = type
        expectRefusal(.networkFileSystem(name), store.site(system))
        #expect(store.controlNames == [])
    }

    @Test("another user's store is refused, but not to root")
    func foreignOwner() throws {
        var system = HookedSystemCalls()
        system.user = 12_345
        expectRefusal(.foreignOwner(user: geteuid()), store.site(system))
        guard geteuid() == 0 else { return }
        chown(store.scratch.path, 12_345, 12_345)
        chown(store.scratch.at(".canifly-store"), 12_345, 12_345)
        try StoreLock.acquire(store.site()).release()
        let made = store.scratch.status(".canifly-store")
        #expect(made.user == 12_345)
        #expect(try LinuxSystemCalls().status(of: "guard", in: store.control).user == 12_345)
    }

    // MARK: Errors

    @Test("transient errors are waited out, others are told at once")
    func errors() throws {
        for error in [Errno.interrupted, .tryAgain, .busy] {
            var system = HookedSystemCalls()
            let calls = Counter()
            system.onLock = { () throws(Errno) in if calls.next() < 4 { throw error } }
            try StoreLock.acquire(store.site(system)).release()
            #expect(calls.value == 4)
        }
        var system = HookedSystemCalls()
        system.onLock = { () throws(Errno) in throw .inputOutput }
        expectRefusal(.system(.lockGuard, .inputOutput), store.site(system))
        system = HookedSystemCalls()
        system.onSynchronize = { () throws(Errno) in throw .noSpace }
        expectRefusal(.system(.prepareLock, .noSpace), store.site(system))
        #expect(store.names == [".canifly-store"])
        system = HookedSystemCalls()
        system.onLink = { () throws(Errno) in throw .inputOutput }
        expectRefusal(.system(.publishLock, .inputOutput), store.site(system))
        #expect(store.names == [".canifly-store"])
    }

    @Test("a file system without hard links has a lock as well")
    func withoutLinks() throws {
        var system = HookedSystemCalls()
        system.onLink = { () throws(Errno) in throw .notPermitted }
        let lock = try StoreLock.acquire(store.site(system))
        #expect(store.names == [".canifly-store", ".lock"])
        #expect(expectBusy(store.site(system)) != nil)
        try lock.release()
        #expect(store.names == [".canifly-store"])
    }

    // MARK: Helpers

    private func expectBusy(_ site: LockSite, wait nanoseconds: UInt64 = 0) -> LockHolder? {
        do throws(LockError) {
            let lock = try StoreLock.acquire(
                site, RetryPolicy(timeLimitNanoseconds: nanoseconds))
            try lock.release()
            Issue.record("the lock was to be had")
        } catch .busy(let holder) {
            return holder
        } catch {
            Issue.record("\(error) instead of busy")
        }
        return nil
    }

    private func expectRefusal(_ expected: LockError, _ site: LockSite) {
        #expect(throws: expected) {
            // However long the policy would let it wait.
            _ = try StoreLock.acquire(site, RetryPolicy(timeLimitNanoseconds: 60_000_000_000))
        }
    }
}

/// A scratch directory with a control directory in it.
final class LockableStore: Sendable {
    let scratch = Scratch()
    let control: Descriptor

    init() {
        mkdir(scratch.at(".canifly-store"), 0o700)
        control = open(scratch.at(".canifly-store"), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        precondition(control >= 0)
    }

    deinit { close(control) }

    var descriptor: Descriptor { scratch.descriptor }
    var names: [String] { scratch.names }
    var lockText: String? { scratch.read(".lock") }

    var controlNames: [String] {
        (try! LinuxSystemCalls().entries(of: control))
            .map { String(decoding: $0.name, as: UTF8.self) }.sorted()
    }

    func site(_ system: any SystemCalls = LinuxSystemCalls()) -> LockSite {
        LockSite(system: system, store: scratch.descriptor, control: control)
    }

    /// Sets when a file was last written, so long ago.
    func age(_ name: String, seconds: Int) {
        let moment = timespec(tv_sec: time(nil) - seconds, tv_nsec: 0)
        precondition(utimensat(scratch.descriptor, name, [moment, moment], 0) == 0)
    }
}
