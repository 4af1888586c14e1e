import CanIFlyStore
import StoreFiles

/// The catalog's index, which is made and replaced without a sync: whatever a crash leaves of it, what
/// is looked up by it must be what the catalog says.
extension StoreWorkload {
    /// With so long a message that the catalog needs an index soon.
    private static func put(_ name: String, _ text: String, messageLength: Int) -> Step {
        Step { system in
            var options = WriteOptions(command: "put")
            options.message = String(repeating: "m", count: messageLength)
            let request = PutRequest(document: try StorePath(name), bytes: Array(text.utf8))
            _ = try store(on: system).put(request, options)
        }
    }

    /// Says where what is found by the index differs from what the whole catalog says.
    private static func differenceByIndex(_ machine: SimulatedDisk, _ outcome: Int) -> String? {
        do {
            let bare = machine.copy()
            let control = OwnedDescriptor(
                try bare.openDirectory(at: "\(root)/.canifly-store"), bare)
            try? bare.unlink(ControlNames.catalogIndex, in: control.descriptor)
            for name in ["a.json", "b.json", "c.json"] {
                let found = try history(of: name, on: machine)
                let read = try history(of: name, on: bare)
                guard found == read else { return "of \(name), \(found) is found and not \(read)" }
            }
            return nil
        } catch {
            return "what is looked up fails: \(error)"
        }
    }

    /// All that history tells of a document, in words.
    private static func history(
        of name: String, on machine: SimulatedDisk
    ) throws -> [String] {
        let directory = OwnedDescriptor(try machine.openDirectory(at: root), machine)
        let reading = try StoreReading.open(system: machine, root: directory.descriptor)
        let document = try StorePath(name)
        var words = try reading.history(of: document, limit: nil).map {
            "\($0.number) \($0.time) \($0.changes)"
        }
        for number in 1...max(1, reading.lastTransaction) {
            for moment in [PointInTime.transaction(number), .before(number)] {
                let state = try? reading.state(of: document, at: moment)
                words.append("\(moment) \(String(describing: state))")
            }
        }
        return words
    }

    static let indexes: [StoreWorkload] = [
        StoreWorkload(
            name: "make the catalog's index", documents: ["a.json": "1", "b.json": "1"],
            preparation: [initialize, put("a.json", "2", messageLength: 14_400)],
            steps: [put("a.json", "3"), put("b.json", "2")], isLong: true,
            complaint: differenceByIndex),
        StoreWorkload(
            name: "extend the catalog's index", documents: ["a.json": "1", "b.json": "1"],
            preparation: [
                initialize, put("a.json", "2", messageLength: 17_000),
                put("c.json", "1", messageLength: 15_400),
            ],
            steps: [put("a.json", "3")], complaint: differenceByIndex),
        StoreWorkload(
            name: "compact an indexed history", documents: ["a.json": "1", "b.json": "1"],
            preparation: [
                initialize, put("b.json", "2"), put("a.json", "2", messageLength: 17_000),
                configure("{\"keep\": {\"last\": 2}}"),
            ],
            steps: [compact()], isLong: true, complaint: differenceByIndex),
        StoreWorkload(
            name: "repair an indexed catalog", documents: ["a.json": "1", "b.json": "1"],
            preparation: [
                initialize, snapshot, put("a.json", "2", messageLength: 17_000),
                put("a.json", "3"), damage(".canifly-store/catalog", at: 700),
            ],
            steps: [repairRecords], recovery: repairRecords, complaint: differenceByIndex),
    ]
}
