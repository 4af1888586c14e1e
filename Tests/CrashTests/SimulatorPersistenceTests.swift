import StoreFiles
import StoreTestSupport
import Testing

/// What each call makes durable and what not, register by register.
@Suite struct SimulatorPersistenceTests {
    private let disk = SimulatedDisk()
    private let store: Descriptor

    init() throws {
        disk.placeDirectory(at: "/store")
        store = try disk.openDirectory(at: "/store")
    }

    private func contentsAfterCrash(of name: String) -> Set<[UInt8]?> {
        Set(disk.machinesAfterCrash().map { $0.contents(at: "/store/" + name) })
    }

    private func create(_ name: String, _ flags: OpenFlags = [.write, .create]) throws -> Descriptor
    {
        try disk.open(name, in: store, flags, mode: .privateFile)
    }

    @Test("a settled disk has one state after a crash")
    func settled() throws {
        try disk.makeFile("a", in: store, letters(2_000), syncs: false)
        try disk.rename("a", in: store, to: "b", in: store, .replace)
        #expect(disk.machinesAfterCrash().count > 1)
        disk.settle()
        let machines = disk.machinesAfterCrash()
        #expect(machines.count == 1)
        #expect(machines[0].tree(at: "/") == disk.tree(at: "/"))
    }

    @Test("syncfs makes everything durable")
    func syncfs() throws {
        try disk.makeFile("a", in: store, letters(2_000), syncs: false)
        try disk.synchronizeFileSystem(store)
        let machines = disk.machinesAfterCrash()
        #expect(machines.map { $0.tree(at: "/") } == [disk.tree(at: "/")])
    }

    @Test("the sync of a file does not make its name durable")
    func nameOfSyncedFile() throws {
        try disk.makeFile("a", in: store, letters(10))
        #expect(contentsAfterCrash(of: "a") == [nil, letters(10)])
    }

    @Test("the sync of a directory does not make the contents of its files durable")
    func contentsOfSyncedName() throws {
        try disk.makeFile("a", in: store, letters(10), syncs: false)
        try disk.synchronize(store)
        let found = contentsAfterCrash(of: "a")
        #expect(found.isSuperset(of: [[], letters(10), [UInt8](repeating: 0, count: 10)]))
        #expect(!found.contains(nil))
    }

    @Test("fdatasync makes size and bytes durable and the mode not, fsync the mode as well")
    func mode() throws {
        disk.place(letters(5), at: "/store/a", mode: FileMode(0o644))
        let file = try create("a", [.write])
        try disk.writeAll(letters(900), to: file)
        try disk.setMode(of: file, to: .privateFile)
        func modes() -> Set<FileMode?> {
            Set(disk.machinesAfterCrash().map { $0.status(at: "/store/a")?.mode })
        }
        try disk.synchronizeData(file)
        #expect(contentsAfterCrash(of: "a") == [letters(900)])
        #expect(modes() == [FileMode(0o644), .privateFile])
        try disk.synchronize(file)
        #expect(modes() == [.privateFile])
    }

    @Test("a truncation may take the bytes and leave the size, or the other way round")
    func truncation() throws {
        disk.place(letters(600), at: "/store/a")
        let file = try create("a", [.write])
        try disk.truncate(file, to: 0)
        let found = contentsAfterCrash(of: "a")
        #expect(found.isSuperset(of: [[], letters(600), [UInt8](repeating: 0, count: 600)]))
        try disk.synchronize(file)
        #expect(contentsAfterCrash(of: "a") == [[]])
    }

    @Test("one sector is written whole or torn, and two independently")
    func sectors() throws {
        let old = [UInt8](repeating: 1, count: 1_024)
        disk.place(old, at: "/store/a")
        let file = try create("a", [.write])
        try disk.writeAll([UInt8](repeating: 2, count: 1_024), to: file)
        let halves = Set(contentsAfterCrash(of: "a").map { [$0?[0], $0?[512]] })
        #expect(halves.isSuperset(of: [[1, 1], [1, 2], [2, 1], [2, 2], [0, 2], [1, 0]]))
    }

    @Test("every pending version of an entry is possible")
    func versionsOfAnEntry() throws {
        for count in 1...3 {
            try? disk.unlink("a", in: store)
            try disk.makeFile("a", in: store, letters(count))
        }
        #expect(contentsAfterCrash(of: "a") == [nil, letters(1), letters(2), letters(3)])
    }

    @Test("the halves of a rename between directories happen independently in both profiles")
    func renameBetweenDirectories() throws {
        disk.place(letters(3), at: "/store/a")
        disk.placeDirectory(at: "/store/other")
        let other = try disk.open("other", in: store, [.directory], mode: .privateFile)
        try disk.rename("a", in: store, to: "a", in: other, .replace)
        for profile in CrashProfile.allCases {
            let counts = disk.machinesAfterCrash(profiles: [profile]).map { machine in
                machine.tree(at: "/store").count { $0.kind == .regular }
            }
            #expect(Set(counts) == [0, 1, 2])
        }
    }

    @Test("a rename within a directory is whole in P0, and in P1 may lose or double the file")
    func renameWithinADirectory() throws {
        disk.place(letters(3), at: "/store/a")
        try disk.rename("a", in: store, to: "b", in: store, .replace)
        func counts(_ profile: CrashProfile) -> Set<Int> {
            Set(disk.machinesAfterCrash(profiles: [profile]).map { $0.tree(at: "/store").count })
        }
        #expect(counts(.coupledRenames) == [1])
        #expect(counts(.independentRenames) == [0, 1, 2])
    }

    @Test("a failed sync of a directory is not made good by a later one, but by a new rename")
    func failedDirectorySync() throws {
        disk.place(letters(1), at: "/store/a")
        try disk.replaceFile("a", in: store, letters(2))
        try disk.failSynchronization(of: store, .all)
        try disk.synchronize(store)
        #expect(disk.contents(at: "/store/a") == letters(2))
        #expect(contentsAfterCrash(of: "a") == [letters(1), letters(2)])
        try disk.replaceFile("a", in: store, letters(3))
        try disk.synchronize(store)
        #expect(contentsAfterCrash(of: "a") == [letters(3)])
    }

    @Test("an unlinked file lives as long as it is open, and not through a crash")
    func unlinkedFile() throws {
        disk.place(letters(3), at: "/store/a")
        let file = try create("a", [.read])
        let before = try disk.status(of: file)
        try disk.unlink("a", in: store)
        try disk.synchronize(store)
        #expect(try disk.readWhole(file, limitBytes: 100) == letters(3))
        #expect(try disk.status(of: file).linkCount == 0)
        #expect(disk.machinesAfterCrash().allSatisfy { $0.tree(at: "/store").isEmpty })
        // Its number is given to another file only after the last descriptor is closed.
        try disk.makeFile("b", in: store, [])
        #expect(disk.status(at: "/store/b")?.inode != before.inode)
        try disk.close(file)
        try disk.makeFile("c", in: store, [])
        #expect(disk.status(at: "/store/c")?.inode == before.inode)
    }

    @Test("after a crash the machine has another boot, no locks and one process")
    func afterACrash() throws {
        let other = disk.process(77)
        let file = try disk.open("lock", in: store, [.write, .create], mode: .privateFile)
        #expect(try disk.tryLockExclusively(file))
        try disk.synchronize(store)
        let machine = disk.machinesAfterCrash()[0]
        #expect(machine.bootIdentifier != disk.bootIdentifier)
        #expect(machine.liveness(ofProcess: other.processIdentifier) == .noSuchProcess)
        #expect(machine.liveness(ofProcess: machine.processIdentifier) == .alive)
        #expect(machine.now() > disk.now())
        #expect(throws: Errno.badDescriptor) { try machine.status(of: store) }
        let folder = try machine.openDirectory(at: "/store")
        let lock = try machine.open("lock", in: folder, [.write], mode: .privateFile)
        #expect(try machine.tryLockExclusively(lock))
    }

    @Test("a lock excludes other processes until its holder ends")
    func lockAndProcesses() throws {
        let other = disk.process(77)
        let file = try create("lock")
        let folder = try other.openDirectory(at: "/store")
        let same = try other.open("lock", in: folder, [.write], mode: .privateFile)
        #expect(throws: Errno.badDescriptor) { try other.status(of: file) }
        #expect(try disk.tryLockExclusively(file))
        #expect(try disk.tryLockExclusively(file))
        #expect(try !other.tryLockExclusively(same))
        disk.endProcess()
        #expect(try other.tryLockExclusively(same))
        #expect(other.liveness(ofProcess: disk.processIdentifier) == .noSuchProcess)
    }

    @Test("no state is told twice, and what programs see is one of them", arguments: 1...30)
    func statesAreDistinct(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let names = ["a", "b", "c"]
        for _ in 0..<8 {
            let name = names[Int(generator.next() % 3)]
            let other = names[Int(generator.next() % 3)]
            let bytes = letters(
                Int(generator.next() % 700), from: UInt8(65 + generator.next() % 32))
            switch generator.next() % 7 {
            case 0: try? disk.rename(name, in: store, to: other, in: store, .replace)
            case 1: try? disk.rename(name, in: store, to: other, in: store, .exchange)
            case 2: try? disk.unlink(name, in: store)
            case 3: try? disk.link(name, in: store, to: other, in: store)
            case 4: try disk.synchronize(store)
            default:
                let file = try disk.open(name, in: store, [.write, .create], mode: .privateFile)
                try disk.writeAll(bytes, to: file, at: Int64(generator.next() % 200))
                if generator.next() % 3 == 0 { try disk.synchronize(file) }
                try disk.close(file)
            }
        }
        let machines = disk.machinesAfterCrash()
        #expect(machines.contains { $0.tree(at: "/") == disk.tree(at: "/") })
        // Numbers and times are part of a state, too.
        let images = machines.map { machine in
            machine.tree(at: "/store").map { entry in
                let path = "/store/" + String(decoding: entry.path, as: UTF8.self)
                return Image(entry: entry, status: machine.status(at: path))
            }
        }
        #expect(Set(images).count == images.count)
    }

    private struct Image: Hashable {
        var entry: TreeEntry
        var status: FileStatus?
    }
}
