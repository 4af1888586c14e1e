extension UnsafeRawBufferPointer {
    /// The little-endian integer at `offset`, which need not be aligned.
    func littleEndian<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Value {
        Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// Eight bytes at a time, where there are so many.
    var isAllZero: Bool {
        var offset = 0
        while count - offset >= 8 {
            guard loadUnaligned(fromByteOffset: offset, as: UInt64.self) == 0 else { return false }
            offset += 8
        }
        while offset < count {
            guard self[offset] == 0 else { return false }
            offset += 1
        }
        return true
    }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
