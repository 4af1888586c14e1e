internal import LosslessJSON
internal import StoreFiles

/// Gives accounts ids that are unlike all others, as layout 3 demands: removing an account by its id
/// removes every account that has it.
struct AccountIdentifiers {
    private let reserved: Set<Int64>
    private var used: Set<Int64> = []
    private var next: Int64

    /// - Parameters:
    ///   - reserved: ids that no account may get, since an association names them.
    ///   - now: new ids are nanoseconds, as the application's own are.
    init(reserved: [Int64], now: Timestamp) {
        self.reserved = Set(reserved)
        let (product, overflow) = now.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(Int64(now.nanoseconds))
        next = overflow || carry || sum <= 0 ? 1 : sum
    }

    /// Takes note of an id; false where it is 0, missing or another account's, so that a new one is
    /// wanted.
    mutating func claim(_ identifier: Int64?) -> Bool {
        guard let identifier, identifier != 0 else { return false }
        return used.insert(identifier).inserted
    }

    mutating func new() -> Int64 {
        while reserved.contains(next) || used.contains(next) { next = next == .max ? 1 : next + 1 }
        used.insert(next)
        return next
    }
}

extension JSONEditor {
    /// New ids for accounts that have none or another account's. Says how many.
    mutating func makeIdentifiersUnique(
        of list: AccountList, associations: [JSONValue], now: Timestamp
    ) throws(JSONEditError) -> Int {
        var identifiers = AccountIdentifiers(
            reserved: associations.compactMap(\.associatedUser), now: now)
        // All that stay are claimed first: a new id must be unlike those further down as well.
        let wanting = list.accounts.enumerated().filter { _, account in
            account.kind == .object && account.canHaveIdentifier
                && !identifiers.claim(account.field("ID")?.value.integer)
        }
        for (index, account) in wanting {
            let value = JSONValue.literal(String(identifiers.new()))
            let pointer = list.pointer(ofAccount: index)
            if let field = account.field("ID") {
                try replace(pointer.appending(field.key.stringUTF8 ?? []), with: value)
            } else {
                try add(pointer.appending("ID"), value)
            }
        }
        return wanting.count
    }
}

extension JSONValue {
    /// Whether an account's id is a whole number, or missing. Anything else is damage, and not to be
    /// covered up by a new id.
    var canHaveIdentifier: Bool {
        guard let value = field("ID")?.value, !value.isNull else { return true }
        return value.integer != nil
    }

    /// The user id of an association, where it is a number.
    var associatedUser: Int64? {
        field("userId")?.value.string.flatMap { Int64($0) }
    }
}
