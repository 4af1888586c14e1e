internal import LosslessJSON
internal import StoreFiles

/// Back from `accounts.json` to `account_data.json`.
enum Layout3To2 {
    private typealias Old = CanIFlyDocuments.Layout3
    private typealias New = CanIFlyDocuments.Layout2

    static func apply(_ state: inout MigrationState) throws(StoreError) {
        if try state.accountData(Old.accounts) != nil {
            try emptyListsForNull(&state)
            try state.move(Old.accounts, to: New.accounts)
        } else {
            state.remove(Old.accounts)
            try state.create(New.accounts, AccountData.empty.bytes, layout: 2)
        }
        try keepConfigMembers(&state)
        if state.exists(Old.deleted) { try state.move(Old.deleted, to: New.deleted) }
        try state.keep(Old.key, layout: 3)
        try state.keep(Old.cache, layout: 3)
        for document in state.documents(matching: Old.gameData) {
            try state.keep(document, layout: 3)
        }
        try PlanComments.takeAway(&state)
        try state.bringBack(New.deletedPlans, layout: 2)
        try state.bringBack(New.snapshot, layout: 2)
    }

    /// Layout 3 writes `null` for a list whose last element was removed.
    private static func emptyListsForNull(_ state: inout MigrationState) throws(StoreError) {
        guard let document = try state.json(Old.accounts) else { return }
        let list = try document.root.accountList(in: Old.accounts)
        var editor = JSONEditor(document)
        try editor.edit(Old.accounts) { editor throws(JSONEditError) in
            let empty = JSONValue.literal("[]")
            for name in ["Accounts", "Associations"] {
                guard let field = document.root.field(name) else {
                    try editor.add(JSONPointer.root.appending(name), empty)
                    continue
                }
                guard field.value.isNull else { continue }
                try editor.replace(
                    JSONPointer.root.appending(field.key.stringUTF8 ?? []), with: empty)
            }
            for (index, account) in (list?.accounts ?? []).enumerated() {
                guard let field = account.field("Characters"), field.value.isNull, let list
                else { continue }
                try editor.replace(
                    list.pointer(ofAccount: index).appending(field.key.stringUTF8 ?? []),
                    with: empty)
            }
        }
        try state.put(Old.accounts, editor.bytes, layout: 2)
    }

    private static func keepConfigMembers(_ state: inout MigrationState) throws(StoreError) {
        guard let document = try state.json(Old.config), document.root.kind == .object else {
            return
        }
        var taken = RawObject()
        var editor = JSONEditor(document)
        try editor.edit(Old.config) { editor throws(JSONEditError) in
            taken = try editor.take(
                CanIFlyDocuments.configMembersSince3, of: document.root, at: .root)
        }
        guard !taken.isEmpty else { return }
        var kept = RawObject()
        kept.add("config", taken.bytes)
        try state.keepValues(kept.bytes, layout: 3)
        try state.put(New.config, editor.bytes, layout: 2)
    }
}
