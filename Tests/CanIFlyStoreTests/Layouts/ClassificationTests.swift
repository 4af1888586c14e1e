import StoreFiles
import Testing

@testable import CanIFlyStore

struct ClassificationTests {
    private func classify(
        _ path: String, _ kind: FileKind = .regular, layout: Int? = 4,
        profile: Profile = .canifly
    ) -> String {
        switch profile.classify(StorePath(unchecked: path), kind: kind, layout: layout) {
        case .document(let rule): rule.map { "document of \($0.layout)" } ?? "document"
        case .foreign: "foreign"
        case .temporary: "temporary"
        case .control: "control"
        case .lock: "lock"
        }
    }

    @Test(
        "what belongs to the Electron shell is foreign",
        arguments: [
            ("Preferences", FileKind.regular), ("Local State", .regular), ("Cookies", .regular),
            ("Cookies-journal", .regular), ("Local Storage", .directory),
            ("Local Storage/leveldb/000003.log", .regular), ("Session Storage", .directory),
            ("IndexedDB", .directory), ("IndexedDB/x.json", .regular), ("Cache", .directory),
            ("Code Cache/js/index", .regular), ("GPUCache", .directory), ("GPUCache/a", .regular),
            ("Network Persistent State", .regular), ("SingletonLock", .symbolicLink),
            ("SingletonCookie", .symbolicLink), ("SingletonSocket", .symbolicLink),
            (".org.chromium.Chromium.a8Xk2f", .regular), ("DawnCache", .directory),
            ("Crashpad/settings.dat", .regular), ("blob_storage", .directory),
            ("Dictionaries/en-US-10-1.bdic", .regular), ("Trust Tokens", .regular),
            ("TransportSecurity", .regular), ("SharedStorage", .regular), ("DIPS", .regular),
            ("Shared Dictionary", .directory), ("logs", .directory), ("WebStorage", .directory),
        ])
    func electron(path: String, kind: FileKind) {
        #expect(classify(path, kind) == "foreign")
        #expect(classify(path, kind, layout: nil) == "foreign")
    }

    @Test(
        "backups that the application made are foreign",
        arguments: [
            ("backup_20261101_083000", FileKind.directory),
            ("backup_20261101_083000/accounts.json", .regular),
            ("canifly_backup_2026-11-01_08-30-00.zip", .regular),
            ("EVE_2026-11-01_08-30-00.bak.tar.gz", .regular),
        ])
    func backups(path: String, kind: FileKind) {
        #expect(classify(path, kind) == "foreign")
    }

    @Test("foreign and control directories are not walked")
    func descent() {
        for name in ["Local Storage", "Cache", "backup_20261101_083000", ".canifly-store"] {
            #expect(!Profile.canifly.mayDescend(into: StorePath(unchecked: name)))
        }
        for name in ["plans", "config", "config/fuzzworks", "eve", "backup_of_mine", "plans/Cache"]
        {
            #expect(Profile.canifly.mayDescend(into: StorePath(unchecked: name)))
        }
    }

    @Test(
        "temporaries are no documents",
        arguments: [
            "accounts.json.tmp.4711", "config/fuzzworks/invTypes.csv.tmp", "a/b.tmp",
            ".write_test_1793012345678901234", "plans/_temp_My_plan_1793012345678901234.txt",
            ".tmp", "x.tmp.1",
        ])
    func temporaries(path: String) {
        #expect(classify(path) == "temporary")
    }

    @Test(
        "names that only look like temporaries are documents",
        arguments: [
            "a.tmpx", "a.tmp.", "a.tmp.1a", "tmp", "a.tmp1", "plans/_temp_x.txt",
            "write_test_1", "_temp_a_1.txt",
        ])
    func noTemporaries(path: String) {
        #expect(classify(path).hasPrefix("document"))
    }

    @Test("the control directory and the lock are themselves")
    func control() {
        #expect(classify(".canifly-store", .directory) == "control")
        #expect(classify(".canifly-store/catalog") == "control")
        #expect(classify(".lock") == "lock")
        #expect(classify("plans/.lock") == "document")
        #expect(classify(".canifly-store2") == "document")
    }

    @Test("a document's rule is that of the live layout, else of the newest older one")
    func rules() {
        #expect(classify("accounts.json") == "document of 4")
        #expect(classify("accounts.json", layout: 3) == "document of 3")
        #expect(classify("config.json", layout: 2) == "document of 2")
        #expect(classify("account_data.json") == "document of 2")
        #expect(classify("accounts/accounts.json", layout: 2) == "document of 1")
        #expect(classify("identity/1_identity.json") == "document of 0")
        #expect(classify("plans/Разведка Глубин.txt") == "document of 4")
        #expect(classify("plans/Magic_14.txt", layout: 1) == "document of 1")
        #expect(classify("plans/deleted_embedded_plans.json") == "document of 2")
        #expect(classify("config/fuzzworks/invTypes.csv.backup") == "document of 4")
        // Newer than the live one: the mode and the secrets of the only layout that knows it.
        #expect(classify("sessions.json", layout: 2) == "document of 4")
        #expect(classify("accounts.json", layout: nil) == "document of 4")
        #expect(classify("mine.json") == "document")
        #expect(classify("accounts.json.bak") == "document")
    }

    @Test("modes and kinds are those that the application gives")
    func modes() throws {
        for (path, mode, kind) in [
            ("secret.key", 0o600, DocumentKind.key), ("sessions.json", 0o600, .json),
            ("login_states.json", 0o600, .json), ("accounts.json", 0o644, .json),
            ("plans/a.txt", 0o644, .plan), ("config/fuzzworks/invTypes.csv", 0o644, .csv),
            ("identity/1_identity.json", 0o600, .binary),
        ] {
            let rule = try #require(
                Profile.canifly.rule(for: StorePath(unchecked: path), layout: 4))
            #expect(rule.mode == FileMode(UInt16(mode)))
            #expect(rule.kind == kind)
            #expect(!rule.isPackable)
        }
    }

    @Test("in a generic store everything but temporaries and control files is a document")
    func generic() {
        for path in ["Preferences", "SingletonLock", "a/b/c.bin", "plans/_temp_a_1.txt"] {
            #expect(classify(path, layout: nil, profile: .generic) == "document")
        }
        #expect(classify("a.json.tmp", layout: nil, profile: .generic) == "temporary")
        #expect(classify(".lock", layout: nil, profile: .generic) == "lock")
        #expect(classify(".canifly-store/x", layout: nil, profile: .generic) == "control")
        #expect(DocumentSet(["a.json"]).recognised(by: .generic).layout == nil)
    }

    @Test("a name that is no UTF-8 can be foreign, but never a document")
    func unsafeNames() {
        let broken: [UInt8] = [0xFF, 0xFE]
        #expect(Profile.canifly.classifyUnsafe(broken, kind: .regular) == nil)
        let inCache = Profile.canifly.classifyUnsafe(
            Array("Cache/".utf8) + broken, kind: .regular)
        guard case .foreign? = inCache else {
            Issue.record("a file in a foreign directory is foreign whatever its name")
            return
        }
    }
}
