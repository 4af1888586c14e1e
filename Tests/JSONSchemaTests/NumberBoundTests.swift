import JSONSchema
import LosslessJSON
import Testing

@Suite("Bounds of numbers")
struct NumberBoundTests {
    private static let bounds = [
        "-9223372036854775808", "-9223372036854775807", "-2", "-1", "0", "1", "2", "1.5", "1e2",
        "9223372036854775806", "9223372036854775807", "9223372036854775808", "1e400",
    ]
    private static let values =
        bounds + ["-1e400", "-9223372036854775809", "-0", "0.5", "1.0", "99", "100", "101"]

    @Test("are kept to exactly, integers that fit a machine word or not", arguments: bounds)
    func exact(bound: String) throws {
        for (keyword, fits) in [
            ("minimum", { !($0 < $1) }), ("exclusiveMinimum", { $0 > $1 }),
            ("maximum", { !($0 > $1) }), ("exclusiveMaximum", { $0 < $1 }),
        ] as [(String, (JSONNumber, JSONNumber) -> Bool)] {
            let limit = try #require(try number(bound))
            let schema = try CompiledSchema(
                JSONDocument(Array("{\"\(keyword)\":\(bound)}".utf8)))
            for value in Self.values {
                let isValid = schema.isValid(try JSONDocument(Array(value.utf8)))
                let expected = fits(try #require(try number(value)), limit)
                #expect(isValid == expected, "\(value) and \(keyword) \(bound)")
            }
        }
    }

    @Test("hold together", arguments: bounds, ["0", "2", "9223372036854775807", "1.5"])
    func together(lower: String, upper: String) throws {
        let schema = try CompiledSchema(
            JSONDocument(
                Array("{\"exclusiveMinimum\":\(lower),\"maximum\":\(upper)}".utf8)))
        for value in Self.values {
            let isValid = schema.isValid(try JSONDocument(Array(value.utf8)))
            let exact = try #require(try number(value))
            let expected =
                try exact > #require(try number(lower)) && !(exact > #require(try number(upper)))
            #expect(isValid == expected, "\(value) above \(lower), to \(upper)")
        }
    }

    private func number(_ text: String) throws -> JSONNumber? {
        try JSONDocument(Array(text.utf8)).root.number
    }
}
