internal import StoreFiles
internal import Synchronization

/// Commands whose transaction is in the log when the application comes, before they could take
/// `.lock`.
extension StoreWorkload {
    static let overtaken = [
        StoreWorkload(
            name: "put, while the application comes and goes", documents: ["a.json": "1"],
            preparation: [initialize],
            steps: [
                put("a.json", "2").overtaken { system, store in
                    try makeLock(system, in: store)
                    try writeAnew("a.json", "1", system, in: store)
                    try system.unlink(".lock", in: store)
                }
            ]),
        StoreWorkload(
            name: "put, while the application comes and dies", documents: ["a.json": "1"],
            preparation: [initialize],
            steps: [put("a.json", "2").overtaken(by: makeLock)]),
        StoreWorkload(
            name: "delete, while the application comes and dies", documents: ["a.json": "1"],
            preparation: [initialize],
            steps: [delete("a.json").overtaken(by: makeLock)]),
    ]

    /// Durable from its first moment: what becomes of a lock that the application has not synced is
    /// the application's.
    @Sendable
    private static func makeLock(_ system: any SystemCalls, in store: Descriptor) throws {
        try write("999\nlinux\n2026-11-01T12:00:00Z\n", system, in: store)
        try system.link(applicationTemporary, in: store, to: ".lock", in: store)
        try system.unlink(applicationTemporary, in: store)
    }

    private static func writeAnew(
        _ name: String, _ text: String, _ system: any SystemCalls, in store: Descriptor
    ) throws {
        try write(text, system, in: store)
        try system.rename(applicationTemporary, in: store, to: name, in: store, .replace)
    }

    private static func write(
        _ text: String, _ system: any SystemCalls, in store: Descriptor
    ) throws {
        let file = OwnedDescriptor(
            try system.open(
                applicationTemporary, in: store, [.write, .create, .exclusive],
                mode: FileMode(0o644)), system)
        try system.writeAll(file.descriptor, Array(text.utf8), at: 0)
        try system.synchronize(file.descriptor)
    }
}

extension StoreWorkload.Step {
    /// The same command, with something happening just before it gives `.lock` its name.
    fileprivate func overtaken(
        by other: @escaping @Sendable (any SystemCalls, _ store: Descriptor) throws -> Void
    ) -> StoreWorkload.Step {
        StoreWorkload.Step { system in
            let gate = GateBeforeLink {
                // Where its calls fail it gives up, like a command.
                guard let store = try? system.openDirectory(at: StoreWorkload.root) else { return }
                try? other(system, store)
                try? system.close(store)
            }
            try run(FaultInjectingSystemCalls(wrapping: system, gate: gate))
        }
    }
}

/// Lets something happen before the first link.
private final class GateBeforeLink: CallGate {
    private let hasHappened = Mutex(false)
    private let other: @Sendable () -> Void

    init(_ other: @escaping @Sendable () -> Void) { self.other = other }

    func enter(_ kind: SystemCallKind) throws(Errno) {
        guard kind == .link else { return }
        let isFirst = hasHappened.withLock { hasHappened in
            defer { hasHappened = true }
            return !hasHappened
        }
        if isFirst { other() }
    }

    func pause() {}
}
