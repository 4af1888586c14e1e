internal import LosslessJSON
internal import StoreFiles

/// Back to the folders `accounts/` and `config/`.
enum Layout2To1 {
    private typealias Old = CanIFlyDocuments.Layout2
    private typealias New = CanIFlyDocuments.Layout1

    static func apply(_ state: inout MigrationState) throws(StoreError) {
        let data = try state.accountData(Old.accounts)
        let list = try data?.accountList(in: Old.accounts)
        let associations = JSONValue.elements(of: data?.field("Associations")?.value)
        var kept = RawObject()
        try writeAccounts(&state, list, keeping: &kept)
        if let data {
            var others = RawObject()
            for member in data.members(except: ["Accounts", "Associations"]) {
                others.add(member)
            }
            if !others.isEmpty { kept.add("account_data", others.bytes) }
        }
        try writeConfig(&state, accounts: list?.accounts ?? [], associations: associations)

        if state.exists(Old.deleted) { try state.move(Old.deleted, to: New.deleted) }
        if state.exists(Old.cache) { try state.move(Old.cache, to: New.cache) }
        try Layout1To2.dropSnapshot(
            &state, Old.snapshot, layout: 2, accountsWereRead: data != nil)
        state.remove(Old.accounts)
        try state.keep(Old.deletedPlans, layout: 2)
        try state.bringBack(New.snapshot, layout: 1)
        let beside = try PlansBesideStore.leave(&state)
        if !beside.isEmpty { kept.add("plans_beside", beside.bytes) }
        let left = state.documents(matching: CanIFlyDocuments.plans).count
        if left > 0 {
            state.note(
                "layout 1 looks for plans beside the store, in ../plans, where nothing is ever "
                    + "written: \(left == 1 ? "1 stays" : "\(left) stay") in plans/, to be copied there"
            )
        }
        try state.keepValues(kept.isEmpty ? nil : kept.bytes, layout: 2)
    }

    private static func writeAccounts(
        _ state: inout MigrationState, _ list: AccountList?, keeping kept: inout RawObject
    ) throws(StoreError) {
        let place = AccountList(pointer: .root, accounts: list?.accounts ?? [])
        var removed: (accounts: [RawObject], characters: [RawObject]) = ([], [])
        let whole = try MigrationState.parse(place.accounts.rawArray, of: Old.accounts)
        var editor = JSONEditor(AccountData.template("[\n  {\n    \"a\": 0\n  }\n]"))
        try editor.edit(New.accounts) { editor throws(JSONEditError) in
            try editor.replace(.root, with: whole.root)
            removed = try editor.removeNewerMembers(of: place)
        }
        let mode = try state.document(Old.accounts)?.mode
        try state.create(New.accounts, editor.bytes, mode: mode, layout: 1)
        // What was kept before and nothing has taken since stays kept.
        var values = KeptAccountValues(try state.keptValues(layout: 2))
        var accounts: [JSONValue] = []
        for object in removed.accounts { accounts.append(try object.value(for: Old.accounts)) }
        var characters: [JSONValue] = []
        for object in removed.characters {
            characters.append(try object.value(for: Old.accounts))
        }
        values.insert(accounts: accounts, characters: characters)
        values.write(to: &kept)
    }

    private static func writeConfig(
        _ state: inout MigrationState, accounts: [JSONValue], associations: [JSONValue]
    ) throws(StoreError) {
        let found = try state.json(Old.config)
        let document = found ?? ConfigData.empty
        guard document.root.kind == .object else {
            throw .unexpectedShape(Old.config, "an object")
        }
        let kept = try state.keptValues(layout: 1)
        let names = userAccount(
            accounts: accounts, associations: associations,
            kept: kept?.member(named: "userAccount"))
        let namesValue = try names.value(for: New.config)
        let associationsValue = try MigrationState.parse(associations.rawArray, of: Old.accounts)
        var editor = JSONEditor(document)
        try editor.edit(New.config) { editor throws(JSONEditError) in
            _ = try editor.take(["DropDownSelections"], of: document.root, at: .root)
            try editor.add(
                JSONPointer.root.appending("settingsData"),
                kept?.member(named: "settingsData") ?? .literal("null"))
            try editor.add(
                JSONPointer.root.appending("associations"), associationsValue.root)
            try editor.add(JSONPointer.root.appending("userAccount"), namesValue)
        }
        try state.keepValues(nil, layout: 1)
        let mode = try state.document(Old.config)?.mode
        if let selections = document.root.field("DropDownSelections")?.value, !selections.isNull {
            var editor = JSONEditor(AccountData.template("{\n  \"a\": 0\n}"))
            try editor.edit(New.selections) { editor throws(JSONEditError) in
                try editor.replace(.root, with: selections)
            }
            try state.create(New.selections, editor.bytes, mode: mode, layout: 1)
        }
        state.remove(Old.config)
        try state.create(New.config, editor.bytes, mode: mode, layout: 1)
    }

    private static func userAccount(
        accounts: [JSONValue], associations: [JSONValue], kept: JSONValue?
    ) -> RawObject {
        var names = RawObject()
        for (user, name) in AccountData.userNames(accounts: accounts, associations: associations)
        where !names.contains(name: user) {
            names.add(String(decoding: user, as: UTF8.self), name.bytes)
        }
        for member in JSONValue.members(of: kept)
        where !names.contains(name: member.key.stringUTF8 ?? []) {
            names.add(member)
        }
        // As the application writes maps.
        names.sortByName()
        return names
    }
}
