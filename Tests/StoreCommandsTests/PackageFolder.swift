import Foundation
import StoreFiles
import StoreTestSupport

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

/// Runs a program of this machine to its end. Not by Foundation, whose children inherit the signal
/// mask of its threads and are waited for until their own children end.
func runProgram(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:], input: String = "",
    folder: URL? = nil
) throws -> ProgramOutcome {
    let scratch = ScratchDirectory()
    let errorFile = scratch.path("error")
    let script = "cd -- \"$1\" && exec 2>\"$2\" && shift 2 && exec \"$@\""
    let folder = folder?.path ?? scratch.path
    let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]
        .merging(environment) { $1 }
    var request = ProcessRequest(
        program: "/bin/sh",
        arguments: ["-c", script, "sh", folder, errorFile, program.path] + arguments,
        environment: environment.map { "\($0.key)=\($0.value)" })
    request.input = .bytes(Array(input.utf8))
    request.output = .capture(limitBytes: 1 << 24)
    let outcome = try request.run()
    let error = try String(decoding: Data(contentsOf: URL(filePath: errorFile)), as: UTF8.self)
    let status: Int32 =
        switch outcome.end {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        case .timedOut, .outputTooLarge: -1
        }
    return ProgramOutcome(
        status: status, output: String(decoding: outcome.output, as: UTF8.self), error: error)
}
