import StoreTestSupport
import Testing

/// A short form of what `make fuzz` does with every bit.
@Suite("Flipped bits")
struct EveryBitTests {
    @Test("one bit of each byte of each file of a store is found, named, and leads nothing astray")
    func everyByte() throws {
        let sweep = try FlipSweep()
        var flips = 0
        for file in sweep.files {
            // Another bit of each byte, all eight in turn; of the hint, of some bytes.
            let step = file.hasSuffix(".index") ? 16 : 1
            let bits = stride(from: 0, to: sweep.bitCount(of: file) / 8, by: step).map {
                $0 * 8 + ($0 / step * 5 + 3) % 8
            }
            let report = try sweep.run(file, bits: bits)
            #expect(report.unnoticed.isEmpty && report.misapplied.isEmpty, "\(report)")
            flips += report.flips
        }
        #expect(flips > 5_000)
    }

    @Test("bits of larger documents, log, catalog and backup, too", arguments: [false, true])
    func drawnBits(isCompacted: Bool) throws {
        let sweep = try FlipSweep(large: isCompacted)
        let large = sweep.files.filter { sweep.bitCount(of: $0) > 8 * 8192 }
        #expect(large.count >= 7, "\(large)")
        let index = sweep.files.filter { $0.hasSuffix("/catalog.index") }
        #expect(index.count == 1)
        for file in large + index {
            let bits = sweep.bits(of: file, count: 16, seed: 20_261_123)
            let report = try sweep.run(file, bits: bits, commandsEvery: 8)
            #expect(report.unnoticed.isEmpty && report.misapplied.isEmpty, "\(report)")
        }
    }
}
