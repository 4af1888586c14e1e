import Glibc
import StoreFiles
import StoreTestSupport
import Testing

@Suite("The durable replace")
struct DurableReplaceTests {
    let scratch = Scratch()
    let system = LinuxSystemCalls()

    private func replace(
        _ name: String, _ text: String, _ expected: ExpectedDocument? = nil,
        attributes: FileAttributes? = nil, by system: any SystemCalls = LinuxSystemCalls()
    ) throws(PublishError) {
        try system.replaceDurably(
            name, in: scratch.descriptor, contents: Array(text.utf8), attributes: attributes,
            expecting: expected ?? .present(scratch.status(name)))
    }

    // MARK: What comes out

    @Test("a new document is private, a replaced one keeps its mode, and nothing is left over")
    func modes() throws {
        let mask = umask(0)
        defer { umask(mask) }
        try replace("new", "1", .absent)
        #expect(scratch.read("new") == "1" && scratch.status("new").mode == .privateFile)
        for mode: mode_t in [0o600, 0o644, 0o640, 0o444, 0o777, 0o4755] {
            scratch.write("old", "old", mode: mode)
            try replace("old", "new contents")
            #expect(scratch.read("old") == "new contents")
            #expect(scratch.status("old").mode.bits == UInt16(mode))
            unlink(scratch.at("old"))
        }
        try replace("chosen", "2", .absent, attributes: FileAttributes(mode: FileMode(0o644)))
        #expect(scratch.status("chosen").mode.bits == 0o644)
        #expect(scratch.names == ["chosen", "new"])
    }

    @Test("extended attributes, owner and a chosen modification time come along")
    func attributes() throws {
        scratch.write("a", "old", mode: 0o640)
        let file = try system.openOwned("a", in: scratch.descriptor, [.read])
        try system.setExtendedAttribute("user.note", of: file.descriptor, to: [1, 0, 2])
        if geteuid() == 0 { chown(scratch.at("a"), 1234, 4321) }
        var attributes = FileAttributes(keeping: scratch.status("a"))
        attributes.modified = Timestamp(seconds: 1_000_000_000, nanoseconds: 5)
        try replace("a", "new", attributes: attributes)
        let status = scratch.status("a")
        #expect(status.modified == attributes.modified && status.mode.bits == 0o640)
        if geteuid() == 0 { #expect(status.user == 1234 && status.group == 4321) }
        let new = try system.openOwned("a", in: scratch.descriptor, [.read])
        #expect(try system.extendedAttribute("user.note", of: new.descriptor) == [1, 0, 2])
    }

    @Test(
        "what root makes in another user's directory is that user's", .enabled(if: geteuid() == 0))
    func rootsHeir() throws {
        chown(scratch.path, 1234, 4321)
        try replace("new", "1", .absent)
        #expect(scratch.status("new").user == 1234 && scratch.status("new").group == 4321)
        let made = try system.makeDirectories(
            for: try StorePath("a/b/c"), beneath: scratch.descriptor, mode: .privateDirectory)
        #expect(made.count == 2 && scratch.status("a").user == 1234)
    }

    @Test("where the group cannot be kept, ours gets no more than everybody has")
    func foreignGroup() throws {
        var system = HookedSystemCalls()
        system.onSetOwner = { () throws(Errno) in throw .notPermitted }
        for (mode, expected): (UInt16, UInt16) in [
            (0o660, 0o600), (0o644, 0o644), (0o664, 0o644), (0o675, 0o655),
        ] {
            scratch.write("a", "old")
            try replace(
                "a", "new",
                attributes: FileAttributes(
                    mode: FileMode(mode),
                    owner: FileAttributes.Owner(user: getuid(), group: getgid() + 1)),
                by: system)
            #expect(scratch.status("a").mode.bits == expected)
        }
    }

    @Test("a secret is never readable by others, whatever the umask")
    func exposure() throws {
        let mask = umask(0)
        defer { umask(mask) }
        let seen = Pauses()
        var system = HookedSystemCalls()
        system.afterOpen = { name, descriptor in
            guard TemporaryName.isTemporary(name) else { return }
            seen.add(UInt64(try! LinuxSystemCalls().status(of: descriptor).mode.bits))
        }
        let scratch = scratch
        system.onSynchronize = { () throws(Errno) in
            for name in scratch.names { seen.add(UInt64(scratch.status(name).mode.bits)) }
        }
        try replace("secret", "s", .absent, by: system)
        // Made, before the sync, and before the directory's.
        #expect(seen.all == [0o600, 0o600, 0o600])
    }

    @Test("a name of 255 bytes has room for its temporary")
    func longName() throws {
        let name = String(repeating: "n", count: 255)
        try replace(name, "1", .absent)
        try replace(name, "2")
        #expect(scratch.names == [name] && scratch.read(name) == "2")
    }

    @Test("a hard link keeps the old contents, and the document gets the new ones")
    func hardLink() throws {
        scratch.write("a", "old")
        link(scratch.at("a"), scratch.at("b"))
        try replace("a", "new")
        #expect(scratch.read("a") == "new" && scratch.read("b") == "old")
        #expect(scratch.status("b").linkCount == 1)
    }

    @Test("an empty document and a large one")
    func sizes() throws {
        try replace("a", "", .absent)
        #expect(scratch.read("a") == "")
        let large = String(repeating: "0123456789abcdef", count: 100_000)
        try replace("a", large, by: HookedSystemCalls(longestWrite: 65_537))
        #expect(scratch.read("a") == large)
    }

    // MARK: Conflicts

    @Test("what changed before is a conflict, and stays")
    func changedBefore() throws {
        scratch.write("a", "judged")
        let judged = scratch.status("a")
        scratch.write("a", "longer than that")
        #expect(throws: PublishError.conflict) { try replace("a", "ours", .present(judged)) }
        #expect(scratch.read("a") == "longer than that")
        unlink(scratch.at("a"))
        #expect(throws: PublishError.conflict) { try replace("a", "ours", .present(judged)) }
        #expect(scratch.names == [])
        scratch.write("a", "other")
        #expect(throws: PublishError.conflict) { try replace("a", "ours", .absent) }
        #expect(scratch.read("a") == "other" && scratch.names == ["a"])
    }

    @Test("a write with the time set back is a conflict: the change time tells")
    func timeSetBack() throws {
        scratch.write("a", "judged")
        let judged = scratch.status("a")
        scratch.write("a", "edited")
        let moment = timespec(
            tv_sec: Int(judged.modified.seconds), tv_nsec: Int(judged.modified.nanoseconds))
        utimensat(scratch.descriptor, "a", [moment, moment], 0)
        #expect(scratch.status("a").modified == judged.modified)
        #expect(throws: PublishError.conflict) { try replace("a", "ours", .present(judged)) }
        #expect(scratch.read("a") == "edited")
    }

    /// Another program that replaces the document as the application does.
    private func saveAsApplication(_ text: String) {
        scratch.write("a.tmp.4711", text)
        rename(scratch.at("a.tmp.4711"), scratch.at("a"))
    }

    @Test("what is written between the look and the exchange is put back")
    func changedBetween() throws {
        scratch.write("a", "judged")
        var hooked = HookedSystemCalls()
        let exchanges = Counter()
        let test = self
        hooked.onRename = { (_, _, how) throws(Errno) in
            if how == .exchange, exchanges.next() == 1 { test.saveAsApplication("theirs") }
        }
        #expect(throws: PublishError.conflict) { try replace("a", "ours", by: hooked) }
        #expect(scratch.read("a") == "theirs" && scratch.names == ["a"])
        #expect(exchanges.value == 2)
    }

    @Test("of several writes in between, the newest gets the name back", arguments: 2...6)
    func changedOften(times: Int) throws {
        scratch.write("a", "judged")
        var hooked = HookedSystemCalls()
        let exchanges = Counter()
        let test = self
        hooked.onRename = { (_, _, how) throws(Errno) in
            guard how == .exchange else { return }
            let number = exchanges.next()
            if number <= times { test.saveAsApplication("write \(number)") }
        }
        #expect(throws: PublishError.conflict) { try replace("a", "ours", by: hooked) }
        #expect(scratch.read("a") == "write \(times)" && scratch.names == ["a"])
    }

    @Test("removed in between: it stays removed")
    func removedBetween() throws {
        scratch.write("a", "judged")
        var hooked = HookedSystemCalls()
        let path = scratch.at("a")
        hooked.onRename = { (_, _, _) throws(Errno) in unlink(path) }
        #expect(throws: PublishError.conflict) { try replace("a", "ours", by: hooked) }
        #expect(scratch.names == [])
    }

    @Test("when the other program's document cannot be put back, it is kept under the name told")
    func cannotPutBack() throws {
        scratch.write("a", "judged")
        var hooked = HookedSystemCalls()
        let exchanges = Counter()
        let test = self
        hooked.onRename = { (_, _, _) throws(Errno) in
            if exchanges.next() > 1 { throw .inputOutput }
            test.saveAsApplication("theirs")
        }
        do throws(PublishError) {
            try replace("a", "ours", by: hooked)
            Issue.record("it was published")
        } catch .system(.putBack(let name), .inputOutput) {
            #expect(scratch.read(name) == "theirs")
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test("a document that became a link or a directory is a conflict, and nothing is followed")
    func becameLink() throws {
        let outside = Scratch()
        outside.write("target", "outside")
        scratch.write("a", "judged")
        let judged = scratch.status("a")
        unlink(scratch.at("a"))
        symlink(outside.at("target"), scratch.at("a"))
        #expect(throws: PublishError.conflict) { try replace("a", "ours", .present(judged)) }
        #expect(throws: PublishError.conflict) { try replace("a", "ours", .absent) }
        unlink(scratch.at("a"))
        scratch.makeDirectory("a")
        #expect(throws: PublishError.conflict) { try replace("a", "ours", .present(judged)) }
        #expect(throws: PublishError.conflict) { try replace("a", "ours", .absent) }
        #expect(outside.read("target") == "outside" && scratch.names == ["a"])
    }

    @Test("a parent that is swapped for a link while we work leads nowhere else")
    func swappedParent() throws {
        let outside = Scratch()
        scratch.makeDirectory("plans")
        scratch.write("plans/a", "old")
        let directory = try Directory(
            parentOf: try StorePath("plans/a"), beneath: scratch.descriptor, system)
        let judged = try system.status(of: "a", in: directory.descriptor)
        rename(scratch.at("plans"), scratch.at("moved"))
        symlink(outside.path, scratch.at("plans"))
        try system.replaceDurably(
            "a", in: directory.descriptor, contents: [0x31], expecting: .present(judged))
        #expect(outside.names == [] && scratch.read("moved/a") == "1")
        #expect(throws: Errno.self) {
            _ = try Directory(
                parentOf: try StorePath("plans/a"), beneath: scratch.descriptor,
                LinuxSystemCalls())
        }
    }

    // MARK: Removal

    @Test("a judged document is removed, a changed one stays")
    func removal() throws {
        scratch.write("a", "judged")
        let judged = scratch.status("a")
        scratch.write("a", "changed!")
        #expect(throws: PublishError.conflict) {
            try system.removeDocument("a", in: scratch.descriptor, expecting: judged)
        }
        #expect(scratch.read("a") == "changed!")
        try system.removeDocument(
            "a", in: scratch.descriptor, expecting: scratch.status("a"))
        #expect(scratch.names == [])
        #expect(throws: PublishError.conflict) {
            try system.removeDocument("a", in: scratch.descriptor, expecting: judged)
        }
    }

    @Test("a document on its way out lies where it is told to, and comes back from there")
    func removalByAnotherDirectory() throws {
        try system.makeDirectory("parking", in: scratch.descriptor, mode: .privateDirectory)
        let parking = try system.openOwned("parking", in: scratch.descriptor, [.read, .directory])
        scratch.write("a", "judged")
        let judged = scratch.status("a")
        // Killed before it could be removed.
        let killed = FaultInjectingSystemCalls(
            wrapping: system, [.fail(call: 1, of: [.unlink], with: .inputOutput)])
        #expect(throws: PublishError.self) {
            try killed.removeDocument(
                "a", in: scratch.descriptor, expecting: judged, by: parking.descriptor)
        }
        #expect(scratch.names == ["parking"])
        #expect(try system.entries(of: parking.descriptor).count == 1)
        scratch.write("a", "judged")
        let test = self
        var hooked = HookedSystemCalls()
        let renames = Counter()
        hooked.onRename = { (_, _, _) throws(Errno) in
            if renames.next() == 1 { test.saveAsApplication("theirs") }
        }
        #expect(throws: PublishError.conflict) {
            try hooked.removeDocument(
                "a", in: scratch.descriptor, expecting: scratch.status("a"),
                by: parking.descriptor)
        }
        #expect(scratch.read("a") == "theirs")
        try system.removeDocument(
            "a", in: scratch.descriptor, expecting: scratch.status("a"), by: parking.descriptor)
        #expect(scratch.names == ["parking"])
        #expect(try system.entries(of: parking.descriptor).count == 1)
    }

    @Test("a document written just before its removal is put back", arguments: [false, true])
    func removalBetween(andAgain: Bool) throws {
        scratch.write("a", "judged")
        var hooked = HookedSystemCalls()
        let renames = Counter()
        let test = self
        hooked.onRename = { (_, _, _) throws(Errno) in
            let number = renames.next()
            if number == 1 { test.saveAsApplication("theirs") }
            if number == 2 && andAgain { test.scratch.write("a", "newer") }
        }
        #expect(throws: PublishError.conflict) {
            try hooked.removeDocument(
                "a", in: scratch.descriptor, expecting: scratch.status("a"))
        }
        #expect(scratch.read("a") == (andAgain ? "newer" : "theirs") && scratch.names == ["a"])
    }

    // MARK: Failures

    @Test("a planted temporary is neither used nor touched")
    func planted() throws {
        var hooked = HookedSystemCalls()
        let calls = Counter()
        hooked.chance = { count in [UInt8](repeating: UInt8(min(calls.next(), 3)), count: count) }
        let planted = ".canifly-store-0101010101010101.tmp"
        scratch.write(planted, "planted", mode: 0o666)
        let outside = Scratch()
        outside.write("target", "outside")
        let link = ".canifly-store-0202020202020202.tmp"
        symlink(outside.at("target"), scratch.at(link))
        try replace("a", "ours", .absent, by: hooked)
        #expect(scratch.read("a") == "ours" && scratch.read(planted) == "planted")
        #expect(outside.read("target") == "outside" && scratch.names == [planted, link, "a"])
        // If chance has nothing else to offer, that is an error and no endless loop.
        hooked.chance = { [UInt8](repeating: 1, count: $0) }
        let stuck = hooked
        #expect(throws: PublishError.system(.stage, .exists)) {
            try replace("b", "ours", .absent, by: stuck)
        }
    }

    @Test("after a failed sync the temporary is gone, and the document as it was")
    func failedSync() throws {
        scratch.write("a", "old")
        let syncs = Counter()
        var hooked = HookedSystemCalls()
        hooked.onSynchronize = { () throws(Errno) in
            syncs.add()
            throw .inputOutput
        }
        let failing = hooked
        #expect(throws: PublishError.system(.stage, .inputOutput)) {
            try replace("a", "new", by: failing)
        }
        // Never a second one: it would report success for pages that are lost.
        #expect(syncs.value == 1)
        #expect(scratch.read("a") == "old" && scratch.names == ["a"])
    }

    @Test("a failed close counts as a failed write")
    func failedClose() throws {
        scratch.write("a", "old")
        var hooked = HookedSystemCalls()
        hooked.onClose = { () throws(Errno) in throw .inputOutput }
        let failing = hooked
        #expect(throws: PublishError.system(.stage, .inputOutput)) {
            try replace("a", "new", by: failing)
        }
        #expect(scratch.read("a") == "old" && scratch.names == ["a"])
    }

    @Test("a failed sync of the directory is told as what it is")
    func failedDirectorySync() throws {
        scratch.write("a", "old")
        let syncs = Counter()
        var hooked = HookedSystemCalls()
        hooked.onSynchronize = { () throws(Errno) in
            if syncs.next() == 2 { throw .inputOutput }
        }
        let failing = hooked
        #expect(throws: PublishError.system(.synchronizeDirectory, .inputOutput)) {
            try replace("a", "new", by: failing)
        }
        #expect(scratch.read("a") == "new" && scratch.names == ["a"])
    }

    @Test(
        "a rename that fails leaves the document and no temporary",
        arguments: [Errno.inputOutput, .noSpace, .accessDenied, .quotaExceeded])
    func failedRename(error: Errno) throws {
        scratch.write("a", "old")
        var hooked = HookedSystemCalls()
        hooked.onRename = { (_, _, _) throws(Errno) in throw error }
        let failing = hooked
        #expect(throws: PublishError.system(.rename, error)) {
            try replace("a", "new", by: failing)
        }
        #expect(throws: PublishError.system(.rename, error)) {
            try replace("b", "new", .absent, by: failing)
        }
        #expect(scratch.read("a") == "old" && scratch.names == ["a"])
    }

    @Test(
        "file systems without exchange and without links are served as well",
        arguments: [Errno.invalid, .noSystemCall, .notSupported], [false, true])
    func withoutFlags(error: Errno, hasLinks: Bool) throws {
        var hooked = HookedSystemCalls()
        hooked.onRename = { (_, _, how) throws(Errno) in if how != .replace { throw error } }
        if !hasLinks { hooked.onLink = { () throws(Errno) in throw .notPermitted } }
        let limited = hooked
        try replace("a", "1", .absent, by: limited)
        try replace("a", "2", by: limited)
        #expect(scratch.read("a") == "2" && scratch.names == ["a"])
        #expect(throws: PublishError.conflict) { try replace("a", "3", .absent, by: limited) }
        let judged = scratch.status("a")
        scratch.write("a", "theirs")
        #expect(throws: PublishError.conflict) {
            try replace("a", "3", .present(judged), by: limited)
        }
        #expect(scratch.read("a") == "theirs" && scratch.names == ["a"])
        try limited.removeDocument(
            "a", in: scratch.descriptor, expecting: scratch.status("a"))
        #expect(scratch.names == [])
    }

    @Test("a staged file that nobody publishes leaves nothing")
    func abandoned() throws {
        func abandon() throws {
            var file = try StagedFile(for: "a", in: scratch.descriptor, system)
            try file.write([1, 2, 3])
            #expect(scratch.names.count == 1)
        }
        try abandon()
        #expect(scratch.names == [])
        let staged = try system.stage(
            "a", in: scratch.descriptor, contents: [1], expecting: .absent)
        #expect(scratch.names == [staged.temporaryName])
        system.discard(staged)
        #expect(scratch.names == [])
    }
}
