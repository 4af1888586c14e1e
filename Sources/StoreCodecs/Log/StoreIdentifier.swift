/// The 16 random bytes by which a store knows its own log and catalog.
public struct StoreIdentifier: Sendable, Hashable {
    /// How many bytes an identifier has.
    public static let byteCount = 16

    private let first: UInt64
    private let second: UInt64

    /// The identifier that these 16 bytes are; nil for any other count.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        first = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        second = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// The identifier that these 16 bytes are; nil for any other count.
    public init?(bytes: [UInt8]) {
        guard let identifier = bytes.withUnsafeBytes({ StoreIdentifier(bytes: $0) }) else {
            return nil
        }
        self = identifier
    }

    /// The identifier spelled by these 32 lower-case digits; nil for anything else.
    public init?(hexadecimal digits: UnsafeRawBufferPointer) {
        guard digits.count == Self.byteCount * 2, let bytes = Hexadecimal.decode(digits) else {
            return nil
        }
        self.init(bytes: bytes)
    }

    /// The identifier spelled by these 32 lower-case digits; nil for anything else.
    public init?(hexadecimal digits: String) {
        guard let bytes = Hexadecimal.decode(digits) else { return nil }
        self.init(bytes: bytes)
    }

    public var bytes: [UInt8] {
        withUnsafeBytes(of: (first.bigEndian, second.bigEndian)) { Array($0) }
    }

    /// 32 lower-case digits.
    public var hexadecimal: String { Hexadecimal.encode(bytes) }
}

extension StoreIdentifier: CustomStringConvertible {
    public var description: String { hexadecimal }
}
