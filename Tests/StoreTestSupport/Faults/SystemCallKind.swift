package import StoreFiles

/// The calls that can fail.
package enum SystemCallKind: String, Sendable, Hashable, CaseIterable {
    case openDirectory, open, close
    case read, write, truncate
    case synchronize, synchronizeData, synchronizeFileSystem
    case statusOfDescriptor, statusOfName, entries, fileSystemType
    case makeDirectory, link, unlink, removeDirectory, rename
    case setMode, setOwner, setModificationTime
    case extendedAttributeNames, extendedAttribute, setExtendedAttribute
    case tryLockExclusively

    package static let all = Set(allCases)
    package static let syncs: Set<SystemCallKind> = [
        .synchronize, .synchronizeData, .synchronizeFileSystem,
    ]
    /// The calls that change what is on the disk.
    package static let changes: Set<SystemCallKind> = [
        .write, .truncate, .makeDirectory, .link, .unlink, .removeDirectory, .rename, .setMode,
        .setOwner, .setModificationTime, .setExtendedAttribute,
    ]

    init(_ kind: SynchronizationKind) {
        switch kind {
        case .all: self = .synchronize
        case .data: self = .synchronizeData
        case .fileSystem: self = .synchronizeFileSystem
        }
    }
}

/// What goes wrong, and when.
package struct FaultPlan: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        /// The call has no effect and fails; a close closes and fails; what a failed sync should
        /// have made durable never will be.
        case fail(Errno)
        /// The process dies before the call has any effect; a write gets as far as `bytesWritten`.
        case kill(bytesWritten: Int)
        /// A read or write does no more than this many bytes.
        case shorten(toBytes: Int)
        /// A sync is left out and seems to succeed.
        case skip
    }

    package var action: Action
    /// Only these calls count.
    package var kinds: Set<SystemCallKind>
    /// Which of them, from 1.
    package var ordinal: Int
    /// This one and all that follow.
    package var isLasting: Bool

    private init(
        _ action: Action, _ kinds: Set<SystemCallKind>, _ ordinal: Int, isLasting: Bool = false
    ) {
        self.action = action
        self.kinds = kinds
        self.ordinal = ordinal
        self.isLasting = isLasting
    }

    package static func fail(
        call ordinal: Int, of kinds: Set<SystemCallKind> = SystemCallKind.all, with error: Errno,
        forGood: Bool = false
    ) -> FaultPlan {
        FaultPlan(.fail(error), kinds, ordinal, isLasting: forGood)
    }

    package static func kill(
        atCall ordinal: Int, of kinds: Set<SystemCallKind> = SystemCallKind.all,
        bytesWritten: Int = 0
    ) -> FaultPlan {
        FaultPlan(.kill(bytesWritten: bytesWritten), kinds, ordinal)
    }

    /// From the first call on, every read or write is a short one.
    package static func shorten(
        _ kinds: Set<SystemCallKind>, toBytes bytes: Int
    ) -> FaultPlan {
        FaultPlan(.shorten(toBytes: bytes), kinds, 1, isLasting: true)
    }

    package static func skip(
        sync ordinal: Int, of kinds: Set<SystemCallKind> = SystemCallKind.syncs
    ) -> FaultPlan {
        FaultPlan(.skip, kinds, ordinal)
    }
}

/// One call that went through, for people and for choosing faults.
package struct TracedCall: Sendable, Hashable, CustomStringConvertible {
    /// Among all calls, from 1.
    package var ordinal: Int
    package var kind: SystemCallKind
    /// The path that the call is about, as far as it went through the same wrapper.
    package var path: String
    /// Nil where it succeeded.
    package var error: Errno?

    package var description: String {
        "\(ordinal) \(kind.rawValue) \(path)" + (error.map { " failed: \($0)" } ?? "")
    }
}

/// Those that can lose what a failed sync should have made durable.
package protocol FailingSynchronization: SystemCalls {
    /// The caller reports the error.
    func failSynchronization(
        of descriptor: Descriptor, _ kind: SynchronizationKind) throws(Errno)
}

extension SimulatedDisk: FailingSynchronization {}

extension Errno {
    /// What a process gets that is dead: no call has an effect any more, so that its code unwinds
    /// without a trace. No kernel returns it.
    package static let killed = Errno(code: 10_001)
}
