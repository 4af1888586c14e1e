internal import StoreCodecs
internal import StoreFiles

/// Which transactions history has after a compaction, as they will be recorded.
struct HistoryPlan {
    /// The transactions that stay, with the places their contents have now.
    private(set) var records: [TransactionRecord]
    /// How many go.
    let prunedCount: Int

    /// - Parameters:
    ///   - all: every transaction, oldest first.
    ///   - firstKept: the index of the first one that stays.
    ///   - isGood: whether a content is one that its document can be restored to.
    init(
        _ all: [TransactionRecord], firstKept: Int,
        isGood: (_ document: [UInt8], DocumentState) -> Bool
    ) {
        prunedCount = firstKept
        records = Array(all[firstKept...])
        guard firstKept > 0 else { return }
        let lastGood = Self.lastGood(all, isGood: isGood)
        makeBase(of: Self.changes(before: firstKept, of: all), lastGood: lastGood)
    }

    /// What the pruned transactions recorded last of each document that was there.
    private static func changes(
        before firstKept: Int, of all: [TransactionRecord]
    ) -> [[UInt8]: ChangeRecord] {
        var last: [[UInt8]: ChangeRecord] = [:]
        for record in all[..<firstKept] {
            for change in record.changes {
                last[change.document] = change.after == nil ? nil : change
            }
        }
        return last
    }

    /// Of each document whose present state is not kept or not good, the newest state that is both.
    private static func lastGood(
        _ all: [TransactionRecord], isGood: (_ document: [UInt8], DocumentState) -> Bool
    ) -> [[UInt8]: DocumentState] {
        var states: [[UInt8]: [DocumentState]] = [:]
        for record in all {
            for change in record.changes {
                if case .present(let state) = change.before, state.location != nil {
                    states[change.document, default: []].append(state)
                }
                guard let after = change.after else {
                    states[change.document] = nil
                    continue
                }
                // A state that is not kept is there too: without it, an older one would be its equal.
                states[change.document, default: []].append(after)
            }
        }
        var good: [[UInt8]: DocumentState] = [:]
        for (document, states) in states {
            for (age, state) in states.reversed().enumerated() {
                guard state.location != nil, isGood(document, state) else { continue }
                if age > 0 { good[document] = state }
                break
            }
        }
        return good
    }

    /// Lets the first transaction that stays stand for all before it: it tells the state of every
    /// document, of those that it did not change as well.
    private mutating func makeBase(
        of former: [[UInt8]: ChangeRecord], lastGood: [[UInt8]: DocumentState]
    ) {
        var changed: Set<[UInt8]> = []
        for index in records[0].changes.indices {
            let document = records[0].changes[index].document
            changed.insert(document)
            if case .asRecorded = records[0].changes[index].before {
                records[0].changes[index].before =
                    former[document]?.after.map { .present($0) } ?? .absent
            }
        }
        for (document, change) in former where !changed.contains(document) {
            guard let state = change.after else { continue }
            records[0].changes.append(
                ChangeRecord(
                    document: document, before: .present(state), after: state,
                    signature: change.signature))
        }
        records[0].changes.sort { $0.document.lexicographicallyPrecedes($1.document) }
        keep(lastGood)
    }

    /// A document's last good content stays even where only transactions that go knew it: as what the
    /// document was before.
    private mutating func keep(_ lastGood: [[UInt8]: DocumentState]) {
        let known = Set(records.flatMap(\.locations))
        for index in records[0].changes.indices {
            guard let good = lastGood[records[0].changes[index].document],
                let location = good.location, !known.contains(location)
            else { continue }
            records[0].changes[index].before = .present(good)
        }
    }

    /// Where one record of the log is the content of more than one digest.
    var sharedLocations: Set<ContentLocation> {
        var digests: [ContentLocation: Digest] = [:]
        var shared: Set<ContentLocation> = []
        for state in records.flatMap(\.keptStates) {
            guard let location = state.location,
                let other = digests.updateValue(state.digest, forKey: location)
            else { continue }
            if other != state.digest { shared.insert(location) }
        }
        return shared
    }

    /// Points every state at the place its content has in the new log.
    mutating func move(to places: [ContentLocation: ContentLocation]) {
        for record in records.indices {
            for change in records[record].changes.indices {
                records[record].changes[change].move(to: places)
            }
        }
    }
}

extension TransactionRecord {
    /// The states that it speaks of and whose contents are kept.
    var keptStates: [DocumentState] {
        var states: [DocumentState] = []
        for change in changes {
            if case .present(let state) = change.before, state.location != nil {
                states.append(state)
            }
            if let after = change.after, after.location != nil { states.append(after) }
        }
        return states
    }

    fileprivate var locations: [ContentLocation] { keptStates.compactMap(\.location) }
}
