import LosslessJSON

/// What the scanner says of a text that comes in the given pieces.
func scan(
    _ pieces: [ArraySlice<UInt8>], limits: JSONLimits = .standard,
    duplicateKeys: JSONDuplicateKeys = .refuse
) -> JSONError? {
    var scanner = JSONScanner(limits: limits, duplicateKeys: duplicateKeys)
    do throws(JSONError) {
        for piece in pieces { try scanner.consume(piece) }
        try scanner.finish()
        return nil
    } catch {
        return error
    }
}

func scan(_ bytes: [UInt8], duplicateKeys: JSONDuplicateKeys = .refuse) -> JSONError? {
    scan([bytes[...]], duplicateKeys: duplicateKeys)
}

func scan(_ text: String, duplicateKeys: JSONDuplicateKeys = .refuse) -> JSONError? {
    scan(Array(text.utf8), duplicateKeys: duplicateKeys)
}

/// What parsing says of a text.
func parse(_ bytes: [UInt8], duplicateKeys: JSONDuplicateKeys = .refuse) -> JSONError? {
    do throws(JSONError) {
        _ = try JSONDocument(bytes, duplicateKeys: duplicateKeys)
        return nil
    } catch {
        return error
    }
}

extension JSONDocument {
    init(text: String, duplicateKeys: JSONDuplicateKeys = .refuse) throws(JSONError) {
        try self.init(Array(text.utf8), duplicateKeys: duplicateKeys)
    }
}

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

/// A generator whose sequence depends on its seed alone (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
