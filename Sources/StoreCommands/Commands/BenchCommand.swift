internal import CanIFlyStore
internal import StoreFiles

let benchCommand = CommandDefinition(
    name: "bench", effect: .none,
    options: [
        .value(
            "directory", "DIR", .directory,
            "where the scratch directory is made, so on which disk (default $TMPDIR, else /tmp)")
    ],
    summary: "Measure what checksums, compression, durability and locking cost here",
    description: [
        "Works in a scratch directory that is removed afterwards; no store is looked at. The syncs and "
            + "the transactions depend on the disk: name a directory beside the store to measure its disk."
    ],
    examples: [
        CommandExample("canifly-store bench", "A few seconds of measuring."),
        CommandExample("canifly-store bench --directory ~/.config", "On the disk of the store."),
    ],
    run: { context throws(StoreError) in
        let chosen = try context.arguments.text("directory")
        let ordinary = try context.environment.text("TMPDIR")
        let parent = chosen ?? ordinary ?? "/tmp"
        let scratch = try BenchScratch(in: parent, system: context.system)
        let result: Result<[Measurement], StoreError>
        do throws(StoreError) {
            var bench = Bench(scratch: scratch.path, system: context.system)
            try bench.run()
            result = .success(bench.measurements)
        } catch {
            result = .failure(error)
        }
        scratch.remove()
        return BenchReport(directory: parent, measurements: try result.get())
    })

private struct BenchReport: Report {
    var directory: String
    var measurements: [Measurement]

    var json: ReportJSON {
        .object([
            "directory": .string(directory),
            "processors": .integer(Int64(WorkerThreads.processorCount)),
            "measurements": .array(measurements.map { .object(members(of: $0)) }),
        ])
    }

    private func members(of measurement: Measurement) -> OutputMembers {
        var members: OutputMembers = [
            "name": .string(measurement.name), "count": .integer(Int64(measurement.count)),
            "bytes": .integer(measurement.bytes),
            "nanoseconds": .unsigned(measurement.nanoseconds),
        ]
        members.addIfPresent("packed_bytes", measurement.packedBytes)
        return members
    }

    func draw(on screen: inout Screen) {
        var table = TextTable([.left, .right, .right])
        for measurement in measurements {
            table.add([
                (measurement.name, .plain), (measurement.shownCost, .strong),
                (measurement.shownSize, .faint),
            ])
        }
        table.draw(on: &screen)
    }
}

/// One thing that was measured.
struct Measurement: Sendable {
    var name: String
    /// How often it was done.
    var count: Int
    /// Of all times together; 0 where it is not about bytes.
    var bytes: Int64
    /// Of all times together.
    var nanoseconds: UInt64
    var packedBytes: Int?

    /// The rate of what goes by bytes, else the time of one.
    fileprivate var shownCost: String {
        guard bytes == 0 else {
            let perSecond = Double(bytes) / Double(max(1, nanoseconds)) * 1_000_000_000
            return humanBytes(Int64(perSecond)) + "/s"
        }
        let microseconds = nanoseconds / UInt64(max(1, count)) / 1000
        return "\(grouped(microseconds)) µs"
    }

    fileprivate var shownSize: String {
        guard let packedBytes, bytes > 0 else { return "" }
        return "to \(Int64(packedBytes) * 1000 / bytes) ‰"
    }
}

/// A directory for measuring, which goes when it is done.
private struct BenchScratch {
    private let parent: String
    private let name: String
    private let system: any SystemCalls

    var path: String { parent + "/" + name }

    init(in parent: String, system: any SystemCalls) throws(StoreError) {
        self.parent = parent
        self.system = system
        name = TemporaryName.make(system)
        do throws(Errno) {
            let folder = try Directory(at: parent, system)
            try system.makeDirectory(name, in: folder.descriptor, mode: .privateDirectory)
        } catch {
            throw StoreError(
                .cannotCreate, code: "cannot-create",
                "no scratch directory can be made in \(escapedForTerminal(parent.utf8)): "
                    + error.description,
                hint: "name another with --directory", cause: error)
        }
    }

    func remove() {
        guard let folder = try? Directory(at: parent, system) else { return }
        if let own = try? Directory(name, beneath: folder.descriptor, system) {
            removeContents(of: own.descriptor)
        }
        try? system.removeDirectory(name, in: folder.descriptor)
    }

    private func removeContents(of directory: Descriptor) {
        for entry in (try? system.entries(of: directory)) ?? [] {
            let name = String(decoding: entry.name, as: UTF8.self)
            if entry.kind == .directory {
                if let inner = try? Directory(name, beneath: directory, system) {
                    removeContents(of: inner.descriptor)
                }
                try? system.removeDirectory(name, in: directory)
            } else {
                try? system.unlink(name, in: directory)
            }
        }
    }
}
