import Foundation
import StoreFiles
import StoreTestSupport
import Synchronization
import Testing

@testable import CanIFlyStore

/// Somebody who may write into the store's directory, and wants us to write elsewhere.
@Suite("Planted links")
struct PlantedLinkTests {
    /// A place outside the store that nothing may touch, and its contents.
    private struct Outside {
        let scratch = ScratchDirectory()

        init() throws {
            try Data("theirs".utf8).write(to: URL(filePath: scratch.path("a.json")))
            try Data("theirs".utf8).write(to: URL(filePath: scratch.path("catalog")))
        }

        func isUntouched() throws -> Bool {
            let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
            return try names.sorted() == ["a.json", "catalog"]
                && names.allSatisfy {
                    try Data(contentsOf: URL(filePath: scratch.path($0))) == Data("theirs".utf8)
                }
        }
    }

    private func link(_ name: String, in store: HistoryStore, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: store.url(name).path, withDestinationPath: target)
    }

    @Test(
        "in the place of our own files and folders are refused, and not followed",
        arguments: [
            ".canifly-store", ".canifly-store/staging", ".canifly-store/log",
            ".canifly-store/catalog", ".canifly-store/guard", ".canifly-store/contents.index",
            ".canifly-store/quarantine", ".lock",
        ])
    func ownFiles(name: String) throws {
        let outside = try Outside()
        let store = try HistoryStore(["a.json": "1"])
        if name != ".canifly-store" { try store.snapshot() }
        if store.bytes(name) != nil || name.hasSuffix("staging") || name.hasSuffix("log") {
            try store.remove(name)
        }
        let isFile = [".lock", "catalog", "guard", "index"].contains { name.hasSuffix($0) }
        let target = outside.scratch.path + (isFile ? "/catalog" : "")
        try link(name, in: store, to: target)
        var options = WriteOptions(command: "put")
        options.lockWaitNanoseconds = 0
        let document = try StorePath("a.json")
        _ = try? store.store.put(
            PutRequest(document: document, bytes: Array("2".utf8)), options)
        _ = try? store.store.snapshot(options)
        try store.write("b.json", "[")
        _ = try? store.store.repair(RepairRequest(), options)
        _ = try? store.store.verify(VerifyRequest())
        #expect(try outside.isUntouched())
    }

    @Test("a folder that becomes a link at any moment of a write leads nowhere else")
    func swappedFolder() throws {
        var swaps = 0
        for moment in 1...400 {
            let outside = try Outside()
            let store = try HistoryStore(["folder/a.json": "1", "b.json": "1"])
            try store.initialize()
            let opened = Mutex(0)
            var system = HookedSystemCalls()
            system.onOpen = { [url = store.url("folder"), place = outside.scratch.path] _ in
                let count = opened.withLock { count in
                    count += 1
                    return count
                }
                guard count == moment else { return }
                try? FileManager.default.moveItem(at: url, to: url.appendingPathExtension("old"))
                try? FileManager.default.createSymbolicLink(
                    atPath: url.path, withDestinationPath: place)
            }
            let attacked = try Store.open(at: store.scratch.path, system: system)
            let operations = ["folder/a.json", "folder/new.json"].map {
                StoreOperation.put(
                    PutRequest(document: StorePath(unchecked: $0), bytes: Array("2".utf8)))
            }
            _ = try? attacked.apply(
                operations.enumerated().map { (line: $0.offset + 1, operation: $0.element) },
                WriteOptions(command: "apply"))
            #expect(try outside.isUntouched(), "at opening number \(moment)")
            if opened.withLock({ $0 }) < moment { break }
            swaps += 1
        }
        #expect(swaps > 10)
    }
}
