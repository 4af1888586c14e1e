internal import StoreFiles

/// A moment at which a crash is tried. Between two of them nothing new can happen: what is pending
/// only grows until the next sync.
struct CutPoint: Sendable {
    enum Moment: Sendable, Hashable {
        case beforeSync(InodeSlot, SynchronizationKind)
        case afterAcknowledgement(Int)
        case atEnd
    }

    var moment: Moment
    var state: DiskState

    /// For people: what was about to happen.
    var label: String {
        switch moment {
        case .beforeSync(let slot, let kind):
            let call =
                switch kind {
                case .all: "fsync"
                case .data: "fdatasync"
                case .fileSystem: "syncfs"
                }
            return "before \(call) of \(state.path(of: slot) ?? "an unlinked file")"
        case .afterAcknowledgement(let count): return "after acknowledgement \(count)"
        case .atEnd: return "at the end"
        }
    }
}

extension SimulatedDisk {
    /// The workload tells the world that a transaction is done: from now on it must survive.
    package func acknowledge() {
        machine.core.withLock { core in
            core.state.acknowledged += 1
            core.record(.afterAcknowledgement(core.state.acknowledged))
        }
    }

    /// How many transactions were acknowledged, before the last crash included.
    package var acknowledgedCount: Int { look { $0.acknowledged } }

    func beginRecordingCutPoints() {
        machine.core.withLock { core in
            core.recordsCutPoints = true
            core.cutPoints = []
        }
    }

    func endRecordingCutPoints() -> [CutPoint] {
        machine.core.withLock { core in
            core.record(.atEnd)
            core.recordsCutPoints = false
            let recorded = core.cutPoints
            core.cutPoints = []
            return recorded
        }
    }
}

extension SimulatedMachine.Core {
    mutating func record(_ moment: CutPoint.Moment) {
        if recordsCutPoints { cutPoints.append(CutPoint(moment: moment, state: state)) }
    }
}

extension DiskState {
    /// A path that programs see for an inode, for people to read.
    func path(of slot: InodeSlot) -> String? {
        func search(_ directory: InodeSlot, _ prefix: String) -> String? {
            if directory == slot { return prefix.isEmpty ? "/" : prefix }
            guard self[directory].kind == .directory else { return nil }
            for register in self[directory].directory.registers where !register.visible.isNone {
                let path = prefix + "/" + String(decoding: register.name, as: UTF8.self)
                if let found = search(register.visible, path) { return found }
            }
            return nil
        }
        return search(.root, "")
    }
}
