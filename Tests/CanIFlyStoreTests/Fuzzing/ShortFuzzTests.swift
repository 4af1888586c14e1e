import FuzzSupport
import Testing

/// A short form of what `make fuzz` does.
@Suite("Mutated input")
struct ShortFuzzTests {
    @Test("breaks no reader", arguments: FuzzTarget.all.map(\.name))
    func mutations(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seeds = try target.seeds()
        #expect(!seeds.isEmpty, "there is nothing to begin with")
        for seed in seeds { target.read(seed) }
        let mutator = try target.mutator(seed: 1)
        for number in 0..<500 { target.readMutation(UInt64(number), of: mutator) }
    }
}
