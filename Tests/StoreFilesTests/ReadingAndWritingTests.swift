import Glibc
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Reading and writing")
struct ReadingAndWritingTests {
    let scratch = Scratch()

    private func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    @Test("a whole file comes back, however small the pieces", arguments: [1, 7, 4096, Int.max])
    func readWhole(longestRead: Int) throws {
        let system = HookedSystemCalls(longestRead: longestRead)
        for count in [0, 1, 100, 4096, 20_000] {
            let expected = bytes(count)
            scratch.write("a", expected)
            #expect(
                try system.readWhole("a", in: scratch.descriptor, limitBytes: 20_000) == expected)
        }
    }

    @Test("more bytes than the limit are refused, also where the size lies")
    func limit() throws {
        let system = LinuxSystemCalls()
        scratch.write("a", bytes(101))
        #expect(throws: FileAccessError.tooLarge(limitBytes: 100)) {
            try system.readWhole("a", in: scratch.descriptor, limitBytes: 100)
        }
        #expect(try system.readWhole("a", in: scratch.descriptor, limitBytes: 101).count == 101)
        // The files of /proc say that they are empty.
        let process = OwnedDescriptor(try system.openDirectory(at: "/proc/self"), system)
        let contents = try system.readWhole(
            "maps", in: process.descriptor, limitBytes: 1 << 20)
        #expect(contents.count > 4096)
        let tooLarge = #expect(throws: FileAccessError.self) {
            try LinuxSystemCalls().readWhole(
                "maps", in: LinuxSystemCalls().openDirectory(at: "/proc/self"), limitBytes: 1000)
        }
        #expect(tooLarge == .tooLarge(limitBytes: 1000))
    }

    @Test("a sparse file of 10 GB is refused at once")
    func sparse() throws {
        scratch.write("huge", "")
        #expect(truncate(scratch.at("huge"), 10_000_000_000) == 0)
        #expect(throws: FileAccessError.tooLarge(limitBytes: 1 << 20)) {
            try LinuxSystemCalls().readWhole("huge", in: scratch.descriptor, limitBytes: 1 << 20)
        }
        #expect(scratch.status("huge").blocks == 0)
    }

    @Test("what is no regular file is not read, and a FIFO does not hang")
    func notRegular() throws {
        let system = LinuxSystemCalls()
        mkfifo(scratch.at("fifo"), 0o600)
        scratch.makeDirectory("x.json")
        scratch.write("target", "t")
        symlink("target", scratch.at("link"))
        let expected: [(String, FileKind)] = [
            ("fifo", .fifo), ("x.json", .directory), ("link", .symbolicLink),
        ]
        for (name, kind) in expected {
            #expect(throws: FileAccessError.notRegular(kind)) {
                try system.readWhole(name, in: scratch.descriptor, limitBytes: 100)
            }
        }
        #expect(throws: FileAccessError.system(.noEntry)) {
            try system.readWhole("none", in: scratch.descriptor, limitBytes: 100)
        }
    }

    @Test("chunks join to the file", arguments: [1, 3, 4096, Int.max])
    func chunks(longestRead: Int) throws {
        let system = HookedSystemCalls(longestRead: longestRead)
        let expected = bytes(10_000)
        scratch.write("a", expected)
        let opened = try system.openRegularFile("a", in: scratch.descriptor)
        var reader = ChunkReader(system, capacity: 4096)
        for _ in 0..<2 {
            reader.start(opened.descriptor)
            var joined: [UInt8] = []
            while let chunk = try reader.next() { joined += chunk }
            let offset = reader.offset
            #expect(joined == expected && offset == 10_000)
        }
        reader.start(opened.descriptor)
        var lengths: [Int] = []
        while let chunk = try reader.nextFull() { lengths.append(chunk.count) }
        #expect(lengths == [4096, 4096, 1808])
    }

    @Test("short writes are continued, and a write of nothing is a failure")
    func writes() throws {
        let file = try LinuxSystemCalls().openOwned(
            "a", in: scratch.descriptor, [.write, .create])
        let descriptor = file.descriptor
        let text = "twenty-four bytes, whole"
        try HookedSystemCalls(longestWrite: 5).writeAll(descriptor, Array(text.utf8), at: 0)
        #expect(scratch.read("a") == text)
        #expect(throws: Errno.inputOutput) {
            try HookedSystemCalls(longestWrite: 0).writeAll(descriptor, [1], at: 0)
        }
        try file.close()
    }

    @Test("an owner closes once, and tells when asked")
    func owner() throws {
        let counter = Counter()
        var system = HookedSystemCalls()
        system.onClose = { () throws(Errno) in counter.add() }
        scratch.write("a", "a")
        func dropping(_ system: HookedSystemCalls) throws {
            let file = try system.openOwned("a", in: scratch.descriptor, [.read])
            #expect(file.descriptor > 2)
        }
        try dropping(system)
        #expect(counter.value == 1)
        try system.openOwned("a", in: scratch.descriptor, [.read]).close()
        #expect(counter.value == 2)
        let released = try system.openOwned("a", in: scratch.descriptor, [.read]).release()
        #expect(counter.value == 2)
        try system.close(released)
        system.onClose = { () throws(Errno) in throw .inputOutput }
        let failing = system
        #expect(throws: Errno.inputOutput) {
            try failing.openOwned("a", in: scratch.descriptor, [.read]).close()
        }
    }

    @Test("transient errors are tried again with growing pauses, others and late ones are not")
    func retries() throws {
        let calls = Counter()
        let pauses = Pauses()
        var system = HookedSystemCalls()
        system.onSleep = { pauses.add($0) }
        let policy = RetryPolicy(
            timeLimitNanoseconds: 10_000_000_000, firstPauseNanoseconds: 1000_000,
            longestPauseNanoseconds: 4_000_000, jitterShare: 0)
        let value = try system.retrying(policy) { () throws(Errno) in
            if calls.next() < 6 { throw .tryAgain }
            return 7
        }
        #expect(value == 7 && calls.value == 6)
        #expect(pauses.all == [1_000_000, 2_000_000, 4_000_000, 4_000_000, 4_000_000])
        #expect(throws: Errno.inputOutput) {
            try system.retrying(policy) { () throws(Errno) in throw .inputOutput }
        }
        let attempts = Counter()
        #expect(throws: Errno.busy) {
            try system.retrying(.never) { () throws(Errno) in
                attempts.add()
                throw .busy
            }
        }
        #expect(attempts.value == 1 && pauses.all.count == 5)
    }

    @Test("chance shortens pauses, and never beyond its share")
    func jitter() {
        let pauses = Pauses()
        var system = HookedSystemCalls()
        system.onSleep = { pauses.add($0) }
        let policy = RetryPolicy(
            timeLimitNanoseconds: 60_000_000_000, firstPauseNanoseconds: 8_000_000,
            longestPauseNanoseconds: 8_000_000, jitterShare: 0.5)
        var retries = policy.begin(system)
        for _ in 0..<50 {
            let goesOn = retries.pauseBeforeNext()
            #expect(goesOn)
        }
        #expect(pauses.all.allSatisfy { (4_000_000...8_000_000).contains($0) })
        #expect(Set(pauses.all).count > 10)
    }
}
