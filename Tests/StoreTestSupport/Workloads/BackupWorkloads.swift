import CanIFlyStore
import StoreFiles

/// Backups, which are files outside the store: whole under their name, or not there.
extension StoreWorkload {
    /// Where backups are written.
    static let backupFolder = "/backups"

    static func backup(to name: String, isLive: Bool = false) -> Step {
        Step { system in
            _ = try store(on: system).backup(
                to: "\(backupFolder)/\(name)", isLive: isLive, WriteOptions(command: "backup"))
        }
    }

    /// Brings documents back from a backup; without names, all of it.
    static func restore(_ names: String..., fromBackup backup: String) -> Step {
        Step { system in
            _ = try store(on: system).restore(
                fromBackup: "\(backupFolder)/\(backup)",
                documents: names.map { StorePath(unchecked: $0) },
                WriteOptions(command: "restore"))
        }
    }

    /// A backup of a store with two documents that others have too, and one that they do not.
    static let placeBackup = Step { system in
        let other = StoreWorkload(
            name: "another store",
            documents: ["a.json": "\"of the backup\"", "b.json": long, "kept/e.json": "5"],
            preparation: [initialize, backup(to: "other.tar.gz")], steps: [])
        let machine = try other.initialMachine()
        let bytes = machine.contents(at: "\(backupFolder)/other.tar.gz") ?? []
        let folder = OwnedDescriptor(try system.openDirectory(at: backupFolder), system)
        let file = try system.openOwned(
            "other.tar.gz", in: folder.descriptor, [.write, .create, .exclusive],
            mode: .privateFile)
        try system.writeAll(file.descriptor, bytes, at: 0)
    }

    static let backups: [StoreWorkload] = [
        StoreWorkload(
            name: "backup", documents: ["a.json": long, "folder/b.json": "2"],
            preparation: [initialize],
            steps: [
                backup(to: "first.tar.gz"), put("a.json", "3"), backup(to: "first.tar.gz"),
            ]),
        StoreWorkload(
            name: "backup --live", documents: ["a.json": long, "folder/b.json": "2"],
            steps: [backup(to: "live.tar.gz", isLive: true)]),
        StoreWorkload(
            name: "restore --from, into an empty directory", documents: [:],
            preparation: [placeBackup], steps: [restore(fromBackup: "other.tar.gz")],
            keepsApplicationOut: true),
        StoreWorkload(
            name: "restore --from, and take it back",
            documents: ["a.json": "1", "b.json": "{\"b\": 1}", "c.json": "3"],
            preparation: [initialize, snapshot, placeBackup],
            steps: [
                restore(fromBackup: "other.tar.gz"), restore(at: .before(3)),
                restore("b.json", fromBackup: "other.tar.gz"),
            ], keepsApplicationOut: true),
    ]
}
