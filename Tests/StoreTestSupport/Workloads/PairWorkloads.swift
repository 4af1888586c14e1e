import CanIFlyStore
import StoreFiles

extension StoreWorkload {
    /// Where a command stands in a pair. What can be done only once is done to another document in the
    /// second place, or undone where it is the first once more.
    private enum Place {
        case first
        case second
        case again

        var number: Int { self == .first ? 0 : 1 }
    }

    /// A command that changes a store, made for its place in a pair.
    private struct Command: Sendable {
        let name: String
        /// What must have happened just before, and never in the same instant.
        let condition: Step?
        /// What gives it something to do in the first place.
        let cause: Step?
        let step: @Sendable (Place) -> Step

        init(
            _ name: String, after condition: Step? = nil, because cause: Step? = nil,
            _ step: @escaping @Sendable (Place) -> Step
        ) {
            self.name = name
            self.condition = condition
            self.cause = cause
            self.step = step
        }
    }

    private static let commands = [
        Command("put, new") { put("new.json", "[\($0.number)]") },
        Command("put, replacing") { put("a.json", $0 == .first ? long : "{\"a\":2}", mode: 0o600) },
        Command("put in a folder") { put("folder/deep/\($0.number).json", "2") },
        Command("put --pack") { put("packed.json", "[\($0.number)]", packs: true) },
        Command("put --seal") { put("sealed.json", "{\"s\": \($0.number)}", seals: true) },
        Command("patch") { place in
            patch("b.json", "[{\"op\":\"add\",\"path\":\"/p\",\"value\":\(place.number)}]")
        },
        Command("delete") { delete($0 == .first ? "x.json" : "y.json") },
        Command("apply") { place in
            apply([
                write("a.json", "[\(place.number), \(place.number)]"), write("folder/c.json", long),
                .delete(
                    document: StorePath(unchecked: place == .first ? "z.json" : "folder/z.json")),
            ])
        },
        Command("snapshot", because: applicationWrites("c.json", "30")) { _ in snapshot },
        Command("restore", because: put("c.json", "30")) { place in
            restore(at: .transaction(place == .again ? 3 : 2))
        },
        Command("restore --from") { place in
            place == .first
                ? restore("a.json", fromBackup: "other.tar.gz")
                : restore(fromBackup: "other.tar.gz")
        },
        Command("backup") { backup(to: "\($0.number).tar.gz") },
        Command("repair", after: damage("damaged.json")) { _ in repair },
        Command("migrate") { migrate(.layout($0 == .again ? 0 : nil)) },
        Command("compact") { place in
            compact { if place != .first { $0.pack = ["c.json", "folder/*.json"] } }
        },
        Command("the application writes") { applicationWrites("a.json", "\"\($0.number)\"") },
    ]

    /// Every command that changes a store after every other, and after itself.
    package static let pairs: [StoreWorkload] = commands.flatMap { first in
        commands.map { second in
            let between = [second.condition].compactMap(\.self)
            return StoreWorkload(
                name: "\(first.name), then \(second.name)",
                documents: [
                    "a.json": "{\"a\":1}", "b.json": "{\"b\":1}", "c.json": "3", "x.json": "1",
                    "y.json": "2",
                    "z.json": "3", "folder/z.json": "4", "settings.json": "{\"unit\": \"km\"}",
                    "old.json": "1", "damaged.json": long,
                ],
                preparation: [initialize, snapshot, placeOwnSteps, placeBackup]
                    + [first.condition, first.cause].compactMap(\.self),
                steps: [first.step(.first)] + between
                    + [second.step(first.name == second.name ? .again : .second)],
                isDamaged: first.condition != nil || second.condition != nil)
        }
    }
}
