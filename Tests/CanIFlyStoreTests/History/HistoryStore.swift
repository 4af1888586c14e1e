import CanIFlyStore
import Foundation
import StoreCodecs
import StoreFiles
import StoreTestSupport

/// A store of its own for a test of history, and the application that writes beside it.
struct HistoryStore {
    let scratch = ScratchDirectory()
    let store: Store

    init(_ documents: [String: String] = [:]) throws {
        store = try Store.open(at: scratch.path, system: LinuxSystemCalls())
        for (name, text) in documents { try write(name, text) }
    }

    // MARK: The application

    func url(_ name: String) -> URL { URL(filePath: scratch.path).appending(path: name) }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(
            at: url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url(name))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(at: url(name)) }

    /// Its text; nil where it is not there.
    func read(_ name: String) -> String? {
        (try? Data(contentsOf: url(name))).map { String(decoding: $0, as: UTF8.self) }
    }

    func mode(_ name: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: url(name).path)[.posixPermissions] as! Int
    }

    func setMode(_ name: String, _ mode: Int) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: url(name).path)
    }

    /// In seconds since 1970.
    func modified(_ name: String) throws -> Int {
        let date =
            try FileManager.default.attributesOfItem(atPath: url(name).path)[.modificationDate]
            as! Date
        return Int(date.timeIntervalSince1970)
    }

    func setModified(_ name: String, _ seconds: Int) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: Double(seconds))],
            ofItemAtPath: url(name).path)
    }

    /// Every document with its text, mode and whole second of modification.
    func everything() throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: scratch.path) {
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(
                atPath: url(name).path, isDirectory: &isDirectory)
            if isDirectory.boolValue || name.hasPrefix(".canifly-store") { continue }
            found[name] = "\(read(name)!) \(try mode(name)) \(try modified(name))"
        }
        return found
    }

    // MARK: The program

    @discardableResult
    func initialize() throws -> UInt64? {
        try store.initialize(profile: .recognise, WriteOptions(command: "init")).transaction
    }

    @discardableResult
    func snapshot() throws -> UInt64? {
        try store.snapshot(WriteOptions(command: "snapshot")).transaction
    }

    @discardableResult
    func put(_ name: String, _ text: String, mode: UInt16? = nil) throws -> UInt64? {
        var request = PutRequest(document: try StorePath(name), bytes: Array(text.utf8))
        request.mode = mode.map { FileMode($0) }
        return try store.put(request, WriteOptions(command: "put")).transaction
    }

    @discardableResult
    func delete(_ names: String...) throws -> UInt64? {
        try store.delete(try names.map { try StorePath($0) }, WriteOptions(command: "delete"))
            .transaction
    }

    @discardableResult
    func restore(_ names: String..., at moment: PointInTime) throws -> WriteReport {
        try store.restore(
            RestoreRequest(try names.map { try StorePath($0) }, at: moment),
            WriteOptions(command: "restore"))
    }

    func content(_ name: String, at moment: PointInTime) throws -> String {
        String(decoding: try store.content(of: try StorePath(name), at: moment), as: UTF8.self)
    }

    /// Nothing is wrong with the store.
    func isSound() throws -> Bool {
        var request = VerifyRequest()
        request.isDeep = true
        return try store.verify(request).errors == 0
    }
}
