import Foundation
import JSONSchema
import LosslessJSON
import StoreCommands
import Testing

/// The schemas of docs/schemas, to which every `--json` output of every test is held.
enum OutputSchemas {
    /// All of them by name, such as `put`; compiled so that a member nobody has described is an error,
    /// though to others they say that members may be added.
    static let compiled: [String: CompiledSchema] = {
        do {
            let folder = packageFolder.appending(path: "docs/schemas")
            var registry = SchemaRegistry()
            var documents: [(name: String, document: JSONDocument)] = []
            for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
                    .replacingOccurrences(
                        of: "\"unevaluatedProperties\": true",
                        with: "\"unevaluatedProperties\": false")
                let document = try JSONDocument(Array(text.utf8))
                registry.add(document, uri: "file:///schemas/" + file)
                documents.append((String(file.prefix { $0 != "." }), document))
            }
            var compiled: [String: CompiledSchema] = [:]
            for (name, document) in documents {
                compiled[name] = try CompiledSchema(
                    document, uri: "file:///schemas/\(name).schema.json", registry: registry,
                    assertsFormats: true)
            }
            return compiled
        } catch {
            preconditionFailure("docs/schemas cannot be read: \(error)")
        }
    }()

    /// Records an issue unless an output is one JSON object (`list` and `log`: one a line) that says
    /// how the program ended and fits the schema of its command.
    static func hold(_ output: [UInt8], status: Int32, words: [RawArgument]) {
        let name = commandName(words)
        let lines = output.split(separator: UInt8(ascii: "\n"))
        let isLines = (name == "list" || name == "log") && status == 0
        // There the output belongs to the command that was run.
        if name == "lock run", lines.isEmpty { return }
        #expect(isLines || lines.count == 1, "\(words.map(\.shown)) printed \(lines.count) lines")
        #expect(output.isEmpty || output.last == UInt8(ascii: "\n"))
        for line in lines {
            do {
                let document = try JSONDocument(Array(line))
                #expect(
                    document.root.member(named: "exit")?.integer == Int64(status),
                    "\(String(decoding: line, as: UTF8.self))")
                let schema = try #require(compiled[schemaName(name)], "no schema for \(name)")
                let violations = schema.validate(document)
                #expect(
                    violations.isEmpty,
                    "\(String(decoding: line, as: UTF8.self)): \(violations.map(\.message))")
            } catch {
                Issue.record("\(String(decoding: line, as: UTF8.self)): \(error)")
            }
        }
    }

    private static func commandName(_ words: [RawArgument]) -> String? {
        switch try? ArgumentParser(.standard).parse(words) {
        case .run(let parsed): parsed.command.name
        case .help: "help"
        case .version: "version"
        case nil: nil
        }
    }

    /// A command line that names no command fails, and what fails is the same for all commands.
    private static func schemaName(_ command: String?) -> String {
        guard let command else { return "put" }
        return String(command.map { $0 == " " ? "-" : $0 })
    }
}

/// Besides the commands' there are the parts that they share, that of `--version`, and that of the
/// profiles that users write.
@Suite("The schemas of the outputs")
struct OutputSchemaTests {
    @Test("exist for every command, and every one is a command's")
    func complete() {
        let names = Set(
            CommandTable.standard.commands.map { String($0.name.map { $0 == " " ? "-" : $0 }) })
        #expect(Set(OutputSchemas.compiled.keys) == names.union(["common", "version", "profile"]))
    }

    @Test("refuse what is no output: they are not empty words")
    func refuse() throws {
        let schema = try #require(OutputSchemas.compiled["put"])
        func isValid(_ text: String) throws -> Bool {
            schema.isValid(try JSONDocument(Array(text.utf8)))
        }
        let start = #"{"schema":"canifly-store/1","command":"put","ok":true,"exit":0,"store":"s""#
        #expect(try isValid(start + #","transaction":1,"changes":[],"dry_run":false}"#))
        #expect(try !isValid(start + #","transaction":0,"changes":[],"dry_run":false}"#))
        #expect(try !isValid(start + #","transaction":1,"changes":[],"dry_run":false,"x":1}"#))
        #expect(try !isValid(start + #","transaction":1,"changes":[]}"#))
        #expect(try !isValid(start + "}"))
        #expect(try !isValid("{}"))
    }
}
