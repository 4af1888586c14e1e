internal import Synchronization

/// Which states were tried, and how. Several explorations that share one try no state twice.
///
/// A *distinct state* is what a crash left on the disk together with what is demanded of it:
/// - every name, file, byte, size, mode, owner, attribute and inode number that can be reached from
///   the root, and whether a file's times are those that programs saw or those of its last sync;
/// - what the scenario demands after as many acknowledgements as there were: for a workload of the
///   store, the documents and the length of history before and after the transaction on its way; and,
///   after a recovery that came to its end, which of the two it had decided for.
///
/// Nothing else makes a state another one: not the cut point or the choices that led to it, not the
/// profile, not whether it took one crash or two, not the time of day.
package final class CrashLedger: Sendable {
    private struct Entry {
        /// Whether crashes of its recovery were tried as well.
        var isFollowed: Bool
    }

    private let entries = Mutex<[Hash128: Entry]>([:])

    package init() {}

    package var distinctStates: Int { entries.withLock { $0.count } }

    enum Novelty {
        case new
        /// Tried as what the crash of a recovery left: the crash of its own recovery was not.
        case newlyFollowed
        case known
    }

    /// Enters a state that is about to be tried.
    func enter(_ state: Hash128, isFollowed: Bool) -> Novelty {
        entries.withLock { entries in
            let old = entries[state]
            if let old, old.isFollowed || !isFollowed { return .known }
            entries[state] = Entry(isFollowed: isFollowed)
            return old == nil ? .new : .newlyFollowed
        }
    }
}

/// What the judge said of machines of one exploration: after recovery, many states are the same to
/// everybody who looks.
final class JudgedMachines: Sendable {
    private let verdicts = Mutex<[Hash128: Verdict]>([:])

    func verdict(on machine: Hash128) -> Verdict? { verdicts.withLock { $0[machine] } }

    func note(_ verdict: Verdict, on machine: Hash128) {
        verdicts.withLock { $0[machine] = verdict }
    }
}
