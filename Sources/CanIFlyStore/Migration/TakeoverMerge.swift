internal import LosslessJSON
internal import StoreFiles

/// Adds what is missing in the live documents out of old ones that were brought to the same layout.
struct TakeoverMerge {
    let layout: Int
    let now: Timestamp

    private var accounts: StorePath {
        layout >= 3 ? CanIFlyDocuments.Layout3.accounts : CanIFlyDocuments.Layout2.accounts
    }
    private var deleted: StorePath {
        layout >= 3 ? CanIFlyDocuments.Layout3.deleted : CanIFlyDocuments.Layout2.deleted
    }
    private var config: StorePath { CanIFlyDocuments.Layout3.config }

    func merge(
        _ old: MigrationState, into state: inout MigrationState, deletedPlans: Set<[UInt8]>
    ) throws(StoreError) {
        guard layout >= 2 else { return }
        try mergeAccounts(old, &state)
        try mergeConfig(old, &state)
        try mergeDeleted(old, &state)
        for plan in old.documents(matching: CanIFlyDocuments.plans) where !state.exists(plan) {
            let name = Array(plan.name.utf8.dropLast(".txt".utf8.count))
            guard !deletedPlans.contains(name), let bytes = try old.bytes(plan) else { continue }
            try state.create(plan, bytes, layout: layout)
        }
    }

    // MARK: Accounts

    private func mergeAccounts(
        _ old: MigrationState, _ state: inout MigrationState
    ) throws(StoreError) {
        guard let oldData = try old.accountData(accounts) else { return }
        let live = try state.json(accounts) ?? AccountData.empty
        let document = live.root.isNull ? AccountData.empty : live
        guard document.root.kind == .object else {
            throw .unexpectedShape(accounts, "an object")
        }
        let liveList =
            try document.root.accountList(in: accounts)
            ?? AccountList(pointer: AccountData.accounts, accounts: [])
        let liveAssociations = JSONValue.elements(
            of: document.root.field("Associations")?.value)
        let oldAssociations = JSONValue.elements(of: oldData.field("Associations")?.value)
        var plan = AccountAdditions(
            live: liveList,
            identifiers: AccountIdentifiers(
                reserved: (liveAssociations + oldAssociations).compactMap(\.associatedUser),
                now: now))
        for account in try oldData.accountList(in: accounts)?.accounts ?? []
        where account.kind == .object {
            try plan.add(account, document: accounts)
        }
        let known = Set(liveAssociations.compactMap { $0.field("charId")?.value.stringUTF8 })
        let associations = oldAssociations.filter {
            guard let character = $0.field("charId")?.value.stringUTF8 else { return false }
            return !known.contains(character)
        }
        guard !plan.isEmpty || !associations.isEmpty else { return }
        var editor = JSONEditor(document)
        try editor.edit(accounts) { editor throws(JSONEditError) in
            try plan.apply(to: &editor, hasList: document.root.field("Accounts") != nil)
            try editor.append(associations, toMember: "Associations", of: document.root)
        }
        try state.put(accounts, editor.bytes, layout: layout)
    }

    // MARK: Settings

    private func mergeConfig(
        _ old: MigrationState, _ state: inout MigrationState
    ) throws(StoreError) {
        guard let oldConfig = try old.json(config)?.root, oldConfig.kind == .object else { return }
        guard let live = try state.json(config), live.root.kind == .object else {
            if !state.exists(config), let bytes = try old.bytes(config) {
                try state.create(config, bytes, layout: layout)
            }
            return
        }
        var editor = JSONEditor(live)
        try editor.edit(config) { editor throws(JSONEditError) in
            for member in oldConfig.members {
                let name = member.key.string ?? ""
                if live.root.field(name) == nil {
                    try editor.add(JSONPointer.root.appending(name), member.value)
                }
            }
            if let roles = live.root.field("Roles") {
                let known = Set(roles.value.elements.compactMap(\.stringUTF8))
                let missing = JSONValue.elements(of: oldConfig.field("Roles")?.value)
                    .filter { $0.stringUTF8.map { !known.contains($0) } ?? false }
                try editor.append(missing, toMember: "Roles", of: live.root)
            }
            try addSelections(of: oldConfig, to: live.root, &editor)
        }
        let bytes = editor.bytes
        if bytes != live.bytes { try state.put(config, bytes, layout: layout) }
    }

    private func addSelections(
        of old: JSONValue, to live: JSONValue, _ editor: inout JSONEditor
    ) throws(JSONEditError) {
        guard let field = live.field("DropDownSelections"),
            let selections = old.field("DropDownSelections")?.value, selections.count > 0
        else { return }
        let pointer = JSONPointer.root.appending(field.key.stringUTF8 ?? [])
        guard field.value.kind == .object else {
            if field.value.isNull { try editor.replace(pointer, with: selections) }
            return
        }
        for member in selections.members {
            let key = member.key.stringUTF8 ?? []
            guard field.value.member(named: key) == nil else { continue }
            try editor.add(pointer.appending(key), member.value)
        }
    }

    // MARK: Characters that are gone

    private func mergeDeleted(
        _ old: MigrationState, _ state: inout MigrationState
    ) throws(StoreError) {
        guard let identifiers = try old.json(deleted)?.root else { return }
        let live = try state.json(deleted)
        let known = Set(JSONValue.elements(of: live?.root).compactMap(\.stringUTF8))
        let missing = identifiers.elements.filter {
            $0.stringUTF8.map { !known.contains($0) } ?? false
        }
        guard !missing.isEmpty else { return }
        let document =
            live.map { $0.root.isNull ? AccountData.template("[]") : $0 }
            ?? AccountData.template("[\n  0\n]")
        var editor = JSONEditor(document)
        try editor.edit(deleted) { editor throws(JSONEditError) in
            if live == nil { try editor.remove(JSONPointer.root.appending(0)) }
            for identifier in missing {
                try editor.add(JSONPointer.root.appending("-"), identifier)
            }
        }
        try state.put(deleted, editor.bytes, layout: layout)
    }
}

extension JSONEditor {
    /// Adds elements at the end of a list that is a member, which may be missing or `null`.
    mutating func append(
        _ elements: [JSONValue], toMember name: String, of object: JSONValue
    ) throws(JSONEditError) {
        guard !elements.isEmpty else { return }
        let field = object.field(name)
        let pointer = JSONPointer.root.appending(
            field?.key.stringUTF8 ?? Array(name.utf8))
        if field == nil {
            try add(pointer, .literal("[]"))
        } else if field?.value.kind != .array {
            try replace(pointer, with: .literal("[]"))
        }
        for element in elements { try add(pointer.appending("-"), element) }
    }
}
