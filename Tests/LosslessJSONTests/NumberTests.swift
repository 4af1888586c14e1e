import LosslessJSON
import Testing

@Suite("Numbers")
struct NumberTests {
    func number(_ text: String) throws -> JSONNumber {
        try #require(JSONNumber(text.utf8), "\(text)")
    }

    @Test("are ordered by value, whatever their spelling")
    func order() throws {
        let ascending: [[String]] = [
            ["-1e99999999999999999999999", "-10e99999999999999999999998"],
            ["-1e400000000"], ["-12", "-1.2e1", "-120e-1"], ["-1.5"], ["-1e-400000000"],
            ["0", "-0", "0.0", "0e5", "-0.000e-99999999999999999999999"],
            ["1e-99999999999999999999999"], ["1e-400000000"], ["0.1", "1e-1", "0.10", "10E-2"],
            ["0.10000000000000000000001"], ["1", "1.0", "1e0", "10e-1", "0.001e3"], ["1.5"],
            ["9007199254740992"], ["9007199254740993", "9007199254740993.0"],
            ["1e400000000", "0.1e400000001", "10e399999999"],
            ["1e999999999999999999", "0.1e1000000000000000000", "100e999999999999999997"],
            ["1e1000000000000000000", "10e999999999999999999"],
            ["1e99999999999999999999999", "0.01e100000000000000000000001"],
        ]
        for (rank, texts) in ascending.enumerated() {
            for (otherRank, otherTexts) in ascending.enumerated() {
                for text in texts {
                    for other in otherTexts {
                        let left = try number(text)
                        let right = try number(other)
                        #expect((left == right) == (rank == otherRank), "\(text) \(other)")
                        #expect((left < right) == (rank < otherRank), "\(text) \(other)")
                    }
                }
            }
        }
    }

    @Test("are whole or not")
    func whole() throws {
        for text in ["0", "-0.0", "1.0", "1e2", "1.5e1", "1e400000000", "12e99999999999999999999"] {
            #expect(try number(text).isInteger, "\(text)")
        }
        for text in ["0.1", "1e-1", "1.5", "15e-1", "1e-400000000", "1e-99999999999999999999"] {
            #expect(try !number(text).isInteger, "\(text)")
        }
    }

    @Test("become 64-bit integers only where nothing is lost")
    func integers() throws {
        let values: [(String, Int64?)] = [
            ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("1.0", 1), ("1e2", 100), ("1.5e1", 15),
            ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e19", nil),
            ("1.5", nil), ("1e-1", nil), ("1e400000000", nil), ("1e18", 1_000_000_000_000_000_000),
            ("123456789012345678", 123_456_789_012_345_678), ("0.00e99999999999999999999", 0),
        ]
        for (text, value) in values {
            #expect(try JSONDocument(text: text).root.integer == value, "\(text)")
            #expect(try number(text).int64 == value, "\(text)")
        }
        #expect(try JSONDocument(text: "\"1\"").root.integer == nil)
    }

    @Test(
        "are multiples exactly",
        arguments: [
            ("6", "3", true), ("7", "3", false), ("0", "3", true), ("3", "6", false),
            ("0.0075", "0.0001", true), ("0.00751", "0.0001", false), ("4.02", "0.01", true),
            ("1e308", "0.123456789", false), ("1e308", "0.5", true), ("-9", "3", true),
            ("9", "-3", true), ("1e400000000", "3", false), ("1e400000000", "1024", true),
            ("3e400000000", "3", true), ("1", "1e400000000", false), ("1", "1e-400000000", true),
            ("1e99999999999999999999", "7", false), ("14e99999999999999999999", "7", true),
            ("1e99999999999999999999", "1e99999999999999999998", true),
            ("1e99999999999999999998", "1e99999999999999999999", false),
            ("1000000000000000000e0", "1e999999999999999999", false),
            ("1e1000000000000000000", "1e999999999999999999", true),
            ("1e18", "999999999999999999", false),
            ("999999999999999999", "999999999999999999", true),
            ("246913578024691357802469135780", "123456789012345678901234567890", true),
            ("246913578024691357802469135781", "123456789012345678901234567890", false),
            (
                "15241578753238836750495351562536198787501905199875019052100",
                "123456789012345678901234567890", true
            ),
            ("123456789012345678901234567890", "246913578024691357802469135780", false),
            ("5", "0", false), ("0", "0", true), ("0.3", "0.1", true), ("0.35", "0.1", false),
            ("1e25", "33554432", true), ("1e24", "33554432", false),
        ])
    func multiples(value: String, divisor: String, isMultiple: Bool) throws {
        #expect(try number(value).isMultiple(of: number(divisor)) == isMultiple)
    }

    @Test("are multiples where 128-bit arithmetic says so")
    func multiplesSwept() throws {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<2000 {
            let divisor = Int.random(in: 1...3000, using: &generator)
            let isMade = Bool.random(using: &generator)
            let value =
                isMade
                ? divisor * Int.random(in: 0...1_000_000, using: &generator)
                : Int.random(in: 0...1_000_000_000, using: &generator)
            let shift = Int.random(in: -3...3, using: &generator)
            let holds = try number("\(value)e\(shift)").isMultiple(
                of: number("\(divisor)e\(shift)"))
            #expect(holds == value.isMultiple(of: divisor), "\(value) \(divisor)")
        }
    }

    @Test("that JSON does not know are none")
    func refused() {
        for text in [
            "", "-", "01", "+1", "1.", ".5", "1e", " 1", "1 ", "NaN", "\"1\"", "1,2", "0x1",
        ] {
            #expect(JSONNumber(text.utf8) == nil, "\(text)")
        }
    }
}
