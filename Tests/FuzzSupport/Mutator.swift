internal import StoreTestSupport

/// Makes an input from seeds. What comes out follows from seed and number alone, so that any one
/// can be made again.
package struct Mutator: Sendable {
    private let seeds: [[UInt8]]
    private let words: [[UInt8]]
    private let seed: UInt64

    /// Long enough for what depends on a length, and short enough for a million of them.
    private static let longest = 16_384
    private static let telling: [UInt8] = [
        0, 1, 0x09, 0x0A, 0x20, 0x22, 0x2C, 0x5C, 0x5B, 0x7B, 0x7F, 0x80, 0xC3, 0xED, 0xFF,
    ]

    package init(seeds: [[UInt8]], words: [[UInt8]], seed: UInt64) {
        self.seeds = seeds.isEmpty ? [[]] : seeds
        self.words = words
        self.seed = seed
    }

    package func input(_ number: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed &* 0x9E37_79B9 &+ number)
        var bytes = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            change(&bytes, using: &generator)
        }
        if bytes.count > Self.longest { bytes.removeSubrange(Self.longest...) }
        return bytes
    }

    private func change(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        let longest = 1 << Int.random(in: 0...8, using: &generator)
        let end = place + min(Int.random(in: 0...longest, using: &generator), bytes.count - place)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0 where place < bytes.count:
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where place < bytes.count:
            bytes[place] = Self.telling.randomElement(using: &generator)!
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4:
            // Depth and length come from repeating.
            let times = Int.random(in: 2...200, using: &generator)
            let piece = Array(bytes[place..<min(end, place + 32)])
            for _ in 0..<times where bytes.count < Self.longest {
                bytes.insert(contentsOf: piece, at: place)
            }
        case 5 where !words.isEmpty:
            bytes.insert(contentsOf: words.randomElement(using: &generator)!, at: place)
        case 6:
            let other = seeds.randomElement(using: &generator)!
            let start = Int.random(in: 0...other.count, using: &generator)
            bytes.replaceSubrange(place..<end, with: other[start...].prefix(longest))
        case 7: bytes.removeSubrange(place...)
        case 8:
            for index in place..<end {
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
        default:
            bytes.insert(Self.telling.randomElement(using: &generator)!, at: place)
        }
    }
}
