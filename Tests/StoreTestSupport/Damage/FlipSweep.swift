internal import CanIFlyStore
internal import StoreFiles

/// Turns over bits of a store's files and of its backup, one at a time, and looks whether `verify`, or
/// `backup --check`, finds each and whether any leads a command astray.
package struct FlipSweep: Sendable {
    package struct Report: Sendable, CustomStringConvertible {
        package var file: String
        package var flips = 0
        /// Flips after which `verify --deep` says no more than before.
        package var unnoticed: [Int] = []
        /// What a command made of a flip that it should not have.
        package var misapplied: [String] = []

        package var description: String {
            "\(file): \(flips) flips, \(unnoticed.count) unnoticed, \(misapplied.count) misapplied"
                + misapplied.prefix(5).map { "\n- \($0)" }.joined()
                + (unnoticed.isEmpty
                    ? "" : "\n- unnoticed bits: \(unnoticed.prefix(40).map(String.init))")
        }
    }

    /// The machine before any flip, with nothing left to recover.
    package let machine: SimulatedDisk
    let known: Set<Finding>

    /// A store with a history of several kinds of changes in two segments, a sealed and a packed
    /// document among them, and a backup of it.
    /// - Parameter isCompacted: the history was packed and pruned.
    package init(isCompacted: Bool = false) throws {
        let machine = Self.machine([
            "a.json": "{\"a\": [1, 2.50, \"é\"]}", "b.txt": "some text\n", "c.json": "3",
        ])
        var steps = [
            StoreWorkload.initialize, StoreWorkload.snapshot,
            StoreWorkload.put("a.json", "{\"a\": []}"),
            Self.put("s.json", "[1]") { $0.seals = true },
            Self.put("p.json", "[2, 2, 2, 2, 2, 2]") { $0.packs = true },
            StoreWorkload.delete("c.json"), StoreWorkload.put("b.txt", "other text\n", mode: 0o600),
        ]
        if isCompacted {
            steps += [
                StoreWorkload.put("a.json", StoreWorkload.long),
                StoreWorkload.put("a.json", StoreWorkload.long + " "), StoreWorkload.compact(),
                StoreWorkload.put("a.json", "{\"a\": [7]}"),
            ]
        }
        try self.init(machine, after: steps)
    }

    /// The same with documents, a log, a catalog and a backup of tens of kilobytes each.
    package init(large isCompacted: Bool) throws {
        var documents = ["b.txt": Self.text(40_000, seed: 1), "a.json": Self.json(40_000, seed: 2)]
        for number in 0..<60 { documents["many/\(number).json"] = "\(number)" }
        var steps = [
            StoreWorkload.initialize, StoreWorkload.snapshot,
            Self.put("s.json", Self.json(40_000, seed: 3)) { $0.seals = true },
            Self.put("p.json", Self.json(80_000, seed: 4)) { $0.packs = true },
            StoreWorkload.put("a.json", Self.json(40_000, seed: 5)),
        ]
        if isCompacted { steps.append(StoreWorkload.compact()) }
        try self.init(Self.machine(documents), after: steps)
    }

    private init(_ machine: SimulatedDisk, after steps: [StoreWorkload.Step]) throws {
        let backup = StoreWorkload.Step { system in
            _ = try StoreWorkload.store(on: system).backup(
                to: Self.backup, isLive: false, WriteOptions(command: "backup"))
        }
        for step in steps + [backup] {
            let process = machine.process(99)
            try step.run(process)
            process.endProcess()
        }
        machine.settle()
        self.machine = machine
        known = Set(try Self.findings(on: machine))
    }

    private static func machine(_ documents: [String: String]) -> SimulatedDisk {
        let machine = SimulatedDisk()
        machine.placeDirectory(at: "/store", mode: FileMode(0o700))
        machine.placeDirectory(at: "/store/many", mode: FileMode(0o700))
        machine.placeDirectory(at: "/backups", mode: FileMode(0o700))
        for (name, text) in documents.sorted(by: { $0.key < $1.key }) {
            machine.place(Array(text.utf8), at: "/store/\(name)", mode: FileMode(0o644))
        }
        return machine
    }

    private static func text(_ count: Int, seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed)
        var text = ""
        while text.utf8.count < count {
            text += String(UInt64.random(in: 0...(.max), using: &generator), radix: 36) + "\n"
        }
        return text
    }

    private static func json(_ count: Int, seed: UInt64) -> String {
        "["
            + text(count, seed: seed).split(separator: "\n").map { "\"\($0)\"" }
            .joined(separator: ",\n  ") + "]"
    }

    private static func put(
        _ name: String, _ text: String, _ change: @escaping @Sendable (inout PutRequest) -> Void
    ) -> StoreWorkload.Step {
        StoreWorkload.Step { system in
            var request = PutRequest(document: try StorePath(name), bytes: Array(text.utf8))
            change(&request)
            _ = try StoreWorkload.store(on: system).put(request, WriteOptions(command: "put"))
        }
    }

    package static let backup = "/backups/b.tar.gz"

    /// The documents, the store's records, and the hint, by their paths in the store; the backup.
    package var files: [String] {
        machine.tree(at: "/store").filter { $0.kind == .regular && !$0.bytes.isEmpty }
            .map { String(decoding: $0.path, as: UTF8.self) } + [Self.backup]
    }

    package func bitCount(of file: String) -> Int {
        (machine.contents(at: Self.path(of: file))?.count ?? 0) * 8
    }

    private static func path(of file: String) -> String {
        file == backup ? file : "/store/\(file)"
    }

    /// So many bits of a file, drawn by a seed.
    package func bits(of file: String, count: Int, seed: UInt64) -> [Int] {
        var generator = SeededGenerator(seed: seed)
        let bits = 0..<bitCount(of: file)
        return (0..<count).map { _ in Int.random(in: bits, using: &generator) }
    }

    /// - Parameters:
    ///   - bits: counted from the lowest bit of the file's first byte.
    ///   - commandsEvery: so many flips come to one after which a command recovers, and now and then
    ///     repairs.
    package func run(
        _ file: String, bits: some Sequence<Int>, commandsEvery: Int = 1
    ) throws -> Report {
        if file == Self.backup { return try runBackup(bits, restoresEvery: commandsEvery * 8) }
        var report = Report(file: file)
        let documents = StoreWorkload.documents(on: machine)
        // What only serves speed may say anything as long as nobody believes it.
        let isHint = file == ".canifly-store/contents.index"
        for bit in bits {
            report.flips += 1
            let flipped = try flip(bit, of: file)
            let before = StoreWorkload.documents(on: flipped)
            let new = try Self.findings(on: flipped).filter { !known.contains($0) }
            if new.isEmpty, !isHint { report.unnoticed.append(bit) }
            let isOfDocument = documents != before
            if isOfDocument, !new.contains(where: { $0.document?.isDocument(file) == true }) {
                report.misapplied.append("bit \(bit) is found, and the document not named: \(new)")
            }
            guard report.flips.isMultiple(of: commandsEvery) else { continue }
            let process = flipped.process(100)
            let store = try StoreWorkload.store(on: process)
            var complaint = Self.recover(store)
            if StoreWorkload.documents(on: flipped) != before {
                complaint = "recovery changed documents"
            }
            if complaint == nil, bit % 8 == 3 {
                complaint = Self.repair(store)
                if StoreWorkload.documents(on: flipped) != documents {
                    complaint = "repair changed documents"
                }
            }
            process.endProcess()
            if let complaint { report.misapplied.append("bit \(bit): \(complaint)") }
        }
        return report
    }

    private func runBackup(
        _ bits: some Sequence<Int>, restoresEvery: Int
    ) throws -> Report {
        var report = Report(file: Self.backup)
        for bit in bits {
            report.flips += 1
            let flipped = try flip(bit, of: Self.backup)
            if !Self.isRefused({ () throws(StoreError) in
                _ = try Store.checkBackup(at: Self.backup, system: flipped)
            }) {
                report.unnoticed.append(bit)
            }
            guard report.flips.isMultiple(of: restoresEvery) else { continue }
            // The flipped backup among them.
            let documents = StoreWorkload.documents(on: flipped)
            let store = try StoreWorkload.store(on: flipped)
            let isRefused = Self.isRefused { () throws(StoreError) in
                _ = try store.restore(
                    fromBackup: Self.backup, documents: [], WriteOptions(command: "restore"))
            }
            if !isRefused || StoreWorkload.documents(on: flipped) != documents {
                report.misapplied.append("bit \(bit): it is restored")
            }
        }
        return report
    }

    /// As damaged, or as of a newer program.
    private static func isRefused(_ body: () throws(StoreError) -> Void) -> Bool {
        do throws(StoreError) {
            try body()
            return false
        } catch {
            return error.kind == .invalidData || error.kind == .configuration
        }
    }

    /// What is wrong with how the next command begins. That it refuses is as good as it gets.
    private static func recover(_ store: Store) -> String? {
        do throws(StoreError) {
            try store.recover()
            return nil
        } catch {
            let isRefused = error.kind == .invalidData || error.kind == .configuration
            return isRefused ? nil : "recovery fails with \(error)"
        }
    }

    /// What is wrong with a repair. Contents of history cannot be brought back, and a version that
    /// has become a newer one cannot be told from one.
    private static func repair(_ store: Store) -> String? {
        do throws(StoreError) {
            let report = try store.repair(RepairRequest(), WriteOptions(command: "repair"))
            let errors = report.remaining.filter {
                $0.severity == .error && $0.code != .historyCorrupt && $0.code != .historyMissing
            }
            return errors.isEmpty ? nil : "repair leaves \(errors)"
        } catch {
            return error.code == "store-newer" ? nil : "repair fails with \(error)"
        }
    }

    /// In place, with the modification time as it was: as a disk does it.
    private func flip(_ bit: Int, of file: String) throws -> SimulatedDisk {
        let copy = machine.copy()
        let process = copy.process(98)
        let folder = try process.openDirectory(at: file == Self.backup ? "/backups" : "/store")
        let opened = try process.openOwned(
            file == Self.backup ? "b.tar.gz" : file, in: folder, [.read, .write])
        let time = try process.status(of: opened.descriptor).modified
        var byte = try process.readRange(opened.descriptor, at: Int64(bit / 8), count: 1)
        byte[0] ^= 1 << UInt8(bit % 8)
        try process.writeAll(opened.descriptor, byte, at: Int64(bit / 8))
        try process.setModificationTime(of: opened.descriptor, to: time)
        try opened.close()
        process.endProcess()
        return copy
    }

    private static func findings(on machine: SimulatedDisk) throws -> [Finding] {
        var request = VerifyRequest()
        request.isDeep = true
        request.threads = 1
        let store = try StoreWorkload.store(on: machine)
        do throws(StoreError) {
            return try store.verify(request).findings
        } catch {
            // Not to be read at all is a way of being noticed.
            guard error.code == "store-newer" else { throw error }
            return [Finding(.catalogCorrupt, .error, document: nil, detail: error.message)]
        }
    }
}

extension String {
    /// Whether a finding about this document is one about the file.
    fileprivate func isDocument(_ file: String) -> Bool {
        file.utf8.elementsEqual(utf8) || file.utf8.elementsEqual("\(self).gz".utf8)
    }
}
