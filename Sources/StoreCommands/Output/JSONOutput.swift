internal import LosslessJSON

/// A JSON value on its way out. Members keep their order; numbers are spelt by whoever makes them,
/// so none passes through floating point.
package enum JSONOutput: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case string(String)
    case array([JSONOutput])
    case object(OutputMembers)
    /// A value that is JSON already, however it is laid out: it is written without white space, so
    /// that every object of the program's is one line.
    case raw([UInt8])

    package static func optional(_ text: String?) -> JSONOutput {
        text.map(JSONOutput.string) ?? .null
    }

    package func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .unsigned(let value): bytes.append(contentsOf: String(value).utf8)
        case .string(let text): appendJSONString(text.utf8, to: &bytes)
        case .raw(let value):
            var minifier = JSONMinifier()
            minifier.consume(value[...], appendingTo: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.list.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendJSONString(member.name.utf8, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}

/// The members of an object, in order.
package struct OutputMembers: Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var list: [(name: String, value: JSONOutput)]

    package init(dictionaryLiteral elements: (String, JSONOutput)...) {
        list = elements.map { (name: $0.0, value: $0.1) }
    }

    package mutating func add(_ name: String, _ value: JSONOutput) {
        list.append((name: name, value: value))
    }

    /// Adds the member only where there is something to say.
    package mutating func addIfPresent(_ name: String, _ number: Int?) {
        if let number { add(name, .integer(Int64(number))) }
    }

    package mutating func append(_ other: OutputMembers) { list += other.list }
}
