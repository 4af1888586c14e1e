package import CanIFlyStore
import StoreFiles

/// Compaction: the catalog and the log change for others, and documents change their form.
extension StoreWorkload {
    package static func compact(
        _ change: @escaping @Sendable (inout CompactRequest) -> Void = { _ in }
    ) -> Step {
        Step { system in
            var request = CompactRequest()
            change(&request)
            _ = try store(on: system).compact(request, WriteOptions(command: "compact"))
        }
    }

    /// The user writes the configuration.
    static func configure(_ text: String) -> Step {
        Step(isApplication: true) { system in
            let root = try system.openDirectory(at: root)
            let path = ".canifly-store/config.json"
            let file = try system.openOwned(path, in: root, [.write, .create])
            try system.writeAll(file.descriptor, Array(text.utf8), at: 0)
            try system.close(root)
        }
    }

    package static let compactions: [StoreWorkload] = [
        StoreWorkload(
            name: "compact history", documents: ["a.json": long, "b.json": "1"],
            preparation: [initialize, snapshot, put("a.json", long + " "), put("b.json", "2")],
            steps: [compact()]),
        StoreWorkload(
            name: "compact and forget", documents: ["a.json": long, "b.json": "1"],
            preparation: [
                initialize, configure("{\"keep\": {\"last\": 1}}"), snapshot,
                put("a.json", long + " "), put("b.json", "2"),
            ],
            steps: [compact()]),
        StoreWorkload(
            name: "compact and pack", documents: ["a.json": long, "b.json": "1"],
            preparation: [initialize], steps: [compact { $0.pack = ["a.json"] }]),
        StoreWorkload(
            name: "compact and unpack", documents: ["a.json": long, "b.json": "1"],
            preparation: [initialize, compact { $0.pack = ["*.json"] }],
            steps: [compact { $0.unpack = ["*.json.gz"] }], isLong: true),
        StoreWorkload(
            name: "write between compactions", documents: ["a.json": long],
            preparation: [initialize, snapshot, put("a.json", long + " ")],
            steps: [compact(), put("a.json", "3"), compact()], isLong: true),
    ]
}
