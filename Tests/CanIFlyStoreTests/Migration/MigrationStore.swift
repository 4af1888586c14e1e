import CanIFlyStore
import Foundation
import LosslessJSON
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

/// A store to be migrated, in a directory with room for what lies beside it.
struct MigrationStore {
    let scratch = ScratchDirectory()
    let store: Store
    private let folder: URL

    /// An empty store.
    init() throws {
        folder = URL(filePath: scratch.path).appending(path: "canifly")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        store = try Store.open(
            at: folder.path, system: LinuxSystemCalls(),
            environment: StoreEnvironment(now: Fixtures.sampleClock))
    }

    init(_ documents: [String: String]) throws {
        try self.init()
        for (name, text) in documents { try write(name, text) }
    }

    /// The samples laid over each other, the first on top, with the plans beside the first layout.
    init(samples: String...) throws {
        try self.init()
        for sample in samples {
            for file in try Fixtures.files(of: sample) {
                let name = String(decoding: file.path, as: UTF8.self)
                if file.kind == .directory {
                    try FileManager.default.createDirectory(
                        at: url(name), withIntermediateDirectories: true)
                } else if read(name) == nil {
                    try write(name, file.bytes)
                    try setMode(name, Int(file.mode.bits))
                }
            }
        }
        guard samples.contains("0.0.42") else { return }
        for file in try Fixtures.files(of: Fixtures.besideFirstSample)
        where file.kind == .regular {
            try writeBeside(String(decoding: file.path, as: UTF8.self), file.bytes)
        }
    }

    // MARK: Files

    func url(_ name: String) -> URL { folder.appending(path: name) }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(
            at: url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url(name))
    }

    /// `plans/NAME.txt` beside the store.
    func writeBeside(_ name: String, _ bytes: [UInt8]) throws {
        let place = folder.deletingLastPathComponent().appending(path: name)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: place)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(at: url(name)) }

    func read(_ name: String) -> [UInt8]? { (try? Data(contentsOf: url(name))).map { Array($0) } }

    func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

    func json(_ name: String) throws -> JSONValue {
        try JSONDocument(try #require(read(name), "\(name) is not there"), duplicateKeys: .allow)
            .root
    }

    func kept(_ name: String) -> [UInt8]? { read(".canifly-store/kept/" + name) }

    func mode(_ name: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: url(name).path)[.posixPermissions] as! Int
    }

    func setMode(_ name: String, _ mode: Int) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: url(name).path)
    }

    /// Every document and what lies beside the store, with bytes and modes.
    func everything() throws -> [String: String] {
        var found: [String: String] = [:]
        let all = folder.deletingLastPathComponent()
        for name in try FileManager.default.subpathsOfDirectory(atPath: all.path) {
            if name.hasPrefix("canifly/.canifly-store") { continue }
            let place = all.appending(path: name)
            guard let bytes = try? Data(contentsOf: place) else { continue }
            let mode =
                try FileManager.default.attributesOfItem(atPath: place.path)[.posixPermissions]
                as! Int
            found[name] = "\(mode) \(Digest.of(Array(bytes)).hexadecimal)"
        }
        return found
    }

    // MARK: The program

    @discardableResult
    func migrate(
        to layout: Int? = nil, steps: String? = nil
    ) throws -> MigrationReport {
        try store.migrate(
            MigrationRequest(.layout(layout), stepFolder: steps),
            WriteOptions(command: "migrate"))
    }

    @discardableResult
    func rollback() throws -> MigrationReport {
        try store.migrate(MigrationRequest(.rollback), WriteOptions(command: "migrate"))
    }

    @discardableResult
    func takeOver() throws -> MigrationReport {
        try store.migrate(MigrationRequest(.leftBehind), WriteOptions(command: "migrate"))
    }

    /// The error of a command that must fail and change nothing.
    func refusal(_ body: () throws -> MigrationReport) throws -> StoreError {
        let before = try everything()
        let kept = try? FileManager.default.subpathsOfDirectory(
            atPath: url(".canifly-store/kept").path)
        let error = try #require(throws: StoreError.self) { _ = try body() }
        #expect(try everything() == before, "a migration that failed has changed something")
        #expect(
            (try? FileManager.default.subpathsOfDirectory(
                atPath: url(".canifly-store/kept").path)) == kept)
        return error
    }

    var layout: Int? { get throws { try store.status().layout } }

    /// Nothing is wrong with the store.
    func isSound() throws -> Bool {
        var request = VerifyRequest()
        request.isDeep = true
        return try store.verify(request).errors == 0
    }

    func writeStep(_ name: String, _ text: String) throws {
        try write(".canifly-store/migrations/" + name, text)
    }
}

/// Every leaf of a value by its pointer, spelled as it is.
func leaves(of value: JSONValue, at pointer: JSONPointer = .root) -> [String: String] {
    var found: [String: String] = [:]
    switch value.kind {
    case .object where value.count > 0:
        for member in value.members {
            found.merge(
                leaves(of: member.value, at: pointer.appending(member.key.stringUTF8 ?? [])),
                uniquingKeysWith: { _, last in last })
        }
    case .array where value.count > 0:
        for (index, element) in value.elements.enumerated() {
            found.merge(leaves(of: element, at: pointer.appending(index))) { _, last in last }
        }
    default:
        found[pointer.description] = String(decoding: value.bytes, as: UTF8.self)
    }
    return found
}

extension JSONValue {
    func at(_ pointer: String) throws -> JSONValue {
        try #require(try JSONPointer(pointer).resolve(from: self), "nothing at \(pointer)")
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
