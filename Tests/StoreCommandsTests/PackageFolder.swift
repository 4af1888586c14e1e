import Foundation

/// The package's own folder, found from this file.
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

/// A program on this machine, by its name; nil where there is none.
func installedProgram(_ name: String) -> URL? {
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return folders.map { URL(filePath: String($0)).appending(path: name) }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) }
}

/// The built program, beside the tests.
let builtProgram: URL? = {
    let given = ProcessInfo.processInfo.environment["CANIFLY_STORE_PROGRAM"].map {
        URL(filePath: $0)
    }
    let beside = Bundle.main.executableURL?.deletingLastPathComponent()
        .appending(path: "canifly-store")
    let inBuild = packageFolder.appending(path: ".build/debug/canifly-store")
    return [given, beside, inBuild].compactMap(\.self)
        .first { FileManager.default.isExecutableFile(atPath: $0.path) }
}()

/// What a program said and how it ended.
struct ProgramOutcome {
    var status: Int32
    var output: String
    var error: String
}

/// Runs a program of this machine to its end.
func runProgram(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:], input: String = "",
    folder: URL? = nil
) throws -> ProgramOutcome {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]
        .merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    let scratch = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    // Files, not pipes: nothing blocks, however much is said on either.
    let inputFile = scratch.appending(path: "input")
    try Data(input.utf8).write(to: inputFile)
    for name in ["output", "error"] { try Data().write(to: scratch.appending(path: name)) }
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    process.standardOutput = try FileHandle(forWritingTo: scratch.appending(path: "output"))
    process.standardError = try FileHandle(forWritingTo: scratch.appending(path: "error"))
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: scratch.appending(path: name)), as: UTF8.self)
    }
    let status =
        process.terminationReason == .exit
        ? process.terminationStatus : 128 + process.terminationStatus
    return ProgramOutcome(status: status, output: try text("output"), error: try text("error"))
}
