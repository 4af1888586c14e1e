internal import LosslessJSON
internal import StoreFiles

/// From the folders `accounts/` and `config/` to flat documents, and plans from beside the store into
/// it.
enum Layout1To2 {
    private typealias Old = CanIFlyDocuments.Layout1
    private typealias New = CanIFlyDocuments.Layout2

    static func apply(_ state: inout MigrationState) throws(StoreError) {
        let accounts = try state.json(Old.accounts)?.root
        guard accounts == nil || accounts!.kind == .array || accounts!.isNull else {
            throw .unexpectedShape(Old.accounts, "an array of accounts")
        }
        let config = try configObject(state)
        try writeAccounts(&state, accounts, associations: config?.field("associations")?.value)
        try writeConfig(&state, config)
        try keepValues(&state, config, accounts: JSONValue.elements(of: accounts))

        if state.exists(Old.deleted) { try state.move(Old.deleted, to: New.deleted) }
        if state.exists(Old.cache) { try state.move(Old.cache, to: New.cache) }
        try dropSnapshot(
            &state, Old.snapshot, layout: 1, accountsWereRead: accounts != nil)
        for document in [Old.accounts, Old.config, Old.selections] {
            try state.keep(document, layout: 1)
        }
        try state.bringBack(New.deletedPlans, layout: 2)
        try state.bringBack(New.snapshot, layout: 2)
        try PlansBesideStore.copy(&state)
    }

    /// The state's copy of everything is derived and of another shape in each layout. It is worth
    /// keeping only where it is the one copy of the accounts.
    static func dropSnapshot(
        _ state: inout MigrationState, _ snapshot: StorePath, layout: Int, accountsWereRead: Bool
    ) throws(StoreError) {
        guard state.exists(snapshot) else { return }
        if accountsWereRead {
            state.remove(snapshot)
        } else {
            try state.keep(snapshot, layout: layout)
            state.note(
                "\(snapshot.text) is kept: it may hold the only copy of the accounts")
        }
    }

    private static func configObject(
        _ state: MigrationState
    ) throws(StoreError) -> JSONValue? {
        guard let config = try state.json(Old.config)?.root, !config.isNull else { return nil }
        guard config.kind == .object else { throw .unexpectedShape(Old.config, "an object") }
        return config
    }

    private static func writeAccounts(
        _ state: inout MigrationState, _ accounts: JSONValue?, associations: JSONValue?
    ) throws(StoreError) {
        let kept = try state.keptValues(layout: 2)
        var keptAccounts = KeptAccountValues(kept)
        var editor = JSONEditor(AccountData.empty)
        try editor.edit(New.accounts) { editor throws(JSONEditError) in
            if let accounts, accounts.kind == .array {
                try editor.replace(AccountData.accounts, with: accounts)
            }
            if let associations, associations.kind == .array {
                try editor.replace(AccountData.associations, with: associations)
            }
            // What else had stood in this object before it was taken apart.
            for member in JSONValue.members(of: kept?.member(named: "account_data")) {
                try editor.add(
                    JSONPointer.root.appending(member.key.stringUTF8 ?? []), member.value)
            }
            try editor.complete(
                AccountList(
                    pointer: AccountData.accounts, accounts: JSONValue.elements(of: accounts)),
                from: &keptAccounts)
        }
        var left = RawObject()
        keptAccounts.write(to: &left)
        if let beside = kept?.member(named: "plans_beside") {
            left.add("plans_beside", beside.bytes)
        }
        try state.keepValues(left.isEmpty ? nil : left.bytes, layout: 2)
        try state.create(
            New.accounts, editor.bytes, mode: try state.document(Old.accounts)?.mode, layout: 2)
    }

    private static func writeConfig(
        _ state: inout MigrationState, _ config: JSONValue?
    ) throws(StoreError) {
        let selections = try state.json(Old.selections)?.root
        guard config != nil || selections != nil else { return }
        let document: JSONDocument
        if let found = try state.json(Old.config), config != nil {
            document = found
        } else {
            document = ConfigData.empty
        }
        var editor = JSONEditor(document)
        try editor.edit(New.config) { editor throws(JSONEditError) in
            _ = try editor.take(
                ["settingsData", "associations", "userAccount", "DropDownSelections"],
                of: document.root, at: .root)
            try editor.add(
                JSONPointer.root.appending("DropDownSelections"), selections ?? .literal("{}"))
        }
        try state.create(
            New.config, editor.bytes, mode: try state.document(Old.config)?.mode, layout: 2)
    }

    /// `userAccount` names user files after accounts; where that says no more than the accounts and
    /// associations do, it is made anew on the way down.
    private static func keepValues(
        _ state: inout MigrationState, _ config: JSONValue?, accounts: [JSONValue]
    ) throws(StoreError) {
        var kept = RawObject()
        if let names = config?.field("userAccount")?.value, names.kind == .object {
            let associations = JSONValue.elements(of: config?.field("associations")?.value)
            let known = AccountData.userNames(accounts: accounts, associations: associations)
            var others = RawObject()
            for member in names.members {
                let name = member.key.stringUTF8 ?? []
                let account = known.first { $0.user == name }
                if let account, account.name.stringUTF8 == member.value.stringUTF8 { continue }
                others.add(member)
            }
            if !others.isEmpty { kept.add("userAccount", others.bytes) }
        }
        if let settings = config?.field("settingsData")?.value, !settings.isNull {
            kept.add("settingsData", settings.bytes)
        }
        try state.keepValues(kept.isEmpty ? nil : kept.bytes, layout: 1)
    }
}

/// `account_data.json`, from layout 3 on `accounts.json`.
enum AccountData {
    static let accounts = JSONPointer.root.appending("Accounts")
    static let associations = JSONPointer.root.appending("Associations")

    static let empty = template("{\n  \"Accounts\": [],\n  \"Associations\": []\n}")

    static func template(_ text: String) -> JSONDocument {
        do {
            return try JSONDocument(Array(text.utf8))
        } catch {
            preconditionFailure("no JSON: \(text)")
        }
    }

    /// The name of the account of each user that an association names.
    static func userNames(
        accounts: [JSONValue], associations: [JSONValue]
    ) -> [(user: [UInt8], name: JSONValue)] {
        let users = Set(associations.compactMap { $0.field("userId")?.value.stringUTF8 })
        return accounts.compactMap { account in
            guard let identifier = account.field("ID")?.value.rawNumber,
                users.contains(Array(identifier)), let name = account.field("Name")?.value,
                name.kind == .string
            else { return nil }
            return (Array(identifier), name)
        }
    }
}

enum ConfigData {
    static let empty = AccountData.template(
        "{\n  \"Roles\": null,\n  \"SettingsDir\": \"\",\n  \"LastBackupDir\": \"\"\n}")
}

extension StoreError {
    static func unexpectedShape(_ document: StorePath, _ wanted: String) -> StoreError {
        StoreError(
            .invalidData, code: "schema-mismatch", "\(document.text) is not \(wanted)",
            hint: "canifly-store verify \(document.shellWord)", document: document)
    }
}
