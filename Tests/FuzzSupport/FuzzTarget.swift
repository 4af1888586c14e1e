/// One reader of bytes that come from a disk or a user, and what must hold whatever they are.
package struct FuzzTarget: Sendable {
    package let name: String
    /// Words of its language, which mutations put in.
    package let words: [[UInt8]]
    /// Makes checksums right again, so that mutations get past them; nil where there are none.
    package let mend: (@Sendable (inout [UInt8]) -> Void)?
    /// Reads the bytes. Traps where the reader breaks a rule; any error that it throws is fine.
    package let read: @Sendable ([UInt8]) -> Void

    init(
        _ name: String, words: [String] = [], mend: (@Sendable (inout [UInt8]) -> Void)? = nil,
        read: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.name = name
        self.words = words.map { Array($0.utf8) }
        self.mend = mend
        self.read = read
    }

    package static let all: [FuzzTarget] =
        jsonTargets + codecTargets + ruleTargets

    /// Tests/Fuzzing, absolute: a folder of seeds for each target.
    package static let corpusRoot: String = {
        let package = #filePath.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3)
        return (package + ["Tests", "Fuzzing"]).joined(separator: "/")
    }()
}

/// Two parts of an input, separated by the first NUL.
func halves(_ bytes: [UInt8]) -> (first: [UInt8], second: [UInt8]) {
    guard let separator = bytes.firstIndex(of: 0) else { return (bytes, []) }
    return (Array(bytes[..<separator]), Array(bytes[(separator + 1)...]))
}

/// The bytes in pieces of a length that follows from them.
func pieces(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    let length = 1 + bytes.reduce(0) { ($0 &* 31 &+ Int($1)) & 0x3F }
    return stride(from: 0, to: bytes.count, by: length).map {
        bytes[$0..<min($0 + length, bytes.count)]
    }
}

/// What a throwing call gives; nil where it throws.
func outcome<Value>(_ body: () throws -> Value) -> Value? { try? body() }
