import Testing

@testable import CanIFlyStore

private let accounts = "accounts.json"
private let plan = "plans/Barge_Mining.txt"

extension DamageCase {
    /// Documents that cannot be read, or not whole.
    static let ofContents: [DamageCase] = [
        DamageCase(
            "JSON with a stray comma",
            finds: [
                Place(.changed, .info, accounts),
                Place(.jsonMalformed, .error, accounts, offset: 14, line: 1, column: 15),
            ],
            does: [.restore], .undone
        ) { try $0.write(accounts, "{\"Accounts\": [,]}") },
        DamageCase(
            "JSON that says NaN",
            finds: [
                Place(.changed, .info, accounts),
                Place(.jsonMalformed, .error, accounts, offset: 13, line: 1, column: 14),
            ],
            does: [.restore], .undone
        ) { try $0.write(accounts, "{\"Accounts\": NaN}") },
        DamageCase(
            "JSON with a trailing comma",
            finds: [
                Place(.changed, .info, accounts),
                Place(.jsonMalformed, .error, accounts, offset: 16, line: 1, column: 17),
            ],
            does: [.restore], .undone
        ) { try $0.write(accounts, "{\"Accounts\": [1,]}") },
        DamageCase(
            "JSON behind a byte order mark",
            finds: [
                Place(.changed, .info, accounts),
                Place(.jsonMalformed, .error, accounts, offset: 0, line: 1, column: 1),
            ],
            does: [.restore], .undone
        ) { try $0.edit(accounts) { $0.insert(contentsOf: [0xEF, 0xBB, 0xBF], at: 0) } },
        DamageCase(
            "JSON with a string that is no UTF-8",
            finds: [
                Place(.changed, .info, accounts),
                Place(.textInvalidUTF8, .error, accounts, offset: 2, line: 1, column: 3),
            ],
            does: [.restore], .undone
        ) { try $0.write(accounts, [0x5B, 0x22, 0xFF, 0x22, 0x5D]) },
        DamageCase(
            "JSON that was cut short",
            finds: [
                Place(.changed, .info, accounts),
                Place(.jsonTruncated, .error, accounts, offset: 20, line: 3, column: 3),
            ],
            does: [.restore], .undone
        ) { try $0.edit(accounts) { $0.removeSubrange(20...) } },
        DamageCase(
            "JSON with garbage behind its end",
            finds: [
                Place(.changed, .info, accounts),
                Place(.jsonTrailing, .error, accounts, offset: 37, line: 2, column: 1),
            ],
            does: [.restore], .undone
        ) { try $0.write(accounts, "{\"Accounts\": [], \"Associations\": []}\n}") },
        DamageCase(
            "an object with a key twice",
            finds: [
                Place(.changed, .info, "config.json"),
                Place(.jsonDuplicateKey, .warning, "config.json", offset: 18, line: 2, column: 3),
            ], .leftAlone
        ) { store in
            try store.edit("config.json") { $0.insert(contentsOf: "\"Roles\": null,".utf8, at: 1) }
        },
        DamageCase(
            "JSON nested too deep",
            finds: [
                Place(.changed, .info, accounts),
                Place(.jsonTooDeep, .error, accounts, offset: 512, line: 1, column: 513),
            ],
            does: [.restore], .undone
        ) {
            let count = 100_000
            try $0.write(
                accounts,
                [UInt8](repeating: 0x5B, count: count) + [UInt8](repeating: 0x5D, count: count))
        },
        DamageCase(
            "a plan with a byte that is no UTF-8",
            finds: [
                Place(.changed, .info, plan),
                Place(.textInvalidUTF8, .error, plan, offset: 8, line: 1, column: 9),
            ],
            does: [.restore], .undone
        ) { try $0.edit(plan) { $0[8] = 0xFF } },
        DamageCase(
            "an empty document",
            finds: [
                Place(.changed, .info, accounts),
                Place(.empty, .error, accounts, offset: 0, line: 1, column: 1),
            ],
            does: [.restore], .undone
        ) { try $0.write(accounts, "") },
        DamageCase(
            "a document of NUL bytes",
            finds: [
                Place(.changed, .info, accounts),
                Place(.nulBytes, .error, accounts, offset: 0, line: 1, column: 1),
            ],
            does: [.restore], .undone
        ) { try $0.damage(accounts, .onlyNULs) },
        DamageCase(
            "a plan that ends in NUL bytes",
            finds: [
                Place(.changed, .info, plan),
                Place(.nulBytes, .error, plan, offset: 200, line: 11, column: 7),
            ],
            does: [.restore], .undone
        ) { try $0.edit(plan) { $0[200...] = [UInt8](repeating: 0, count: $0.count - 200)[...] } },
    ]
}
