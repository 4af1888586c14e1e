/// A JSON value that tests make up.
indirect enum MadeUpValue {
    /// A number, string or name as it is written.
    case scalar(String)
    case array([MadeUpValue])
    case object([(key: String, value: MadeUpValue)])

    private static let scalars = [
        "null", "true", "false", "0", "-0", "1", "1.0", "1e0", "10", "1e1", "-1.50", "100",
        "123456789012345678901234567890", "1e400", #""""#, #""a""#, #""\u0061""#, #""é""#,
        #""\uD834\uDD1E""#, #""\uD800""#, #""a\"b\\c\/d\n""#, #""漢字""#,
    ]
    private static let keys = [
        "a", "b", "c", "\\u0061b", "/", "~", "~1", "", "0", "-", "é", "e\u{301}", "\\n",
    ]

    /// A value of at most `depth` levels; keys come once.
    static func random(_ depth: Int, using generator: inout SeededGenerator) -> MadeUpValue {
        let choice = depth > 0 ? Int.random(in: 0..<5, using: &generator) : 4
        switch choice {
        case 0, 1:
            return .array(
                (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                    random(depth - 1, using: &generator)
                })
        case 2, 3:
            let keys = keys.shuffled(using: &generator)
                .prefix(Int.random(in: 0...6, using: &generator))
            return .object(keys.map { ($0, random(depth - 1, using: &generator)) })
        default:
            return .scalar(scalars.randomElement(using: &generator) ?? "0")
        }
    }

    /// The value with a few things changed.
    func changed(_ depth: Int, using generator: inout SeededGenerator) -> MadeUpValue {
        if Int.random(in: 0..<8, using: &generator) == 0 {
            return .random(depth, using: &generator)
        }
        switch self {
        case .scalar: return self
        case .array(var elements):
            elements = elements.map { $0.changed(depth - 1, using: &generator) }
            if Bool.random(using: &generator), !elements.isEmpty {
                elements.remove(at: Int.random(in: 0..<elements.count, using: &generator))
            }
            if Bool.random(using: &generator) {
                elements.insert(
                    .random(depth - 1, using: &generator),
                    at: Int.random(in: 0...elements.count, using: &generator))
            }
            return .array(elements)
        case .object(var members):
            members = members.map { ($0.key, $0.value.changed(depth - 1, using: &generator)) }
            members.removeAll { _ in Int.random(in: 0..<4, using: &generator) == 0 }
            if let key = Self.keys.randomElement(using: &generator),
                !members.contains(where: { $0.key.utf8.elementsEqual(key.utf8) })
            {
                members.append((key, .random(depth - 1, using: &generator)))
            }
            return .object(members.shuffled(using: &generator))
        }
    }

    /// The value as text, with white space wherever it is allowed as the generator wants it.
    func text(using generator: inout SeededGenerator) -> String {
        let space = ["", "", " ", "\n", "\r\n", "\t", "  \n    ", "          "]
        func gap() -> String { space.randomElement(using: &generator) ?? "" }
        switch self {
        case .scalar(let text): return gap() + text + gap()
        case .array(let elements):
            let texts = elements.map { $0.text(using: &generator) }
            return gap() + "[" + (texts.isEmpty ? gap() : texts.joined(separator: ",")) + "]"
                + gap()
        case .object(let members):
            let texts = members.map { member in
                gap() + "\"" + member.key + "\"" + gap() + ":"
                    + member.value.text(using: &generator)
            }
            return gap() + "{" + (texts.isEmpty ? gap() : texts.joined(separator: ",")) + "}"
                + gap()
        }
    }
}

/// Texts that between them have everything the grammar knows.
let sampleTexts = [
    #"{"a": [1, -0.5e+10, 2E-3, 0], "b\n\u00e9\uD834\uDD1E": {"é€𝄞": null}, "c": [true, false]}"#,
    "[[], {}, [[]], \"\\\"\\\\\\/\\b\\f\\n\\r\\t\", 0.0, 10, \"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\"]",
    "  {\n    \"name\": \"some longer text that fills words\",\n\t\"list\": [\r\n      1,\n      2\n"
        + "    ]\n  }\n",
    "\"lone \\uD800 and \\uDC00\\uD800\"",
    "-12.50e-07",
    " null ",
]
