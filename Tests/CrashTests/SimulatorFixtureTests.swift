import StoreFiles
import StoreTestSupport
import Testing

@Suite struct SimulatorFixtureTests {
    @Test(
        "a sample has the same files on a real disk and on a simulated one",
        arguments: Fixtures.samples)
    func sampleIsLaidOut(_ sample: String) throws {
        let expected = try Fixtures.files(of: sample)
        #expect(expected.count > 5)
        let disk = SimulatedDisk()
        try Fixtures.layOut(sample, at: "/home/player/canifly", on: disk)
        #expect(Set(disk.tree(at: "/home/player/canifly")) == Set(expected))

        let scratch = ScratchDirectory()
        let system = LinuxSystemCalls()
        try Fixtures.layOut(sample, in: scratch.descriptor, on: system)
        for file in expected {
            let path = String(decoding: file.path, as: UTF8.self)
            let opened = try system.open(path, in: scratch.descriptor, [.read], mode: .privateFile)
            let status = try system.status(of: opened)
            #expect(status.kind == file.kind)
            #expect(status.mode == file.mode)
            if file.kind == .regular {
                #expect(try system.readWhole(opened, limitBytes: 1 << 24) == file.bytes)
            }
            try system.close(opened)
        }
    }

    @Test("the key of the secrets is private in a sample, and the empty folder is there")
    func modesAndEmptyFolders() throws {
        let files = try Fixtures.files(of: "0.5.0")
        let names = Dictionary(
            uniqueKeysWithValues: files.map { (String(decoding: $0.path, as: UTF8.self), $0) })
        #expect(names["secret.key"]?.mode == .privateFile)
        #expect(names["accounts.json"]?.mode == FileMode(0o644))
        #expect(names["eve"]?.kind == .directory)
    }

    @Test("a scratch directory is gone with everything in it")
    func scratchIsRemoved() throws {
        let system = LinuxSystemCalls()
        let path: String
        do {
            let scratch = ScratchDirectory()
            path = scratch.path
            try Fixtures.layOut("0.5.0", in: scratch.descriptor, on: system)
        }
        #expect(throws: Errno.noEntry) { try system.openDirectory(at: path) }
    }
}
