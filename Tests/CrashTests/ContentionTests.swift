import Foundation
import Testing

/// A short form of `make contend`.
@Suite struct ContentionTests {
    @Test("processes on a stale lock never have it together, and notice the application")
    func contenders() throws {
        let folder = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(filePath: folder).deletingLastPathComponent().appending(path: "contend")
        let process = Process()
        process.executableURL = program
        process.arguments = ["--rounds", "200", "--groups", "10"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        let rounds = text.prefix { $0 != " " }
        #expect(Int(rounds).map { $0 >= 200 } == true, "\(text)")
    }
}
