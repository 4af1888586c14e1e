import Foundation
import LosslessJSON
import StoreCommands
import StoreFiles
import StoreTestSupport

/// A store of its own for a test, and the program set up for it.
struct ScratchStore {
    let scratch = ScratchDirectory()
    var program = TestProgram()

    /// An empty directory, or one of the samples.
    init(sample: String? = nil) throws {
        if let sample {
            try Fixtures.layOut(sample, in: scratch.descriptor, on: LinuxSystemCalls())
        }
        program.environment = [
            "HOME": "/nonexistent", "CANIFLY_STORE": scratch.path,
            "CANIFLY_STORE_NOW": "2026-11-01T12:00:00Z",
        ]
    }

    func run(_ arguments: String..., input: String = "") -> TestProgram.Outcome {
        run(arguments, input: input)
    }

    func run(_ arguments: [String], input: String = "") -> TestProgram.Outcome {
        var program = program
        program.input = Array(input.utf8)
        return program.run(arguments)
    }

    /// The program's screen on a terminal so wide, without colour.
    func screen(columns: Int, _ arguments: String...) -> [String] {
        var program = program
        program.terminalColumns = columns
        program.environment["NO_COLOR"] = "1"
        return program.run(arguments).lines
    }

    /// The one object that a command answers with.
    func json(_ arguments: String..., input: String = "") throws -> JSONValue {
        try JSONDocument(run(arguments + ["--json"], input: input).bytes).root
    }

    func url(_ document: String) -> URL { URL(filePath: scratch.path).appending(path: document) }

    func write(_ document: String, _ text: String) throws {
        try FileManager.default.createDirectory(
            at: url(document).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url(document))
    }

    func read(_ document: String) throws -> String {
        String(decoding: try Data(contentsOf: url(document)), as: UTF8.self)
    }

    /// Every file and folder with its bytes, mode and times: what reading must not change.
    func everything() throws -> [String: String] {
        var found: [String: String] = [:]
        let names = try FileManager.default.subpathsOfDirectory(atPath: scratch.path)
        for name in names + ["."] {
            let attributes = try FileManager.default.attributesOfItem(atPath: url(name).path)
            let bytes = try? Data(contentsOf: url(name))
            found[name] =
                "\(attributes[.modificationDate]!) \(attributes[.posixPermissions]!) "
                + "\(bytes.map { $0.hashValue } ?? 0)"
        }
        return found
    }
}
