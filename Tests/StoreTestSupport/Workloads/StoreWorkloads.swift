package import CanIFlyStore
import StoreFiles

extension StoreWorkload {
    package static func put(_ name: String, _ text: String, mode: UInt16? = nil) -> Step {
        { store in
            var request = PutRequest(document: try StorePath(name), bytes: Array(text.utf8))
            request.mode = mode.map { FileMode($0) }
            _ = try store.put(request, WriteOptions(command: "put"))
        }
    }

    package static func delete(_ names: String...) -> Step {
        { store in
            _ = try store.delete(
                names.map { StorePath(unchecked: $0) }, WriteOptions(command: "delete"))
        }
    }

    package static let initialize: Step = { store in
        _ = try store.initialize(profile: .named("generic"), WriteOptions(command: "init"))
    }

    package static let snapshot: Step = { store in
        _ = try store.snapshot(WriteOptions(command: "snapshot"))
    }

    package static func apply(_ operations: [StoreOperation]) -> Step {
        { store in
            _ = try store.apply(
                operations.enumerated().map { (line: $0.offset + 1, operation: $0.element) },
                WriteOptions(command: "apply"))
        }
    }

    package static func write(_ name: String, _ text: String) -> StoreOperation {
        .put(PutRequest(document: StorePath(unchecked: name), bytes: Array(text.utf8)))
    }

    package static let long = "[" + String(repeating: "1234567,", count: 150) + "0]"

    package static let all: [StoreWorkload] = [
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
            name: "snapshot", documents: ["a.json": "1", "b.json": long],
            preparation: [initialize], steps: [snapshot, put("a.json", "2"), snapshot]),
    ]
}
