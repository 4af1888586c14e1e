import JSONSchema
import LosslessJSON
import StoreTestSupport

/// The official suite of tests for draft 2020-12.
enum SchemaSuite {
    static let folder = ConformanceSuites.folder("json-schema")

    struct Group {
        let description: String
        let schema: JSONDocument
        let tests: [(description: String, data: JSONDocument, isValid: Bool)]
    }

    /// What a file of tests came to.
    struct Outcome {
        var passed = 0
        var failures: [String] = []
    }

    /// The files below `tests/draft2020-12`, such as `optional/format/uri.json`.
    static func files(in subfolder: String) -> [String] {
        guard let folder else { return [] }
        return ConformanceSuites.names(in: folder + "/tests/draft2020-12/" + subfolder)
            .filter { $0.hasSuffix(".json") }.map { subfolder + $0 }
    }

    static func groups(in file: String) throws -> [Group] {
        let path = (folder ?? "") + "/tests/draft2020-12/" + file
        let document = try JSONDocument(ConformanceSuites.contents(of: path) ?? [])
        return try document.root.elements.map { group in
            Group(
                description: group.member(named: "description")?.string ?? "",
                schema: try copy(group.member(named: "schema")),
                tests: try (group.member(named: "tests")?.elements.map { $0 } ?? []).map { test in
                    (
                        test.member(named: "description")?.string ?? "",
                        try copy(test.member(named: "data")),
                        test.member(named: "valid")?.boolean ?? false
                    )
                })
        }
    }

    private static func copy(_ value: JSONValue?) throws -> JSONDocument {
        try JSONDocument(Array(value?.bytes ?? []))
    }

    /// The schemas that tests expect to find at `http://localhost:1234/`.
    static let registry: SchemaRegistry = {
        var registry = SchemaRegistry()
        func add(_ path: String) {
            for name in ConformanceSuites.names(in: (folder ?? "") + "/remotes/" + path) {
                let inner = path + name
                if !name.hasSuffix(".json") {
                    add(inner + "/")
                } else if let bytes = ConformanceSuites.contents(
                    of: (folder ?? "") + "/remotes/" + inner),
                    let document = try? JSONDocument(bytes)
                {
                    registry.add(document, uri: "http://localhost:1234/" + inner)
                }
            }
        }
        add("")
        return registry
    }()

    static func run(_ file: String, assertsFormats: Bool) throws -> Outcome {
        var outcome = Outcome()
        for group in try groups(in: file) {
            let schema: CompiledSchema
            do {
                schema = try CompiledSchema(
                    group.schema, registry: registry, assertsFormats: assertsFormats)
            } catch {
                for test in group.tests {
                    outcome.failures.append("\(group.description): \(test.description): \(error)")
                }
                continue
            }
            for test in group.tests {
                let violations = schema.validate(test.data)
                if violations.isEmpty == test.isValid
                    && schema.isValid(test.data) == test.isValid
                {
                    outcome.passed += 1
                } else {
                    outcome.failures.append("\(group.description): \(test.description)")
                }
            }
        }
        return outcome
    }
}
