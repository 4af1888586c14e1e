package import CanIFlyStore
import StoreFiles

extension StoreWorkload {
    package static func migrate(_ goal: MigrationRequest.Goal) -> Step {
        Step { system in
            _ = try store(on: system).migrate(
                MigrationRequest(goal), WriteOptions(command: "migrate"))
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
    ]

    private static let oldDocuments = [
        "account_data.json": accounts("Old", id: 7),
        "plans/deleted_embedded_plans.json": "[]",
    ]
}
