import CanIFlyStore
import StoreFiles

extension StoreWorkload {
    /// A command that changes a store, made for the first or the second place in a pair: what can be
    /// done only once is done to another document in the second.
    private struct Command: Sendable {
        let name: String
        let step: @Sendable (_ place: Int) -> Step

        init(_ name: String, _ step: @escaping @Sendable (_ place: Int) -> Step) {
            self.name = name
            self.step = step
        }
    }

    private static let commands = [
        Command("put, new") { put("new.json", "[\($0)]") },
        Command("put, replacing") { put("a.json", $0 == 0 ? long : "{\"a\":2}", mode: 0o600) },
        Command("put in a folder") { put("folder/deep/\($0).json", "2") },
        Command("patch") { place in
            apply([
                .patch(
                    document: StorePath(unchecked: "b.json"),
                    patch: Array("[{\"op\":\"add\",\"path\":\"/p\",\"value\":\(place)}]".utf8))
            ])
        },
        Command("delete") { delete($0 == 0 ? "x.json" : "y.json") },
        Command("apply") { place in
            apply([
                write("a.json", "[\(place), \(place)]"), write("folder/c.json", long),
                .delete(document: StorePath(unchecked: place == 0 ? "z.json" : "folder/z.json")),
            ])
        },
        Command("snapshot") { _ in snapshot },
        Command("restore") { _ in restore(at: .transaction(2)) },
        Command("migrate") { migrate(.layout($0 == 0 ? nil : 0)) },
        Command("compact") { place in
            compact { if place == 1 { $0.pack = ["c.json", "folder/*.json"] } }
        },
        Command("the application writes") { applicationWrites("a.json", "\"\($0)\"") },
    ]

    /// Every command that changes a store after every other, and after itself.
    package static let pairs: [StoreWorkload] = commands.flatMap { first in
        commands.map { second in
            StoreWorkload(
                name: "\(first.name), then \(second.name)",
                documents: [
                    "a.json": "{\"a\":1}", "b.json": "{\"b\":1}", "c.json": "3", "x.json": "1",
                    "y.json": "2",
                    "z.json": "3", "folder/z.json": "4", "settings.json": "{\"unit\": \"km\"}",
                    "old.json": "1",
                ],
                preparation: [initialize, snapshot, placeOwnSteps],
                steps: [first.step(0), second.step(1)])
        }
    }
}
