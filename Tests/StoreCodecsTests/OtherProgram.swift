import Foundation

/// Another program that reads or writes the same format, to compare with.
struct OtherProgram: Sendable {
    let path: String

    /// nil where the machine has no such program.
    init?(_ name: String) {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let paths = folders.map { "\($0)/\(name)" }
        guard let path = paths.first(where: FileManager.default.isExecutableFile) else {
            return nil
        }
        self.path = path
    }

    static func exists(_ name: String) -> Bool { OtherProgram(name) != nil }

    /// Runs the program in `folder`. Its input and output are files, so neither can block it.
    func run(
        _ arguments: [String], input: [UInt8] = [], in folder: TemporaryFolder
    ) throws -> (status: Int32, output: [UInt8], errors: String) {
        try folder.write(input, to: ".input")
        try folder.write([], to: ".output")
        try folder.write([], to: ".errors")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        process.standardInput = try FileHandle(forReadingFrom: folder.url(".input"))
        process.standardOutput = try FileHandle(forWritingTo: folder.url(".output"))
        process.standardError = try FileHandle(forWritingTo: folder.url(".errors"))
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus, try folder.read(".output"),
            String(decoding: try folder.read(".errors"), as: UTF8.self)
        )
    }
}

/// A folder that is removed with its owner.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func url(_ name: String) -> URL { url.appendingPathComponent(name) }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: url(name))
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url(name)))
    }
}
