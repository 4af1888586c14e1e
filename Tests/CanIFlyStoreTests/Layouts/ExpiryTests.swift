import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

struct ExpiryTests {
    private func expired(
        _ document: String, _ bytes: [UInt8], layout: Int, at now: Timestamp
    ) -> ExpiredEntries? {
        Profile.canifly.expiredEntries(
            of: StorePath(unchecked: document), bytes: bytes, layout: layout, now: now)
    }

    @Test(
        "the samples have as many dead entries at their clock as they are said to",
        arguments: [
            ("0.0.42", "accounts/cache.json", 27, 9), ("0.0.58", "cache.json", 31, 10),
            ("0.5.0", "sessions.json", 4, 2), ("0.5.0", "login_states.json", 3, 3),
        ])
    func samples(sample: String, document: String, total: Int, dead: Int) throws {
        let bytes = try #require(try DocumentSet(sample: sample)[document])
        let layout = try #require(Fixtures.layouts[sample])
        let entries = try #require(
            expired(document, bytes, layout: layout, at: Fixtures.sampleClock))
        #expect(entries.total == total)
        #expect(entries.expired.count == dead)
        let finding = try #require(
            Profile.canifly.checkExpiry(
                of: StorePath(unchecked: document), bytes: bytes, layout: layout,
                now: Fixtures.sampleClock))
        #expect(finding.code == .expired && finding.severity == .info)
        #expect(finding.detail.hasPrefix("\(dead) of \(total) entries"))
        #expect(finding.pointer == nil)
    }

    @Test("instants are compared, whatever offset they are written with")
    func offsets() throws {
        let text = #"{"a": {"expires_at": "2026-11-01T08:30:00.302117046-04:00"}}"#
        let time = try #require(Timestamp(rfc3339: "2026-11-01T12:30:00.302117046Z"))
        let before = Timestamp(seconds: time.seconds, nanoseconds: time.nanoseconds - 1)
        let bytes = Array(text.utf8)
        #expect(expired("sessions.json", bytes, layout: 4, at: before)?.expired.isEmpty == true)
        // Dead when its time is not after now.
        #expect(expired("sessions.json", bytes, layout: 4, at: time)?.expired.count == 1)
    }

    @Test("a sign-in is dropped when it is more than an hour old, and not at the hour")
    func ages() throws {
        let bytes = Array(#"{"a": {"timestamp": "2026-11-01T11:00:00Z"}}"#.utf8)
        var now = Fixtures.sampleClock
        #expect(expired("login_states.json", bytes, layout: 4, at: now)?.expired.isEmpty == true)
        now.nanoseconds = 1
        #expect(
            expired("login_states.json", bytes, layout: 4, at: now)?.expired
                == [JSONPointer(tokens: [[0x61]])])
    }

    @Test("what has no readable time never dies, and what has no rule has no time")
    func untimed() throws {
        let text = #"{"a": {}, "b": {"expires_at": "soon"}, "c": {"expires_at": 1}, "d": null}"#
        let entries = try #require(
            expired("sessions.json", Array(text.utf8), layout: 4, at: Fixtures.sampleClock))
        #expect(entries.total == 4 && entries.expired.isEmpty)
        // `cache.json` is of an older layout here: the application no longer looks at it.
        for (document, text) in [
            ("api_cache.json", "{}"), ("sessions.json", "{"), ("cache.json", "{}"),
        ] {
            let entries = expired(
                document, Array(text.utf8), layout: 4, at: Fixtures.sampleClock)
            #expect(entries == nil, "\(document)")
        }
    }
}

struct ExposureTests {
    private func severity(
        _ document: String, _ mode: Int, in directory: Int, layout: Int = 4
    ) -> Severity? {
        Profile.canifly.checkExposure(
            of: StorePath(unchecked: document), mode: FileMode(UInt16(mode)),
            directoryMode: FileMode(UInt16(directory)), layout: layout)?.severity
    }

    @Test("a mode that the application gives is advice, a wider one a warning")
    func severities() {
        #expect(severity("accounts.json", 0o644, in: 0o755) == .info)
        #expect(severity("accounts.json", 0o600, in: 0o755) == nil)
        #expect(severity("accounts.json", 0o666, in: 0o755) == .warning)
        #expect(severity("config.json", 0o644, in: 0o755) == .info)
        #expect(severity("config.json", 0o644, in: 0o755, layout: 2) == nil)
        #expect(severity("sessions.json", 0o600, in: 0o755) == nil)
        for document in ["sessions.json", "login_states.json", "secret.key"] {
            #expect(severity(document, 0o644, in: 0o755) == .warning)
            #expect(severity(document, 0o640, in: 0o755) == .warning)
        }
        #expect(severity("plans/a.txt", 0o666, in: 0o777) == nil)
        #expect(severity("api_cache.json", 0o644, in: 0o755) == nil)
    }

    @Test("a directory that only its owner can enter exposes nothing")
    func closedDirectory() {
        for document in ["accounts.json", "secret.key", "account_data.json"] {
            #expect(severity(document, 0o666, in: 0o700) == nil)
        }
        // Entering is what counts, for the group and for everybody by themselves.
        #expect(severity("secret.key", 0o644, in: 0o744) == nil)
        #expect(severity("secret.key", 0o640, in: 0o711) == .warning)
        #expect(severity("secret.key", 0o640, in: 0o701) == nil)
    }

    @Test("tokens that an older layout left readable stay so, and are a warning")
    func leftBehind() throws {
        for document in ["account_data.json", "appstate_snapshot.json", "accounts/accounts.json"] {
            #expect(severity(document, 0o644, in: 0o755) == .warning)
        }
        let finding = try #require(
            Profile.canifly.checkExposure(
                of: StorePath(unchecked: "accounts.json"), mode: FileMode(0o644),
                directoryMode: FileMode(0o755), layout: 4))
        #expect(finding.code == .secretExposed)
        #expect(finding.remedy.contains("700"))
    }
}
