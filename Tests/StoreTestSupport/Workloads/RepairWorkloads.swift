import CanIFlyStore
import StoreFiles

/// Repair: of documents, and of the store's own records.
extension StoreWorkload {
    static let repair = Step { system in
        let report = try store(on: system).repair(
            RepairRequest(), WriteOptions(command: "repair"))
        // The command's exit status says so.
        if let finding = report.remaining.first {
            throw StoreError(.invalidData, code: finding.code.rawValue, finding.detail)
        }
    }

    /// What cannot be brought back is left.
    static let repairRecords = Step { system in
        _ = try store(on: system).repair(RepairRequest(), WriteOptions(command: "repair"))
    }

    /// A disk that rots.
    static func damage(_ path: String, at offset: Int = 0) -> Step {
        Step(isApplication: true) { system in
            guard let machine = system as? SimulatedDisk else { throw Errno.invalid }
            machine.rot(damagedBytes, at: offset, of: "\(root)/\(path)")
        }
    }

    /// Where nobody holds it any more.
    private static let placeStaleLock = Step(isApplication: true) { system in
        let directory = OwnedDescriptor(try system.openDirectory(at: root), system)
        let file = try system.openOwned(
            ".lock", in: directory.descriptor, [.write, .create, .exclusive],
            mode: FileMode(0o644))
        try system.writeAll(
            file.descriptor, Array("77777\nlinux\n2026-11-01T11:00:00Z\n".utf8), at: 0)
    }

    static let breakLock = Step { system in _ = try store(on: system).breakLock() }

    /// `lock run` with a command of this program in it.
    static func lockRun(_ name: String, _ text: String) -> Step {
        Step { system in
            try store(on: system).withLock { store throws(StoreError) in
                _ = try store.put(
                    PutRequest(document: StorePath(unchecked: name), bytes: Array(text.utf8)),
                    WriteOptions(command: "put"))
            }
        }
    }

    static let damagedBytes = Array("\u{1}7".utf8)

    /// Says what is missing unless the damaged document is kept in quarantine, once it was replaced.
    private static func missingInQuarantine(
        _ machine: SimulatedDisk, _ outcome: Int
    ) -> String? {
        let isKept = machine.tree(at: "\(root)/.canifly-store/quarantine").contains {
            $0.bytes.starts(with: damagedBytes) && $0.mode == FileMode(0o600)
        }
        return outcome == 0 || isKept ? nil : "the damaged bytes are not in quarantine"
    }

    static let repairs: [StoreWorkload] = [
        StoreWorkload(
            name: "repair a document", documents: ["a.json": long, "b.json": "1"],
            preparation: [initialize, snapshot, damage("a.json")],
            steps: [repair], isDamaged: true, complaint: missingInQuarantine),
        StoreWorkload(
            name: "repair the catalog", documents: ["a.json": "1", "b.json": "2"],
            preparation: [
                initialize, snapshot, put("a.json", "3"),
                damage(".canifly-store/catalog", at: 700),
            ],
            steps: [repairRecords], recovery: repairRecords),
        StoreWorkload(
            name: "repair the log", documents: ["a.json": "1", "b.json": "2"],
            preparation: [
                initialize, snapshot, put("a.json", "3"),
                damage(".canifly-store/log/00000001.log", at: 4),
            ],
            steps: [repairRecords], isDamaged: true, recovery: repairRecords),
        StoreWorkload(
            name: "lock break", documents: ["a.json": "1"],
            preparation: [initialize, placeStaleLock], steps: [breakLock]),
        StoreWorkload(
            name: "lock run", documents: ["a.json": "1"], preparation: [initialize],
            steps: [lockRun("a.json", "2")]),
    ]
}
