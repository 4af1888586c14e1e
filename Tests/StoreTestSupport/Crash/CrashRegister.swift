internal import StoreFiles

/// Whether a crash can come between the two halves of a rename.
package enum CrashProfile: String, Sendable, Hashable, CaseIterable {
    /// P0: both halves of a rename within one directory happen together.
    case coupledRenames = "P0"
    /// P1: each half for itself, as in ALICE (OSDI'14).
    case independentRenames = "P1"
}

/// One register with everything a crash may leave in it. Alternative 0 is the durable floor, then
/// come the pending versions, oldest first, then what a torn sector may hold.
struct CrashRegister: Sendable {
    enum Place: Sendable, Hashable {
        case sector(InodeSlot, Int)
        case size(InodeSlot)
        case attributes(InodeSlot)
        /// A directory and the place of the register in its table.
        case entry(InodeSlot, Int)
    }

    enum Values: Sendable {
        /// Whole sectors.
        case sectors([ArraySlice<UInt8>])
        case sizes([Int])
        case attributes([FileAttributes])
        case entries([InodeSlot])
    }

    var place: Place
    /// When each pending version came.
    var sequences: [UInt64]
    var values: Values
    /// What each alternative adds to the hash of the image; whole sectors only, where a size cuts
    /// one it is computed anew.
    var contributions: [Hash128]

    var versionCount: Int { sequences.count }
    var alternativeCount: Int { contributions.count }
    var tearCount: Int { alternativeCount - 1 - versionCount }
    var tears: Range<Int> { (1 + versionCount)..<alternativeCount }

    var isSector: Bool {
        if case .sectors = values { return true }
        return false
    }
}

/// Two register versions that P0 holds together: the halves of one rename.
struct RenameCoupling: Sendable {
    var first: (register: Int, version: Int)
    var second: (register: Int, version: Int)
}

/// Which alternative each register takes.
typealias CrashChoices = [UInt16]
