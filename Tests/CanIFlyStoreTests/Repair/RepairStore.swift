import Foundation
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

/// What befalls a document.
enum Damage: String, CaseIterable, CustomTestStringConvertible {
    /// One bit, and nothing else that a look at the file would tell.
    case flippedBit
    case cutInHalf
    case onlyNULs
    case emptied
    case deleted

    var testDescription: String { rawValue }
}

extension HistoryStore {
    /// A store that is one of the samples.
    init(sample: String) throws {
        try self.init()
        try Fixtures.layOut(sample, in: scratch.descriptor, on: LinuxSystemCalls())
    }

    func bytes(_ name: String) -> [UInt8]? { (try? Data(contentsOf: url(name))).map { Array($0) } }

    func damage(_ name: String, _ damage: Damage) throws {
        let bytes = try #require(self.bytes(name))
        switch damage {
        case .flippedBit:
            var flipped = bytes
            flipped[bytes.count / 2] ^= 1
            try overwrite(name, with: flipped)
        case .cutInHalf: try write(name, Array(bytes.prefix(bytes.count / 2)))
        case .onlyNULs: try write(name, [UInt8](repeating: 0, count: bytes.count))
        case .emptied: try write(name, [UInt8]())
        case .deleted: try remove(name)
        }
    }

    /// In place, with the modification time put back.
    func overwrite(_ name: String, with bytes: [UInt8]) throws {
        let system = LinuxSystemCalls()
        let file = try system.openOwned(name, in: scratch.descriptor, [.read, .write])
        let time = try system.status(of: file.descriptor).modified
        try system.truncate(file.descriptor, to: Int64(bytes.count))
        try system.writeAll(file.descriptor, bytes, at: 0)
        try system.setModificationTime(of: file.descriptor, to: time)
    }

    /// Turns one bit of a file over.
    func flipBit(of name: String, at offset: Int) throws {
        var bytes = try #require(self.bytes(name))
        bytes[offset] ^= 0x10
        try overwrite(name, with: bytes)
    }

    var documents: [String] {
        get throws {
            try everything().keys.filter { $0 != ".lock" }.sorted()
        }
    }

    // MARK: The program

    @discardableResult
    func repair(
        _ names: String..., salvages: Bool = false, adopts: Bool = false, isDryRun: Bool = false
    ) throws -> RepairReport {
        var options = WriteOptions(command: "repair")
        options.isDryRun = isDryRun
        return try store.repair(
            try request(names, salvages: salvages, adopts: adopts), options)
    }

    func request(
        _ names: [String] = [], salvages: Bool = false, adopts: Bool = false
    ) throws -> RepairRequest {
        var request = RepairRequest()
        request.documents = try names.map { try StorePath($0) }
        request.salvages = salvages
        request.adopts = adopts
        return request
    }

    func findings(of name: String? = nil) throws -> [Finding] {
        try store.verify(VerifyRequest()).findings.filter {
            $0.severity > .info && (name == nil || $0.document == name)
        }
    }

    /// Contents of the quarantine, without the descriptions.
    func quarantine() throws -> [[UInt8]] {
        let folder = ".canifly-store/quarantine"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: url(folder).path)
        else { return [] }
        return names.sorted().filter { !$0.hasSuffix(".json") }.compactMap {
            bytes("\(folder)/\($0)")
        }
    }

    /// All that is in the store, the control directory included, but for the guard.
    func wholeTree() throws -> [String: [UInt8]] {
        var tree: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: scratch.path) {
            if let bytes = bytes(name) { tree[name] = bytes }
        }
        return tree
    }
}

extension RepairReport {
    var errors: [Finding] { remaining.filter { $0.severity == .error } }
    func step(of document: String?) -> RepairStep? { actions.first { $0.document == document } }
}
