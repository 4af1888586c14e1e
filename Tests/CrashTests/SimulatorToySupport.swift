import StoreFiles
import StoreTestSupport

/// What the toy protocols of these tests are made of.
extension SystemCalls {
    func writeAll(_ bytes: [UInt8], to file: Descriptor, at offset: Int64 = 0) throws {
        try bytes.withUnsafeBytes { try writeAll(file, $0, at: offset) }
    }

    /// A new file, written and synced unless told otherwise. Its name is not durable yet.
    func makeFile(
        _ name: String, in directory: Descriptor, _ bytes: [UInt8], syncs: Bool = true
    ) throws {
        let file = try open(name, in: directory, [.write, .create, .exclusive], mode: .privateFile)
        try writeAll(bytes, to: file)
        if syncs { try synchronize(file) }
        try close(file)
    }

    /// The classic safe replacement, but for the sync of the directory.
    func replaceFile(
        _ name: String, in directory: Descriptor, _ bytes: [UInt8], syncs: Bool = true
    ) throws {
        try? unlink("temporary", in: directory)
        try makeFile("temporary", in: directory, bytes, syncs: syncs)
        try rename("temporary", in: directory, to: name, in: directory, .replace)
    }

    func readFile(_ name: String, in directory: Descriptor) throws -> [UInt8] {
        try readWhole(name, in: directory, limitBytes: 1 << 20)
    }
}

/// Letters, so that no sector of it is zeros and no two files look alike.
func letters(_ count: Int, from start: UInt8 = UInt8(ascii: "a")) -> [UInt8] {
    (0..<count).map { start + UInt8($0 % 26) }
}
