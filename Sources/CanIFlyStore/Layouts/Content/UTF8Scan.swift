/// Where bytes stop being UTF-8.
enum UTF8Scan {
    /// The offset of the first byte that is not part of well-formed UTF-8 (Unicode table 3-7); nil
    /// where all are.
    static func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            var index = 0
            while index < buffer.count {
                let byte = buffer[index]
                if byte < 0x80 {
                    index += 1
                    continue
                }
                guard let length = sequenceLength(in: buffer, at: index) else { return index }
                index += length
            }
            return nil
        }
    }

    private static func sequenceLength(
        in buffer: UnsafeBufferPointer<UInt8>, at index: Int
    ) -> Int? {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch buffer[index] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: length = 3
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard index + length <= buffer.count, second.contains(buffer[index + 1]) else {
            return nil
        }
        for position in (index + 2)..<max(index + length, index + 2)
        where buffer[position] & 0xC0 != 0x80 {
            return nil
        }
        return length
    }
}
