import CanIFlyStore
import StoreFiles
import StoreTestSupport
import Testing

@Suite struct LayoutLookupTests {
    private let system = LinuxSystemCalls()
    private let scratch = ScratchDirectory()

    private func looked(_ profile: Profile = .canifly) throws -> Int? {
        try StoreNames.recognisedLayout(
            system: system, root: scratch.descriptor, profile: profile)
    }

    private func listed(_ profile: Profile = .canifly) throws -> Int? {
        try StoreListing.make(system: system, root: scratch.descriptor, profile: profile)
            .recognition.layout
    }

    private func write(_ text: String, to path: String) throws {
        let file = try system.open(
            path, in: scratch.descriptor, [.write, .create, .exclusive], mode: .privateFile)
        defer { try? system.close(file) }
        try system.writeAll(file, Array(text.utf8), at: 0)
    }

    @Test("a few looks tell what the whole listing tells", arguments: zip(Fixtures.samples, 1...4))
    func samples(_ sample: String, _ layout: Int) throws {
        try Fixtures.layOut(sample, in: scratch.descriptor, on: system)
        #expect(try looked() == layout)
        #expect(try listed() == layout)
    }

    @Test("a directory tells its layout by any document beneath it, and by nothing else")
    func directories() throws {
        try system.makeDirectory("identity", in: scratch.descriptor, mode: .privateDirectory)
        #expect(try looked() == nil)
        try write("x", to: "identity/1_identity.json.tmp.12")
        #expect(try looked() == nil)
        #expect(try listed() == nil)
        let inner = try system.open(
            "identity", in: scratch.descriptor, [.read, .directory], mode: .privateFile)
        defer { try? system.close(inner) }
        try system.makeDirectory("suffix", in: inner, mode: .privateDirectory)
        try write("x", to: "identity/suffix/1_identity.json")
        #expect(try looked() == 0)
        #expect(try listed() == 0)
    }

    @Test(
        "what is no regular file, or not of the right kind, tells nothing",
        arguments: ["[]", "null", "", "x"])
    func wrongKind(_ text: String) throws {
        try write(text, to: "accounts.json")
        try system.makeDirectory("secret.key", in: scratch.descriptor, mode: .privateDirectory)
        try write("", to: "config")
        #expect(try looked() == nil)
        #expect(try listed() == nil)
    }

    @Test("an unknown directory has no layout in any profile")
    func unknown() throws {
        try write("{}", to: "notes.json")
        #expect(try looked() == nil)
        #expect(try looked(.generic) == nil)
    }
}
