import StoreFiles
import Testing

@Suite("Streams outside any store")
struct StreamTests {
    @Test("give out a file's bytes, through a link as well, and then its end")
    func reading() throws {
        // Always there, and a link into another file system on most machines.
        let stream = try StreamDescriptor.openForReading("/proc/self/exe")
        var start = [UInt8](repeating: 0, count: 4)
        let count = try start.withUnsafeMutableBytes { try stream.read(into: $0) }
        #expect(count == 4)
        #expect(start == [0x7F, 0x45, 0x4C, 0x46])
        try stream.close()

        let empty = try StreamDescriptor.openForReading("/dev/null")
        #expect(try start.withUnsafeMutableBytes { try empty.read(into: $0) } == 0)
        try empty.close()
    }

    @Test("fail by the kernel's own error")
    func failures() throws {
        #expect(throws: Errno.noEntry) { _ = try StreamDescriptor.openForReading("/nonexistent") }
        let full = try StreamDescriptor.openForWriting("/dev/full")
        #expect(throws: Errno.noSpace) {
            try [UInt8](repeating: 0x61, count: 10).withUnsafeBytes { try full.writeAll($0) }
        }
        try full.close()
    }

    @Test("know that a file is no terminal")
    func terminals() throws {
        let stream = try StreamDescriptor.openForReading("/dev/null")
        #expect(!stream.isTerminal)
        #expect(stream.terminalColumns == nil)
        try stream.close()
    }
}
