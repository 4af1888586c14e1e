package import CanIFlyStore
import StoreFiles

extension StoreWorkload {
    package static func migrate(_ goal: MigrationRequest.Goal) -> Step {
        Step { system in
            _ = try store(on: system).migrate(
                MigrationRequest(goal), WriteOptions(command: "migrate"))
        }
    }

    /// Puts steps of the user's own in their folder, synced.
    static let placeOwnSteps = place(steps: ownSteps)

    private static func place(steps: [String: String]) -> Step {
        Step { system in
            let store = OwnedDescriptor(try system.openDirectory(at: root), system)
            let control = try system.openOwned(
                ".canifly-store", in: store.descriptor, [.read, .directory])
            try system.makeDirectory(
                "migrations", in: control.descriptor, mode: .privateDirectory)
            let folder = try system.openOwned(
                "migrations", in: control.descriptor, [.read, .directory])
            for (name, text) in steps.sorted(by: { $0.key < $1.key }) {
                let file = try system.openOwned(
                    name, in: folder.descriptor, [.write, .create, .exclusive],
                    mode: .privateFile)
                try system.writeAll(file.descriptor, Array(text.utf8), at: 0)
                try system.synchronize(file.descriptor)
            }
            try system.synchronize(folder.descriptor)
            try system.synchronize(control.descriptor)
        }
    }

    private static func accounts(_ name: String, id: Int) -> String {
        """
        {"Accounts": [{"Name": "\(name)", "Status": "Omega", "Characters": null, "ID": \(id),
          "Visible": true}], "Associations": []}
        """
    }

    /// Small stores of the application that change their layout.
    static let migrations: [StoreWorkload] = [
        StoreWorkload(
            name: "migrate", documents: oldDocuments, steps: [migrate(.layout(3))],
            keepsApplicationOut: true),
        StoreWorkload(
            name: "migrate --rollback", documents: oldDocuments,
            preparation: [migrate(.layout(3))], steps: [migrate(.rollback)],
            keepsApplicationOut: true),
        StoreWorkload(
            name: "migrate --left-behind",
            documents: [
                "accounts.json": accounts("New", id: 8),
                "account_data.json": accounts("Old", id: 7), "deleted.json": "[\"9\"]",
            ],
            steps: [migrate(.leftBehind)], keepsApplicationOut: true),
        StoreWorkload(
            name: "migrate down, and roll back what was changed since", documents: oldDocuments,
            preparation: [migrate(.layout(3))],
            steps: [
                migrate(.layout(2)),
                put("account_data.json", accounts("Renamed", id: 7)), migrate(.rollback),
            ], keepsApplicationOut: true),
        StoreWorkload(
            name: "migrate by own steps, and back",
            documents: ["settings.json": "{\"unit\": \"km\"}", "old.json": "1"],
            preparation: [initialize, place(steps: ownSteps)],
            steps: [migrate(.layout(nil)), migrate(.layout(0))], keepsApplicationOut: true),
    ]

    private static let ownSteps = [
        "0001-unit.json": """
        {"operations": [
          {"op": "merge", "document": "settings.json", "merge": {"unit": "m"}},
          {"op": "rename", "from": "old.json", "to": "new/name.json"}],
         "back": [
          {"op": "rename", "from": "new/name.json", "to": "old.json"},
          {"op": "merge", "document": "settings.json", "merge": {"unit": "km"}}]}
        """
    ]

    private static let oldDocuments = [
        "account_data.json": accounts("Old", id: 7),
        "plans/deleted_embedded_plans.json": "[]",
    ]
}
