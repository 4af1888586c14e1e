internal import LosslessJSON
internal import StoreFiles

/// From `account_data.json` to `accounts.json` and its companions.
enum Layout2To3 {
    private typealias Old = CanIFlyDocuments.Layout2
    private typealias New = CanIFlyDocuments.Layout3

    static func apply(_ state: inout MigrationState) throws(StoreError) {
        let data = try state.accountData(Old.accounts)
        if data != nil {
            try completeAccounts(&state)
            try state.move(Old.accounts, to: New.accounts)
        } else {
            state.remove(Old.accounts)
            try state.create(New.accounts, AccountData.empty.bytes, layout: 3)
        }
        try writeConfig(&state)
        if state.exists(Old.deleted) { try state.move(Old.deleted, to: New.deleted) }
        // Expired, of other keys and another shape: it must not become api_cache.json.
        state.remove(Old.cache)
        try Layout1To2.dropSnapshot(
            &state, Old.snapshot, layout: 2, accountsWereRead: data != nil)
        try state.keep(Old.deletedPlans, layout: 2)
        try state.bringBack(New.key, layout: 3)
        try state.bringBack(New.cache, layout: 3)
        for document in state.keptDocuments(matching: New.gameData, layout: 3) {
            try state.bringBack(document, layout: 3)
        }
        try PlanComments.bringBack(&state)
    }

    private static func completeAccounts(_ state: inout MigrationState) throws(StoreError) {
        guard let document = try state.json(Old.accounts),
            let list = try document.root.accountList(in: Old.accounts)
        else { return }
        let associations = JSONValue.elements(
            of: document.root.field("Associations")?.value)
        var editor = JSONEditor(document)
        var newIdentifiers = 0
        let now = state.now
        try editor.edit(Old.accounts) { editor throws(JSONEditError) in
            var nothing = KeptAccountValues(nil)
            try editor.complete(list, from: &nothing)
            newIdentifiers = try editor.makeIdentifiersUnique(
                of: list, associations: associations, now: now)
        }
        try state.put(Old.accounts, editor.bytes, layout: 3)
        let hidden = list.accounts.filter { $0.field("Visible")?.value.boolean == false }.count
        if hidden > 0 {
            state.note(
                "\(hidden) account\(hidden == 1 ? " is" : "s are") hidden (Visible is false), "
                    + "which versions 0.0.53 to 0.0.58 made of every new account")
        }
        if newIdentifiers > 0 {
            state.note(
                "\(newIdentifiers) account\(newIdentifiers == 1 ? " gets" : "s get") a new id, "
                    + "since 0 and an id that two accounts have cannot stay")
        }
    }

    private static func writeConfig(_ state: inout MigrationState) throws(StoreError) {
        if let bytes = try state.bytes(New.config), bytes.isEmpty {
            // The application starts without the document, and not with an empty one.
            state.remove(New.config)
        }
        let kept = try state.keptValues(layout: 3)?.member(named: "config")
        let found = try state.json(New.config)
        if let kept {
            let document = found ?? ConfigData.empty
            guard document.root.kind == .object else {
                throw .unexpectedShape(New.config, "an object")
            }
            var editor = JSONEditor(document)
            try editor.edit(New.config) { editor throws(JSONEditError) in
                for member in kept.members {
                    let name = member.key.string ?? ""
                    guard document.root.field(name) == nil else { continue }
                    try editor.add(JSONPointer.root.appending(name), member.value)
                }
            }
            try state.put(New.config, editor.bytes, layout: 3)
            try state.keepValues(nil, layout: 3)
        }
        if try state.json(New.config)?.root.field("EVEClientID") == nil {
            state.note(
                "EVEClientID and EVEClientSecret must be entered in the application, and the "
                    + "characters probably must sign in again")
        }
    }
}

extension MigrationState {
    /// The object with `Accounts` and `Associations`; nil where it is missing, empty or `null`.
    func accountData(_ document: StorePath) throws(StoreError) -> JSONValue? {
        guard let data = try json(document)?.root, !data.isNull else { return nil }
        guard data.kind == .object else { throw .unexpectedShape(document, "an object") }
        return data
    }
}

extension JSONValue {
    /// The accounts of such an object, under the name that they have there; nil where it has none.
    func accountList(in document: StorePath) throws(StoreError) -> AccountList? {
        guard let field = field("Accounts") else { return nil }
        guard field.value.kind == .array || field.value.isNull else {
            throw .unexpectedShape(document, "an object with an array of Accounts")
        }
        return AccountList(
            pointer: JSONPointer.root.appending(field.key.stringUTF8 ?? []),
            accounts: Array(field.value.elements))
    }
}
