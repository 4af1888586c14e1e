internal import LosslessJSON
internal import StoreFiles

/// What older layouts have no place for in accounts and characters.
private enum NewerMembers {
    static let ofAccounts = ["Visible"]
    static let ofCharacters = ["CorporationName", "AllianceName"]
    /// What the application writes behind those.
    static let behindThoseOfCharacters = ["Role", "MCT", "Training"]
}

/// A list of accounts that stands in a document being edited.
struct AccountList {
    /// Of the list in the document.
    let pointer: JSONPointer
    let accounts: [JSONValue]

    func pointer(ofAccount index: Int) -> JSONPointer { pointer.appending(index) }

    /// The characters of an account and where they stand.
    func characters(
        ofAccount index: Int
    ) -> [(identity: JSONValue, pointer: JSONPointer)] {
        guard let field = accounts[index].field("Characters") else { return [] }
        let list = pointer.appending(index).appending(field.key.stringUTF8 ?? [])
        return field.value.elements.enumerated().map { ($0.element, list.appending($0.offset)) }
    }
}

/// Values of accounts and characters that were kept on the way down.
struct KeptAccountValues {
    private var accounts: [JSONValue]
    private var characters: [JSONValue]

    init(_ kept: JSONValue?) {
        accounts = JSONValue.elements(of: kept?.member(named: "accounts"))
        characters = JSONValue.elements(of: kept?.member(named: "characters"))
    }

    var isEmpty: Bool { accounts.isEmpty && characters.isEmpty }

    /// By name and id, else by name alone: the application changes ids.
    mutating func takeAccount(like account: JSONValue) -> JSONValue? {
        let name = account.field("Name")?.value.stringUTF8
        let identifier = account.field("ID")?.value.number
        let sameName = accounts.indices.filter {
            accounts[$0].member(named: "Name")?.stringUTF8 == name
        }
        let index =
            sameName.first { accounts[$0].member(named: "ID")?.number == identifier }
            ?? sameName.first
        return index.map { accounts.remove(at: $0) }
    }

    mutating func takeCharacter(like identity: JSONValue) -> JSONValue? {
        guard let identifier = identity.characterID?.number else { return nil }
        let index = characters.firstIndex {
            $0.member(named: "CharacterID")?.number == identifier
        }
        return index.map { characters.remove(at: $0) }
    }

    /// New values go before those kept earlier.
    mutating func insert(accounts: [JSONValue], characters: [JSONValue]) {
        self.accounts = accounts + self.accounts
        self.characters = characters + self.characters
    }

    /// Those that nothing has taken go on being kept.
    func write(to object: inout RawObject) {
        if !accounts.isEmpty { object.add("accounts", accounts.rawArray) }
        if !characters.isEmpty { object.add("characters", characters.rawArray) }
    }
}

extension JSONValue {
    /// Of an element of an account's `Characters`.
    var characterID: JSONValue? { field("Character")?.value.field("CharacterID")?.value }
}

extension JSONEditor {
    /// Gives accounts and characters the members that newer layouts have: as they were kept, else as
    /// they must be so that nothing is hidden.
    mutating func complete(
        _ list: AccountList, from kept: inout KeptAccountValues
    ) throws(JSONEditError) {
        for (index, account) in list.accounts.enumerated() where account.kind == .object {
            let keptAccount = kept.takeAccount(like: account)
            if account.field("Visible") == nil {
                // Left out it would read as false, and the account would be hidden.
                try add(
                    list.pointer(ofAccount: index).appending("Visible"),
                    keptAccount?.member(named: "Visible") ?? .literal("true"))
            }
            for (identity, pointer) in list.characters(ofAccount: index)
            where identity.kind == .object {
                let missing = NewerMembers.ofCharacters.filter { identity.field($0) == nil }
                guard !missing.isEmpty else { continue }
                let keptCharacter = kept.takeCharacter(like: identity)
                for name in missing {
                    try add(
                        pointer.appending(name),
                        keptCharacter?.member(named: name) ?? .literal("\"\""))
                }
                for name in NewerMembers.behindThoseOfCharacters {
                    guard let field = identity.field(name) else { continue }
                    let place = pointer.appending(field.key.stringUTF8 ?? [])
                    try remove(place)
                    try add(place, field.value)
                }
            }
        }
    }

    /// Takes those members away again, and tells what they were.
    mutating func removeNewerMembers(
        of list: AccountList
    ) throws(JSONEditError) -> (accounts: [RawObject], characters: [RawObject]) {
        var accounts: [RawObject] = []
        var characters: [RawObject] = []
        for (index, account) in list.accounts.enumerated() where account.kind == .object {
            var kept = try take(
                NewerMembers.ofAccounts, of: account, at: list.pointer(ofAccount: index))
            if !kept.isEmpty {
                if let name = account.field("Name") { kept.add("Name", name.value.bytes) }
                if let identifier = account.field("ID") { kept.add("ID", identifier.value.bytes) }
                accounts.append(kept)
            }
            for (identity, pointer) in list.characters(ofAccount: index)
            where identity.kind == .object {
                var kept = try take(NewerMembers.ofCharacters, of: identity, at: pointer)
                if !kept.isEmpty, let identifier = identity.characterID {
                    kept.add("CharacterID", identifier.bytes)
                    characters.append(kept)
                }
            }
        }
        return (accounts, characters)
    }

    /// Removes members of an object by their names without regard to case.
    mutating func take(
        _ names: [String], of object: JSONValue, at pointer: JSONPointer
    ) throws(JSONEditError) -> RawObject {
        var taken = RawObject()
        for name in names {
            guard let field = object.field(name) else { continue }
            taken.add(name, field.value.bytes)
            var keys: Set<[UInt8]> = []
            for member in object.members where member.key.isNamed(name) {
                keys.insert(member.key.stringUTF8 ?? [])
            }
            for key in keys { try remove(pointer.appending(key)) }
        }
        return taken
    }
}
