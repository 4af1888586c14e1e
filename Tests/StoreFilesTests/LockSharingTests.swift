import Glibc
import StoreFiles
import Synchronization
import Testing

@Suite("A lock shared with nested commands")
struct LockInheritanceTests {
    let store = LockableStore()

    private func join(_ value: String, wait nanoseconds: UInt64 = 0) throws -> Bool {
        let joined = try StoreLock.joinInherited(
            value, store.site(), RetryPolicy(timeLimitNanoseconds: nanoseconds))
        guard let joined else { return false }
        let isJoined = joined.isJoined
        #expect(isJoined)
        #expect(try joined.release() == .leftToHolder)
        return true
    }

    @Test("a nested command joins, and leaves the lock to its holder")
    func joining() throws {
        var lock = try StoreLock.acquire(store.site())
        let inheritance = try lock.lend()
        #expect(inheritance.descriptor != nil)
        let before = store.lockText
        #expect(try join(inheritance.value))
        #expect(try join(inheritance.value))
        #expect(store.lockText == before)
        try lock.checkStillOurs()
        #expect(try lock.release() == .released)
        // The value means nothing any more.
        #expect(try !join(inheritance.value))
        try StoreLock.acquire(store.site()).release()
        #expect(try !join(inheritance.value))
    }

    @Test("the nonce will do where a program in between has closed the descriptor")
    func closedDescriptor() throws {
        var lock = try StoreLock.acquire(store.site())
        let value = try lock.lend().value
        let rest = value[value.firstIndex(of: ":")!...]
        #expect(try join("-" + rest) && join("9999" + rest) && join("0" + rest))
        // A descriptor of another file is not passed on.
        store.scratch.write("other", "")
        let other = try LinuxSystemCalls().openOwned(
            "other", in: store.descriptor, [.read, .write])
        var joined = try StoreLock.joinInherited("\(other.descriptor)\(rest)", store.site())!
        #expect(try joined.lend().descriptor == nil)
        try joined.release()
        joined = try StoreLock.joinInherited(value, store.site())!
        #expect(try joined.lend().descriptor == Descriptor(value.prefix { $0 != ":" }))
        try joined.release()
        try lock.release()
    }

    @Test("a value that means another store, another lock or nothing is ignored")
    func foreignValues() throws {
        var lock = try StoreLock.acquire(store.site())
        let value = try lock.lend().value
        let parts = value.split(separator: ":").map(String.init)
        for foreign in [
            "", ":", ":::", "x", value + ":", parts[0...2].joined(separator: ":") + ":",
            "\(parts[0]):\(parts[1]):\(parts[2]):\(String(repeating: "0", count: 32))",
            "\(parts[0]):\(parts[1]):1:\(parts[3])", "\(parts[0]):1:\(parts[2]):\(parts[3])",
        ] {
            #expect(try !join(foreign), "\(foreign)")
        }
        let other = LockableStore()
        let theirs = try StoreLock.acquire(other.site())
        if let joined = try StoreLock.joinInherited(value, other.site()) {
            Issue.record("joined the lock of another store")
            try joined.release()
        }
        try theirs.release()
        try lock.release()
    }

    @Test("the guard is still held while it is lent, whatever becomes of .lock")
    func guardWhileLent() throws {
        var lock = try StoreLock.acquire(store.site())
        _ = try lock.lend()
        unlink(store.scratch.at(".lock"))
        #expect(throws: LockError.self) { _ = try StoreLock.acquire(store.site(), .never) }
        #expect(try lock.release() == .wasLost)
        try StoreLock.acquire(store.site(), .never).release()
    }

    @Test("a program that stays in the background with the descriptor does not keep the lock")
    func background() throws {
        var lock = try StoreLock.acquire(store.site())
        let descriptor = try #require(try lock.lend().descriptor)
        // As good as inherited: the same open file description.
        let inherited = OwnedDescriptor(dup(descriptor), LinuxSystemCalls())
        try lock.release()
        try StoreLock.acquire(store.site(), .never).release()
        try inherited.close()
    }

    @Test("two nested commands exclude each other, and the second waits")
    func nestedExclusion() throws {
        var lock = try StoreLock.acquire(store.site())
        let value = try lock.lend().value
        let first = try StoreLock.joinInherited(value, store.site())!
        #expect(throws: LockError.self) { try join(value) }
        try first.release()
        #expect(try join(value))
        try lock.release()
    }

    @Test("a nested command that starts commands itself makes room for them")
    func twiceNested() throws {
        var lock = try StoreLock.acquire(store.site())
        var inner = try StoreLock.joinInherited(try lock.lend().value, store.site())!
        let innermost = try inner.lend()
        #expect(try join(innermost.value))
        try inner.release()
        try lock.release()
    }

    @Test("a nested command's fence is the holder's, and stays when it fails")
    func nestedFence() throws {
        var lock = try StoreLock.acquire(store.site())
        let value = try lock.lend().value
        var nested = try StoreLock.joinInherited(value, store.site())!
        try nested.raiseFence()
        try nested.checkStillOurs()
        try lock.checkStillOurs()
        var isFenced = lock.isFenced
        #expect(isFenced)
        try nested.lowerFence()
        try lock.checkStillOurs()
        isFenced = lock.isFenced
        #expect(!isFenced)
        try nested.raiseFence()
        try nested.release()
        #expect(try lock.release() == .leftFenced)
    }

    @Test("a command left over from a killed `lock run` keeps a new holder out while it works")
    func orphan() throws {
        var lock = try StoreLock.acquire(store.site())
        let value = try lock.lend().value
        let orphan = try StoreLock.joinInherited(value, store.site())!
        // The holder is killed: its guard is dropped, and its `.lock` goes stale.
        var text = store.lockText!
        try lock.release()
        text.replaceSubrange(
            text.startIndex..<text.firstIndex(of: "\n")!, with: "\(LockTests.deadProcess)")
        store.scratch.write(".lock", text)
        #expect(throws: LockError.self) {
            _ = try StoreLock.acquire(store.site(), .never)
        }
        try orphan.release()
        try StoreLock.acquire(store.site()).release()
        #expect(try !join(value))
    }
}

@Suite("Contenders for the lock", .serialized)
struct LockContenderTests {
    private static let patient = RetryPolicy(
        timeLimitNanoseconds: 120_000_000_000, longestPauseNanoseconds: 5_000_000)
    private static let stale = "\(LockTests.deadProcess)\nlinux\n2026-11-01T08:30:00Z\n"

    @Test("of 64 that find a stale lock one holds it at a time, and it is never empty")
    func stale() {
        let store = LockableStore()
        store.scratch.write(".lock", Self.stale)
        let holders = Counter()
        let isDone = Atomic<Bool>(false)
        let failures = WorkerThreads.map(Array(0..<65), threads: 65) { number -> String? in
            if number == 0 {
                // Watches, and is no contender.
                while !isDone.load(ordering: .relaxed) {
                    if let text = store.lockText, text.split(separator: "\n").count < 3 {
                        return "an unfinished lock: \(text)"
                    }
                    usleep(200)
                }
                return nil
            }
            do throws(LockError) {
                var lock = try StoreLock.acquire(store.site(), Self.patient)
                let number = holders.next()
                if number % 8 == 0 { usleep(1000) }
                try lock.checkStillOurs()
                if holders.value != number { return "two at once" }
                // Now and then one is killed: its `.lock` stays behind, with a dead process.
                if number % 16 == 0 {
                    store.scratch.write("prepared", Self.stale)
                    rename(store.scratch.at("prepared"), store.scratch.at(".lock"))
                    _ = try lock.release()
                } else if try lock.release() != .released {
                    return "not released"
                }
                if number == 64 { isDone.store(true, ordering: .relaxed) }
                return nil
            } catch {
                isDone.store(true, ordering: .relaxed)
                return "\(error)"
            }
        }
        #expect(failures.compactMap { $0 } == [])
        #expect(holders.value == 64)
    }

    /// The application's protocol, as it is: read, ask, remove, make. True when the lock is its own.
    private static func takeAsApplication(_ path: String, pauseMicroseconds: UInt32) -> Bool {
        for _ in 0..<2 {
            let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
            if file >= 0 {
                let text = Array("\(getpid())\nlinux\n2026-11-01T08:30:00-04:00\n".utf8)
                write(file, text, text.count)
                close(file)
                return true
            }
            let existing = open(path, O_RDONLY | O_CLOEXEC)
            if existing < 0 { continue }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = max(0, read(existing, &buffer, buffer.count))
            close(existing)
            let first = String(decoding: buffer[..<count].prefix { $0 != 10 }, as: UTF8.self)
            guard let process = Int32(first), kill(process, 0) != 0 else { return false }
            usleep(pauseMicroseconds)
            unlink(path)
        }
        return false
    }

    @Test("with an application among them, nobody writes beside it without noticing")
    func withApplication() {
        let store = LockableStore()
        let path = store.scratch.at(".lock")
        let applicationIsIn = Atomic<Bool>(false)
        let isDone = Atomic<Int>(0)
        let applicationsTurns = Counter()
        let failures = WorkerThreads.map(Array(0..<5), threads: 5) { number -> String? in
            if number == 0 {
                var round: UInt32 = 0
                while isDone.load(ordering: .sequentiallyConsistent) < 4 {
                    round += 1
                    if Self.takeAsApplication(path, pauseMicroseconds: round % 7 * 300) {
                        applicationIsIn.store(true, ordering: .sequentiallyConsistent)
                        applicationsTurns.add()
                        usleep(500)
                        applicationIsIn.store(false, ordering: .sequentiallyConsistent)
                        unlink(path)
                    }
                    usleep(500)
                }
                return nil
            }
            defer { isDone.add(1, ordering: .sequentiallyConsistent) }
            for round in 0..<25 {
                do throws(LockError) {
                    var lock = try StoreLock.acquire(store.site(), Self.patient)
                    usleep(300)
                    let isApplicationIn = applicationIsIn.load(ordering: .sequentiallyConsistent)
                    do throws(LockError) {
                        try lock.checkStillOurs()
                        if isApplicationIn {
                            return "the application was in, and we did not notice"
                        }
                    } catch .lost {
                        // Noticed: nothing would be written.
                    }
                    if round % 5 == 4 {
                        // Killed: a stale lock for the others.
                        store.scratch.write("prepared-\(number)", Self.stale)
                        rename(store.scratch.at("prepared-\(number)"), path)
                    }
                    _ = try lock.release()
                } catch {
                    return "\(error)"
                }
            }
            return nil
        }
        #expect(failures.compactMap { $0 } == [])
        #expect(applicationsTurns.value > 0)
    }
}
