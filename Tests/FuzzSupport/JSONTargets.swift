internal import CanIFlyStore
internal import JSONSchema
internal import LosslessJSON
internal import StoreTestSupport

private let jsonWords = [
    "null", "true", "false", "{}", "[]", "\"a\":", "\\u0000", "\\uD800", "\\uDC00", "\\\"", "1e400",
    "-0", "1.10", "9007199254740993", "\u{FEFF}", "NaN", "{\"a\":", "[[[[[[[[", "]]]]]]]]",
]

extension FuzzTarget {
    static let jsonTargets: [FuzzTarget] = [
        FuzzTarget("json", words: jsonWords) { bytes in
            let expected = ReferenceParser.judge(bytes)
            let found = scan([bytes[...]])
            precondition(
                found?.code == expected?.code && found?.offset == expected?.offset,
                "the scanner says \(String(describing: found)), the reference "
                    + String(describing: expected))
            precondition(scan(pieces(bytes)) == found, "in pieces it says something else")
            let document = outcome { try JSONDocument(bytes) }
            precondition((document == nil) == (found != nil), "parsing judges otherwise")
            guard let document else { return }
            let minified = document.root.minified()
            precondition(scan([minified[...]]) == nil, "what was minified is no JSON")
        },
        FuzzTarget(
            "patch",
            words: jsonWords + [
                "\0", "{\"op\": \"add\", \"path\": \"/a\", \"value\": 1}", "\"op\": \"move\"",
                "\"op\": \"copy\"", "\"op\": \"test\"", "\"op\": \"remove\"", "\"from\": \"/a\"",
                "\"path\": \"\"", "/-", "~0", "~1", "/0", "/01",
            ]
        ) { bytes in
            let (text, patch) = halves(bytes)
            guard let change = outcome({ try JSONDocument(patch).root }) else { return }
            if let operations = outcome({ try JSONPatch(change) }),
                let result = outcome({ try operations.apply(to: text) })
            {
                precondition(scan([result[...]]) == nil, "patching makes what is no JSON")
            }
            if let result = outcome({ try JSONMergePatch(change).apply(to: text) }) {
                precondition(scan([result[...]]) == nil, "merging makes what is no JSON")
            }
        },
        FuzzTarget(
            "schema",
            words: jsonWords + [
                "\0", "\"$ref\": \"#\"", "\"$id\": \"x\"", "\"$defs\"", "\"pattern\": \"^(a+)+$\"",
                "\"items\"", "\"prefixItems\"", "\"properties\"", "\"allOf\": [", "\"not\":",
                "\"unevaluatedProperties\": false", "\"$dynamicRef\": \"#a\"",
                "\"uniqueItems\": true", "\"multipleOf\": 0.01", "\"enum\": [", "\\p{L}",
            ]
        ) { bytes in
            let (text, instance) = halves(bytes)
            guard let schema = outcome({ try CompiledSchema(JSONDocument(text)) }),
                let document = outcome({ try JSONDocument(instance) })
            else { return }
            let violations = schema.validate(document)
            precondition(
                schema.isValid(document.root) == violations.isEmpty, "the quick answer differs")
            for violation in violations {
                precondition((0...instance.count).contains(violation.offset), "it lies outside")
            }
        },
        FuzzTarget("salvage", words: jsonWords) { bytes in
            guard let salvaged = JSONSalvage(bytes) else { return }
            // A key may stand twice in it, as the application lets it.
            let error = scan([salvaged.bytes[...]], duplicateKeys: .allow)
            precondition(error == nil, "what was salvaged is no JSON")
            precondition(salvaged.bytes.count <= bytes.count + 512, "it has grown")
        },
        FuzzTarget(
            "sealed",
            words: jsonWords + [
                "\"version\": 1", "\"checksum\": \"", "\"data\":", "{\"data\": 1, \"version\": 2}",
            ]
        ) { bytes in
            let whole = SealScanner.judge(bytes)
            var scanner = SealScanner()
            for piece in pieces(bytes) { piece.withUnsafeBytes { scanner.consume($0) } }
            let judgement = scanner.finish()
            precondition(judgement == whole, "in pieces it says something else")
            guard scan([bytes[...]]) == nil, case .sealed(let seal) = whole else { return }
            precondition(scan([bytes[seal.data]]) == nil, "what is sealed is no JSON")
        },
    ]
}

private func scan(
    _ pieces: [ArraySlice<UInt8>], duplicateKeys: JSONDuplicateKeys = .refuse
) -> JSONError? {
    var scanner = JSONScanner(duplicateKeys: duplicateKeys)
    do throws(JSONError) {
        for piece in pieces { try scanner.consume(piece) }
        try scanner.finish()
        return nil
    } catch {
        return error
    }
}
