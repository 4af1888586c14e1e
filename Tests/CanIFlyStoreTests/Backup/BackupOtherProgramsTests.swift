import CanIFlyStore
import Foundation
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

/// Other programs read what is written here: GNU tar, sha256sum, Python's tarfile, gzip, zcat.
@Suite("Backups and packed documents in other programs' hands")
struct BackupOtherProgramsTests {
    private static func shell(_ script: String, in folder: String) throws -> (
        status: Int32, output: String
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    private static func has(_ program: String) -> Bool {
        (try? shell("command -v \(program)", in: "/").status) == 0
    }

    private static func store(in scratch: ScratchDirectory) throws -> Store {
        try FileManager.default.createDirectory(
            atPath: scratch.path("store/plans"), withIntermediateDirectories: true)
        for (name, text) in [
            ("a.json", "{\"a\": 1}\n"), ("plans/Magic 14.txt", "Gunnery 5\n"),
            ("plans/Разведка.txt", "x\n"), ("back\\slash.txt", "y"),
        ] {
            try text.write(
                toFile: scratch.path("store/" + name), atomically: false, encoding: .utf8)
        }
        let store = try Store.open(at: scratch.path("store"), system: LinuxSystemCalls())
        _ = try store.initialize(profile: .named("generic"), WriteOptions(command: "init"))
        return store
    }

    @Test(
        "tar unpacks a backup, and sha256sum agrees with its manifest",
        .enabled(if: has("sha256sum")))
    func tar() throws {
        let scratch = ScratchDirectory()
        let store = try Self.store(in: scratch)
        _ = try store.backup(
            to: scratch.path("b.tar.gz"), isLive: false, WriteOptions(command: "backup"))
        let result = try Self.shell(
            "mkdir out && cd out && tar -xzf ../b.tar.gz && sha256sum -c SHA256SUMS "
                + "&& diff -r documents ../store -x .canifly-store && stat -c %a ../b.tar.gz",
            in: scratch.path)
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasSuffix("600\n"))
    }

    @Test("a backup is refused anywhere in the store, links followed")
    func inside() throws {
        let scratch = ScratchDirectory()
        let store = try Self.store(in: scratch)
        _ = try Self.shell("ln -s store/plans link", in: scratch.path)
        for folder in ["store", "store/plans", "link", "store/plans/..", "store/.canifly-store"] {
            let error = #expect(throws: StoreError.self) {
                try store.backup(
                    to: scratch.path("\(folder)/b.tar.gz"), isLive: false,
                    WriteOptions(command: "backup"))
            }
            #expect(error?.code == "backup-inside-store", "\(folder)")
        }
        #expect(
            try Self.shell("find . -name '*.tar.gz*'", in: scratch.path).output.isEmpty)
    }

    @Test("Python's tarfile reads a backup", .enabled(if: has("python3")))
    func python() throws {
        let scratch = ScratchDirectory()
        let store = try Self.store(in: scratch)
        _ = try store.backup(
            to: scratch.path("b.tar.gz"), isLive: false, WriteOptions(command: "backup"))
        let result = try Self.shell(
            """
            python3 -c "
            import tarfile, json, hashlib
            tar = tarfile.open('b.tar.gz')
            manifest = json.load(tar.extractfile('manifest.json'))
            for entry in manifest['documents']:
                data = tar.extractfile('documents/' + entry['document']).read()
                assert hashlib.sha256(data).hexdigest() == entry['sha256']
            assert len(tar.getmembers()) == len(manifest['documents']) + 2
            print('good')"
            """, in: scratch.path)
        #expect(result.output == "good\n")
    }

    @Test("gzip, zcat and Python read a packed document of many blocks")
    func packed() throws {
        let scratch = ScratchDirectory()
        let store = try Self.store(in: scratch)
        var text = "["
        for number in 0..<200_000 {
            text += "{\"id\": \(number), \"value\": \(number * 7919 % 10_007)},\n"
        }
        text += "0]\n"
        try text.write(toFile: scratch.path("store/big.json"), atomically: false, encoding: .utf8)
        var request = CompactRequest()
        request.pack = ["big.json"]
        _ = try store.compact(request, WriteOptions(command: "compact"))
        let digest = Digest.of(Array(text.utf8)).hexadecimal
        let result = try Self.shell(
            "gzip -t store/big.json.gz && zcat store/big.json.gz | sha256sum", in: scratch.path)
        #expect(result.status == 0 && result.output.hasPrefix(digest), "\(result.output)")
        try text.write(toFile: scratch.path("plain"), atomically: false, encoding: .utf8)
        let sizes = try Self.shell(
            "stat -c %s store/big.json.gz; gzip -6 -c plain | wc -c", in: scratch.path
        ).output.split(separator: "\n").compactMap { Int($0) }
        #expect(sizes.count == 2 && sizes[0] * 100 <= sizes[1] * 102, "\(sizes)")
    }
}
