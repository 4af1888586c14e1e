internal import CanIFlyStore
internal import LosslessJSON
internal import StoreFiles

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How values become JSON documents and come back.
///
/// The same value always gives the same bytes: members are sorted by their names, slashes are not
/// escaped, and dates are RFC 3339 in UTC (rounded to microseconds, which is as exact as `Date`
/// is). Dates with any offset and any number of decimals are read. A `Set`, or a dictionary whose
/// keys are neither strings nor integers, is written in an order that differs from run to run: sort
/// it where that matters.
///
/// Foundation's coders know the members that a type declares and nothing else: unknown members,
/// the order of members and the spelling of numbers are gone after a load and a save. Change what
/// another program owns with `Store.update`, which writes what changed and leaves every other byte.
public struct DocumentCoding: Sendable {
    /// Two spaces a level, one value a line and a line feed at the end; else no white space at all.
    public var isIndented: Bool

    /// The members that tell the elements of an array apart where an update compares arrays. Empty:
    /// `id` in any case, else every member whose name ends in `_id`, `Id` or `ID`.
    public var identityMembers: [String] = []

    /// Called with each new encoder, for its strategies. Formatting is not its business.
    public var configureEncoder: @Sendable (JSONEncoder) -> Void = { _ in }

    /// Called with each new decoder, for its strategies.
    public var configureDecoder: @Sendable (JSONDecoder) -> Void = { _ in }

    /// Foundation's coders with this library's settings: sorted members, RFC 3339 dates, exact
    /// numbers.
    public init(isIndented: Bool = false) { self.isIndented = isIndented }

    /// Without white space.
    public static let compact = DocumentCoding()
    /// With two spaces a level.
    public static let indented = DocumentCoding(isIndented: true)

    // MARK: Coding

    /// - Throws: `invalidData` (`value-not-encodable`).
    func encode(
        _ value: some Encodable, for document: StorePath
    ) throws(StoreError) -> [UInt8] {
        let compact = try encodeCompactly(value, for: document)
        return isIndented ? try Self.indent(compact, document) : compact
    }

    func encodeCompactly(
        _ value: some Encodable, for document: StorePath
    ) throws(StoreError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom(encodeDate)
        configureEncoder(encoder)
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw StoreError(encoding: error, document: document)
        }
    }

    /// - Throws: `invalidData`: the code of what is wrong with the JSON, or `value-mismatch`.
    func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], of document: StorePath
    ) throws(StoreError) -> Value {
        // Foundation would take the first or last of two equal keys, and cannot tell lines.
        _ = try JSONDocument(bytes, of: document)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom(decodeDate)
        configureDecoder(decoder)
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw StoreError(decoding: error, document: document)
        }
    }

    private static func indent(
        _ bytes: [UInt8], _ document: StorePath
    ) throws(StoreError) -> [UInt8] {
        var writer = JSONWriter(indented: true)
        append(try JSONDocument(bytes, of: document).root, to: &writer)
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func append(_ value: JSONValue, to writer: inout JSONWriter) {
        switch value.kind {
        case .object:
            writer.object { writer in
                for member in value.members {
                    writer.key(member.key.string ?? "")
                    append(member.value, to: &writer)
                }
            }
        case .array:
            writer.array { writer in
                for element in value.elements { append(element, to: &writer) }
            }
        default: writer.raw(value.bytes)
        }
    }
}

extension JSONDocument {
    /// - Throws: `invalidData` with the code, line and column of what is wrong.
    init(_ bytes: [UInt8], of document: StorePath) throws(StoreError) {
        do throws(JSONError) {
            try self.init(bytes)
        } catch {
            throw StoreError(
                .invalidData, code: error.code.rawValue,
                "\(document.text), line \(error.line), column \(error.column): \(error.reason)",
                hint: "canifly-store verify \(document.shellWord)", document: document)
        }
    }
}

// MARK: Dates

private let secondsFrom1970To2001: Double = 978_307_200
/// The years 0000 to 9999 of RFC 3339.
private let writableSeconds = -62_167_219_200.0..<253_402_300_800.0

@Sendable
private func encodeDate(_ date: Date, to encoder: any Encoder) throws {
    let exact = date.timeIntervalSinceReferenceDate
    let whole = exact.rounded(.down)
    let microseconds = ((exact - whole) * 1_000_000).rounded()
    let carry: Double = microseconds == 1_000_000 ? 1 : 0
    let seconds = whole + secondsFrom1970To2001 + carry
    guard writableSeconds.contains(seconds) else {
        throw EncodingError.invalidValue(
            date,
            EncodingError.Context(
                codingPath: encoder.codingPath,
                debugDescription: "a date outside of the years 0 to 9999"))
    }
    let time = Timestamp(
        seconds: Int64(seconds), nanoseconds: carry > 0 ? 0 : Int32(microseconds) * 1000)
    var container = encoder.singleValueContainer()
    try container.encode(time.rfc3339)
}

@Sendable
private func decodeDate(from decoder: any Decoder) throws -> Date {
    let container = try decoder.singleValueContainer()
    guard let time = Timestamp(rfc3339: try container.decode(String.self)) else {
        throw DecodingError.dataCorruptedError(
            in: container, debugDescription: "not a date as RFC 3339 writes it")
    }
    return Date(
        timeIntervalSinceReferenceDate: Double(time.seconds) - secondsFrom1970To2001
            + Double(time.nanoseconds) / 1_000_000_000)
}
