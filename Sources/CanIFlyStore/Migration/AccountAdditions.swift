internal import LosslessJSON
internal import StoreFiles

/// Which accounts and characters a list lacks: by `CharacterID`, then by `Name`.
struct AccountAdditions {
    private let live: AccountList
    private var identifiers: AccountIdentifiers
    private var knownCharacters: Set<[UInt8]> = []
    /// The index of the first account of a name.
    private var accountsByName: [[UInt8]: Int] = [:]
    private var newCharacters: [(account: Int, identity: JSONValue)] = []
    private var newAccounts: [JSONValue] = []

    init(live: AccountList, identifiers: AccountIdentifiers) {
        self.live = live
        self.identifiers = identifiers
        for (index, account) in live.accounts.enumerated() {
            _ = self.identifiers.claim(account.field("ID")?.value.integer)
            if let name = account.field("Name")?.value.stringUTF8, accountsByName[name] == nil {
                accountsByName[name] = index
            }
            for (identity, _) in live.characters(ofAccount: index) {
                if let character = identity.characterID {
                    knownCharacters.insert(Array(character.bytes))
                }
            }
        }
    }

    var isEmpty: Bool { newCharacters.isEmpty && newAccounts.isEmpty }

    mutating func add(_ account: JSONValue, document: StorePath) throws(StoreError) {
        let characters = JSONValue.elements(of: account.field("Characters")?.value)
        let missing = characters.filter { identity in
            guard let character = identity.characterID else { return true }
            return knownCharacters.insert(Array(character.bytes)).inserted
        }
        let name = account.field("Name")?.value.stringUTF8 ?? []
        if let index = accountsByName[name] {
            newCharacters += missing.map { (index, $0) }
            return
        }
        // All of its characters are elsewhere: the account was renamed.
        guard characters.isEmpty || !missing.isEmpty else { return }
        accountsByName[name] = live.accounts.count + newAccounts.count
        newAccounts.append(
            try copy(of: account, characters: missing, all: characters.count, document))
    }

    /// The account with those characters, and with an id that is its own.
    private mutating func copy(
        of account: JSONValue, characters: [JSONValue], all: Int, _ document: StorePath
    ) throws(StoreError) -> JSONValue {
        let wantsIdentifier = !identifiers.claim(account.field("ID")?.value.integer)
        let identifier = wantsIdentifier ? identifiers.new() : 0
        let alone = try MigrationState.parse(Array(account.bytes), of: document)
        let list = try MigrationState.parse(characters.rawArray, of: document)
        var editor = JSONEditor(alone)
        try editor.edit(document) { editor throws(JSONEditError) in
            if wantsIdentifier {
                let key = alone.root.field("ID")?.key.stringUTF8 ?? Array("ID".utf8)
                try editor.add(
                    JSONPointer.root.appending(key), .literal(String(identifier)))
            }
            if characters.count < all, let field = alone.root.field("Characters") {
                try editor.replace(
                    JSONPointer.root.appending(field.key.stringUTF8 ?? []), with: list.root)
            }
        }
        return try MigrationState.parse(editor.bytes, of: document).root
    }

    /// - Parameter hasList: whether the document has a member `Accounts`, which may be `null`.
    func apply(to editor: inout JSONEditor, hasList: Bool) throws(JSONEditError) {
        if !hasList {
            try editor.add(live.pointer, .literal("[]"))
        } else if live.accounts.isEmpty {
            try editor.replace(live.pointer, with: .literal("[]"))
        }
        for account in newAccounts {
            try editor.add(live.pointer.appending("-"), account)
        }
        for (index, identity) in newCharacters {
            let pointer = live.pointer(ofAccount: index)
            let characters = editor.value(at: pointer)?.field("Characters")
            let list = pointer.appending(
                characters?.key.stringUTF8 ?? Array("Characters".utf8))
            if characters?.value.kind != .array { try editor.add(list, .literal("[]")) }
            try editor.add(list.appending("-"), identity)
        }
    }
}
