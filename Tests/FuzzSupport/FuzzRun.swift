internal import StoreFiles
internal import StoreTestSupport

extension FuzzTarget {
    /// What is in `Tests/Fuzzing/<name>`.
    package func seeds() throws -> [[UInt8]] {
        let system = LinuxSystemCalls()
        let folder = try system.openDirectory(at: Self.corpusRoot + "/" + name)
        defer { try? system.close(folder) }
        return try system.entries(of: folder)
            .map { String(decoding: $0.name, as: UTF8.self) }.sorted {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
            .map { try system.readWhole($0, in: folder, limitBytes: 1 << 20) }
    }

    package func mutator(seed: UInt64) throws -> Mutator {
        Mutator(seeds: try seeds(), words: words, seed: seed)
    }

    /// Reads one mutation; every other one gets its checksums right first.
    package func readMutation(_ number: UInt64, of mutator: Mutator) {
        var bytes = mutator.input(number)
        if number.isMultiple(of: 2) { mend?(&bytes) }
        read(bytes)
    }
}
