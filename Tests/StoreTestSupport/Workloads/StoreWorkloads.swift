package import CanIFlyStore
import StoreFiles

extension StoreWorkload {
    package static func put(_ name: String, _ text: String, mode: UInt16? = nil) -> Step {
        Step { system in
            let store = try store(on: system)
            var request = PutRequest(document: try StorePath(name), bytes: Array(text.utf8))
            request.mode = mode.map { FileMode($0) }
            _ = try store.put(request, WriteOptions(command: "put"))
        }
    }

    /// A document as `put --seal` and `put --pack` write it.
    package static func put(
        _ name: String, _ text: String, seals: Bool = false, packs: Bool = false
    ) -> Step {
        Step { system in
            var request = PutRequest(document: try StorePath(name), bytes: Array(text.utf8))
            request.seals = seals
            request.packs = packs
            _ = try store(on: system).put(request, WriteOptions(command: "put"))
        }
    }

    package static func patch(_ name: String, _ patch: String) -> Step {
        apply([.patch(document: StorePath(unchecked: name), patch: Array(patch.utf8))])
    }

    package static func delete(_ names: String...) -> Step {
        Step { system in
            _ = try store(on: system).delete(
                names.map { StorePath(unchecked: $0) }, WriteOptions(command: "delete"))
        }
    }

    package static let initialize = Step { system in
        _ = try store(on: system).initialize(
            profile: .named("generic"), WriteOptions(command: "init"))
    }

    package static let snapshot = Step { system in
        _ = try store(on: system).snapshot(WriteOptions(command: "snapshot"))
    }

    package static func apply(_ operations: [StoreOperation]) -> Step {
        Step { system in
            _ = try store(on: system).apply(
                operations.enumerated().map { (line: $0.offset + 1, operation: $0.element) },
                WriteOptions(command: "apply"))
        }
    }

    package static func write(_ name: String, _ text: String) -> StoreOperation {
        .put(PutRequest(document: StorePath(unchecked: name), bytes: Array(text.utf8)))
    }

    /// Brings documents back; without names, all of them.
    package static func restore(_ names: String..., at moment: PointInTime) -> Step {
        Step { system in
            _ = try store(on: system).restore(
                RestoreRequest(names.map { StorePath(unchecked: $0) }, at: moment),
                WriteOptions(command: "restore"))
        }
    }

    /// Another program writes a document as it should: temporary file, sync, rename, sync.
    package static func applicationWrites(
        _ name: String, _ text: String, syncs: Bool = true
    ) -> Step {
        Step(isApplication: true) { system in
            let store = OwnedDescriptor(try system.openDirectory(at: root), system)
            let file = try system.openOwned(
                applicationTemporary, in: store.descriptor, [.write, .create, .exclusive],
                mode: FileMode(0o644))
            try system.writeAll(file.descriptor, Array(text.utf8), at: 0)
            if syncs { try system.synchronize(file.descriptor) }
            try system.rename(
                applicationTemporary, in: store.descriptor, to: name, in: store.descriptor, .replace
            )
            if syncs { try system.synchronize(store.descriptor) }
        }
    }

    /// Another program makes a folder and syncs nothing.
    package static func applicationMakesFolder(_ name: String) -> Step {
        Step(isApplication: true) { system in
            let store = OwnedDescriptor(try system.openDirectory(at: root), system)
            try system.makeDirectory(name, in: store.descriptor, mode: FileMode(0o755))
        }
    }

    package static let long = "[" + String(repeating: "1234567,", count: 150) + "0]"

    package static let all: [StoreWorkload] =
        [
            StoreWorkload(
                name: "put into a store never seen before", documents: ["a.json": "{\"a\":1}"],
                steps: [put("a.json", "{\"a\":2}")]),
            StoreWorkload(
                name: "init", documents: ["a.json": "1", "plans/b.txt": "x 1"], steps: [initialize]),
            StoreWorkload(
                name: "put, replacing", documents: ["a.json": "{\"a\":1}"],
                preparation: [initialize],
                steps: [put("a.json", long), put("a.json", "{\"a\":3}", mode: 0o600)]),
            StoreWorkload(
                name: "put, new", documents: ["a.json": "1"], preparation: [initialize],
                steps: [put("b.json", "[1, 2]"), put("c.json", "3")]),
            StoreWorkload(
                name: "put in a new folder", documents: ["a.json": "1"],
                preparation: [initialize],
                steps: [put("new/deep/b.json", "2")]),
            StoreWorkload(
                name: "put --seal, and patch what is sealed", documents: ["a.json": "1"],
                preparation: [initialize],
                steps: [
                    put("a.json", "{\"a\": 1}", seals: true),
                    patch(
                        "a.json", "[{\"op\": \"replace\", \"path\": \"/data/a\", \"value\": 2}]"),
                ]),
            StoreWorkload(
                name: "put --pack", documents: ["a.json": "1", "b.json": "2"],
                preparation: [initialize],
                steps: [put("a.json", long, packs: true), put("a.json", "[3]")]),
            StoreWorkload(
                name: "delete", documents: ["a.json": "1", "b.json": "2"],
                preparation: [initialize], steps: [delete("a.json"), delete("b.json")]),
            StoreWorkload(
                name: "apply to several documents",
                documents: ["a.json": "1", "b.json": "{\"b\": 1}", "c.json": "3"],
                preparation: [initialize],
                steps: [
                    apply([
                        write("a.json", long),
                        .patch(
                            document: StorePath(unchecked: "b.json"),
                            patch: Array(
                                "[{\"op\":\"replace\",\"path\":\"/b\",\"value\":2}]".utf8)),
                        .delete(document: StorePath(unchecked: "c.json")),
                        write("folder/d.json", "4"),
                    ])
                ]),
            StoreWorkload(
                name: "the application writes after a put", documents: ["a.json": "1"],
                preparation: [initialize],
                steps: [put("a.json", "2"), applicationWrites("a.json", "1")]),
            StoreWorkload(
                name: "put into a folder that the application has just made",
                documents: ["a.json": "1"], preparation: [initialize],
                steps: [applicationMakesFolder("folder"), put("folder/b.json", "2")]),
            StoreWorkload(
                name: "snapshot", documents: ["a.json": "1", "b.json": long],
                preparation: [initialize], steps: [snapshot, put("a.json", "2"), snapshot]),
            StoreWorkload(
                name: "restore everything, and take it back",
                documents: ["a.json": "1", "b.json": "{\"b\": 1}", "folder/c.json": long],
                preparation: [
                    initialize, snapshot,
                    apply([
                        write("a.json", long), .delete(document: StorePath(unchecked: "b.json")),
                        write("new/d.json", "4"),
                    ]),
                ],
                steps: [restore(at: .transaction(2)), restore(at: .before(4))]),
            StoreWorkload(
                name: "restore one document beside the application's",
                documents: ["a.json": "1", "b.json": "2"], preparation: [initialize, snapshot],
                steps: [
                    put("a.json", "2"), applicationWrites("b.json", "3"),
                    restore("a.json", at: .transaction(2)),
                ]),
        ] + overtaken + migrations + compactions + backups + repairs + series + indexes
}
