import CanIFlyStore
import CanIFlyStoreCodable

struct Accounts: Codable {
    var accounts: [Account] = []

    struct Account: Codable {
        var id: Int64
        var name: String
        var region: String
    }
}

/// What the program wrote before it knew regions.
struct AccountsOfVersion1: Codable {
    var accounts: [Account]

    struct Account: Codable {
        var id: Int64
        var name: String
    }
}

struct Settings: Codable {
    var theme = "light"
}

/// Every step that a program with documents needs, and what it has to say of each.
func runExample(in directory: String) throws -> [String] {
    var lines: [String] = []

    // An existing directory; nothing in it is changed by opening.
    let store = try Store.open(at: directory)

    // Save: all or nothing, and durable when the call returns.
    let first = AccountsOfVersion1(accounts: [.init(id: 9_007_199_254_740_993, name: "Main")])
    try store.save(first, to: "accounts.json", schemaVersion: 1, mode: Store.Mode(0o600))

    // Load, with a step from what version 1 wrote to what version 2 expects.
    let versions = SchemaVersions(current: 2)
        .migrating(from: 1, AccountsOfVersion1.self) { old in
            Accounts(
                accounts: old.accounts.map { .init(id: $0.id, name: $0.name, region: "none") })
        }
    let accounts = try store.load(Accounts.self, from: "accounts.json", versions: versions)
    lines.append("loaded \(accounts.accounts.count) account of \(accounts.accounts[0].region)")

    // Update: read, change, write if nobody wrote meanwhile, else again. Members that our types do
    // not know, and the order and spelling of the others, stay.
    try store.save(
        bytes: Array(#"{"zoom": 1.50, "theme": "light"}"#.utf8), to: "settings.json")
    try store.update(Settings.self, at: "settings.json") { $0.theme = "dark" }
    let settings = try store.content(of: Store.Path("settings.json"))
    lines.append("settings: \(String(decoding: settings, as: UTF8.self))")

    // Transaction: both documents or none.
    try store.transaction(options: WriteOptions(command: "archive")) { transaction in
        var moved: Accounts.Account?
        try transaction.update(Accounts.self, at: "accounts.json", versions: versions) {
            moved = $0.accounts.removeFirst()
        }
        try transaction.save(moved, to: "archive/main.json", packed: true)
    }

    // Series: each transaction is durable after one sync, and the documents follow together.
    let counter = try Store.Path("count.json")
    try store.withSeries(WriteOptions(command: "count")) { series in
        for count in 1...3 {
            _ = try series.put(PutRequest(document: counter, bytes: Array("\(count)".utf8)))
        }
    }

    // History: what was replaced is kept.
    for transaction in try store.history().reversed() {
        let names = transaction.changes.map(\.document.text).joined(separator: ", ")
        lines.append("\(transaction.number) \(transaction.command): \(names)")
    }

    // Verify: takes no lock, writes nothing.
    let report = try store.verify(VerifyRequest())
    lines.append("verified \(report.documents) documents, \(report.errors) errors")
    return lines
}
