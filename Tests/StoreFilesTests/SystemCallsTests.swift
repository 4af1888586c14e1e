import Glibc
import StoreFiles
import Testing

@Suite("The real system calls")
struct SystemCallsTests {
    let system = LinuxSystemCalls()
    let scratch = Scratch()

    @Test("error numbers have names, words and remedies")
    func errors() {
        #expect(Errno.noSpace.name == "ENOSPC")
        #expect(Errno.noSpace.description == "no space left on device (ENOSPC)")
        #expect(Errno(code: 4711).name == "errno 4711")
        #expect(Errno.noSpace.remedy == .freeSpace && Errno.quotaExceeded.remedy == .freeSpace)
        #expect(
            Errno.busy.isTransient && Errno.interrupted.isTransient && Errno.tryAgain.isTransient)
        #expect(!Errno.inputOutput.isTransient && !Errno.tooManyOpenFiles.isTransient)
        // 41 and 58 are not given out.
        for code in Int32(1)...133 where code != 41 && code != 58 {
            #expect(Errno(code: code).name.hasPrefix("E"), "number \(code)")
            #expect(!Errno(code: code).text.isEmpty)
        }
    }

    /// The same expectations hold for `openat2` and for the way around it.
    private func open(
        _ path: String, byComponents: Bool, _ flags: OpenFlags = [.read]
    ) -> Errno? {
        do throws(Errno) {
            let descriptor =
                byComponents
                ? try system.openByComponents(
                    path, in: scratch.descriptor, flags, mode: .privateFile)
                : try system.open(path, in: scratch.descriptor, flags, mode: .privateFile)
            try system.close(descriptor)
            return nil
        } catch {
            return error
        }
    }

    @Test("nothing outside is reached, and no link followed", arguments: [false, true])
    func beneath(byComponents: Bool) {
        let outside = Scratch()
        outside.write("secret", "s")
        scratch.makeDirectory("inner")
        scratch.write("inner/plain", "p")
        symlink(outside.at("secret"), scratch.at("link"))
        symlink(outside.path, scratch.at("inner/parent"))
        symlink("inner", scratch.at("relative"))

        let refusals: [Errno?] = [.tooManyLinks, .crossDevice, .notDirectory]
        let outsideName = outside.path.split(separator: "/").last!
        for path in [
            "link", "inner/parent/secret", "relative/plain", outside.at("secret"),
            "../\(outsideName)/secret",
        ] {
            let error = open(path, byComponents: byComponents)
            #expect(refusals.contains(error), "\(path): \(String(describing: error))")
        }
        #expect(open("inner/plain", byComponents: byComponents) == nil)
        #expect(open(".", byComponents: byComponents, [.read, .directory]) == nil)
        #expect(open("", byComponents: byComponents) == .noEntry)
        #expect(open("inner/plain\0x", byComponents: false) == .invalid)
    }

    @Test("every descriptor is closed on exec, also those of the way around openat2")
    func closeOnExec() throws {
        scratch.write("a", "a")
        let direct = try system.open("a", in: scratch.descriptor, [.read], mode: .privateFile)
        let around = try system.openByComponents(
            "a", in: scratch.descriptor, [.read], mode: .privateFile)
        let root = try system.openDirectory(at: scratch.path)
        for descriptor in [direct, around, root] {
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            try system.close(descriptor)
        }
        #expect(throws: Errno.badDescriptor) { try system.close(-1) }
    }

    @Test("a listing is whole, however many entries there are, and can be repeated")
    func listing() throws {
        let expected = Set((0..<3000).map { "document number \($0).json" })
        for name in expected { scratch.write(name, "") }
        for _ in 0..<2 {
            let entries = try system.entries(of: scratch.descriptor)
            #expect(entries.count == 3000)
            #expect(Set(entries.map { String(decoding: $0.name, as: UTF8.self) }) == expected)
            #expect(entries.allSatisfy { $0.kind == .regular })
        }
    }

    @Test("kinds of files")
    func kinds() throws {
        scratch.write("regular", "")
        scratch.makeDirectory("directory")
        symlink("regular", scratch.at("link"))
        mkfifo(scratch.at("fifo"), 0o600)
        let kinds = Dictionary(
            uniqueKeysWithValues: try system.entries(of: scratch.descriptor).map {
                (String(decoding: $0.name, as: UTF8.self), $0.kind)
            })
        #expect(
            kinds == [
                "regular": .regular, "directory": .directory, "link": .symbolicLink, "fifo": .fifo,
            ])
        for (name, kind) in kinds { #expect(scratch.status(name).kind == kind) }
    }

    @Test("rename exchanges, or refuses what exists")
    func renames() throws {
        scratch.write("a", "a")
        scratch.write("b", "b")
        let directory = scratch.descriptor
        try system.rename("a", in: directory, to: "b", in: directory, .exchange)
        #expect(scratch.read("a") == "b" && scratch.read("b") == "a")
        #expect(throws: Errno.exists) {
            try system.rename("a", in: directory, to: "b", in: directory, .noReplace)
        }
        try system.rename("a", in: directory, to: "c", in: directory, .noReplace)
        try system.rename("c", in: directory, to: "b", in: directory, .replace)
        #expect(scratch.names == ["b"] && scratch.read("b") == "b")
    }

    @Test("a lock belongs to the open file, not to the process")
    func locks() throws {
        let directory = scratch.descriptor
        let flags: OpenFlags = [.read, .write, .create]
        let first = try system.openOwned("guard", in: directory, flags)
        let second = try system.openOwned("guard", in: directory, flags)
        #expect(try system.tryLockExclusively(first.descriptor))
        #expect(try system.tryLockExclusively(first.descriptor))
        #expect(try !system.tryLockExclusively(second.descriptor))
        // A POSIX record lock would be lost here.
        try system.close(try system.open("guard", in: directory, flags, mode: .privateFile))
        #expect(try !system.tryLockExclusively(second.descriptor))
        try first.close()
        #expect(try system.tryLockExclusively(second.descriptor))
    }

    @Test("extended attributes come back byte for byte")
    func attributes() throws {
        scratch.write("a", "a")
        let file = try system.openOwned("a", in: scratch.descriptor, [.read])
        #expect(try system.extendedAttributeNames(of: file.descriptor) == [])
        let value: [UInt8] = [0, 255, 1, 0]
        try system.setExtendedAttribute("user.note", of: file.descriptor, to: value)
        try system.setExtendedAttribute("user.empty", of: file.descriptor, to: [])
        let names = try system.extendedAttributeNames(of: file.descriptor)
        #expect(names.sorted() == ["user.empty", "user.note"])
        #expect(try system.extendedAttribute("user.note", of: file.descriptor) == value)
        #expect(try system.extendedAttribute("user.empty", of: file.descriptor) == [])
        #expect(throws: Errno.noData) {
            try system.extendedAttribute("user.none", of: file.descriptor)
        }
    }

    @Test("processes: this one, one that cannot be, one that is dead but not buried")
    func processes() throws {
        #expect(system.liveness(ofProcess: system.processIdentifier) == .alive)
        #expect(system.startTime(ofProcess: system.processIdentifier)! > 0)
        #expect(system.liveness(ofProcess: Int32.max) == .noSuchProcess)
        #expect(system.startTime(ofProcess: Int32.max) == nil)
        for process: Int32 in [0, -1, Int32.min] {
            #expect(system.liveness(ofProcess: process) == .noSuchProcess)
        }

        var child: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { free(arguments[0]) }
        #expect(posix_spawn(&child, "/bin/true", nil, nil, arguments, nil) == 0)
        var ended = siginfo_t()
        #expect(waitid(P_PID, id_t(child), &ended, WEXITED | WNOWAIT) == 0)
        #expect(kill(child, 0) == 0)
        #expect(system.liveness(ofProcess: child) == .noSuchProcess)
        waitpid(child, nil, 0)
    }

    @Test("the clock, chance and the boot")
    func environment() {
        #expect(system.now().seconds > 1_700_000_000)
        let before = system.monotonicNanoseconds()
        system.sleep(nanoseconds: 2_000_000)
        #expect(system.monotonicNanoseconds() - before >= 2_000_000)
        #expect(system.randomBytes(32) != system.randomBytes(32))
        #expect(system.bootIdentifier.utf8.count == 36)
    }
}
