/// A fast hash of 128 bits that tells disk images apart. It is not for adversaries.
///
/// The hash of a set of parts is the sum of the hashes of the parts, so the order in which an
/// image is walked does not matter, and the sum over what does not change is taken once.
package struct Hash128: Hashable, Sendable {
    private(set) var low: UInt64
    private(set) var high: UInt64

    package static let zero = Hash128(low: 0, high: 0)

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Hashes words, with `tag` telling apart what the words mean.
    init(
        tag: UInt64, _ first: UInt64, _ second: UInt64 = 0, _ third: UInt64 = 0,
        _ fourth: UInt64 = 0
    ) {
        var lanes = Lanes(seed: tag)
        lanes.absorb(first, second)
        lanes.absorb(third, tag ^ fourth)
        self = lanes.finish()
    }

    /// Hashes bytes.
    init(tag: UInt64, _ first: UInt64, _ second: UInt64 = 0, bytes: UnsafeRawBufferPointer) {
        var lanes = Lanes(seed: tag)
        lanes.absorb(first, second)
        lanes.absorb(bytes)
        self = lanes.finish()
    }

    static func + (left: Hash128, right: Hash128) -> Hash128 {
        Hash128(low: left.low &+ right.low, high: left.high &+ right.high)
    }

    static func += (left: inout Hash128, right: Hash128) { left = left + right }

    /// Two lanes, each folding full-width products.
    private struct Lanes {
        var first: UInt64
        var second: UInt64

        init(seed: UInt64) {
            first = seed ^ 0x2545_F491_4F6C_DD1D
            second = (seed &* 0x9FB2_1C65_1E98_DF25) ^ 0xD6E8_FEB8_6659_FD93
        }

        mutating func absorb(_ left: UInt64, _ right: UInt64) {
            first = Self.fold(first ^ left, 0xA076_1D64_78BD_642F ^ right) &+ right
            second = Self.fold(second ^ right, 0xE703_7ED1_A0B4_28DB ^ left) &+ left
        }

        mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
            var offset = 0
            while offset + 16 <= bytes.count {
                absorb(
                    bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                    bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
                offset += 16
            }
            var tail: (UInt64, UInt64) = (0, 0)
            let rest = bytes.count - offset
            for index in 0..<rest {
                let byte = UInt64(bytes[offset + index])
                if index < 8 {
                    tail.0 |= byte << UInt64(8 * index)
                } else {
                    tail.1 |= byte << UInt64(8 * (index - 8))
                }
            }
            absorb(tail.0, tail.1)
            absorb(UInt64(bytes.count), 0x1D8E_4E27_C47D_124F)
        }

        consuming func finish() -> Hash128 {
            absorb(second, first)
            absorb(0x94D0_49BB_1331_11EB, 0xBF58_476D_1CE4_E5B9)
            return Hash128(low: first, high: second)
        }

        private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let product = left.multipliedFullWidth(by: right)
            return product.high ^ product.low
        }
    }
}
