internal import JSONSchema
internal import LosslessJSON
internal import StoreFiles

/// Reads the operations of a step file. What it does not know it refuses: a misspelt member would be
/// a change that silently does not happen.
struct StepParser {
    let file: String
    var isBack = false
    private var index = 0

    init(file: String) { self.file = file }

    mutating func operations(_ list: JSONValue) throws(StoreError) -> [StepOperation] {
        guard list.kind == .array else {
            throw .stepMalformed(file, "'\(isBack ? "back" : "operations")' is no array")
        }
        var operations: [StepOperation] = []
        for (index, element) in list.elements.enumerated() {
            self.index = index
            operations.append(try operation(element))
        }
        return operations
    }

    private func operation(_ value: JSONValue) throws(StoreError) -> StepOperation {
        guard value.kind == .object else { throw malformed("it is no object") }
        guard let name = value.member(named: "op")?.string else {
            throw malformed("it needs a string as 'op'")
        }
        switch name {
        case "rename":
            try requireMembers(of: value, ["from", "to"])
            return .rename(from: try path("from", value), to: try path("to", value))
        case "copy":
            try requireMembers(of: value, ["from", "to"])
            return .copy(from: try path("from", value), to: try path("to", value))
        case "delete":
            try requireMembers(of: value, ["document"])
            return .delete(try target(value))
        case "patch":
            try requireMembers(of: value, ["document", "patch"])
            return .patch(try target(value), try patch(value))
        case "merge":
            try requireMembers(of: value, ["document", "merge"])
            return .merge(try target(value), JSONMergePatch(try member("merge", value)))
        case "require":
            try requireMembers(of: value, ["document", "schema"])
            return .require(try target(value), try schema(value))
        case "run":
            try requireMembers(of: value, ["document", "command", "time_limit"])
            return .run(try target(value), try program(value))
        default:
            throw malformed(
                "'op' is none of rename, copy, delete, patch, merge, require and run")
        }
    }

    // MARK: Members

    private func malformed(_ reason: String) -> StoreError {
        .stepMalformed(
            file, "operation \(index + 1)\(isBack ? " of the way back" : ""): \(reason)")
    }

    private func requireMembers(of value: JSONValue, _ names: [String]) throws(StoreError) {
        for member in value.members
        where !member.key.isString("op") && !names.contains(where: { member.key.isString($0) }) {
            let key = escapedForTerminal((member.key.stringUTF8 ?? []))
            throw malformed(
                "it has no member \"\(key)\"; there are \(names.joined(separator: ", "))")
        }
    }

    private func member(_ name: String, _ value: JSONValue) throws(StoreError) -> JSONValue {
        guard let member = value.member(named: name) else { throw malformed("it needs '\(name)'") }
        return member
    }

    private func text(_ name: String, _ value: JSONValue) throws(StoreError) -> String {
        guard let text = try member(name, value).string else {
            throw malformed("'\(name)' is no string")
        }
        return text
    }

    private func path(_ name: String, _ value: JSONValue) throws(StoreError) -> StorePath {
        let text = try text(name, value)
        let path: StorePath
        do throws(StorePathError) {
            path = try StorePath(text)
        } catch {
            throw malformed("'\(name)' \(error.text)")
        }
        if path.isControlFile || path.text.utf8.elementsEqual(".lock".utf8) {
            throw malformed("'\(name)' is no document's name")
        }
        return path
    }

    private func target(_ value: JSONValue) throws(StoreError) -> StepTarget {
        let text = try text("document", value)
        if text.utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }) {
            guard let pattern = NamePattern(text), !pattern.isDirectoryOnly else {
                throw malformed("'document' is no pattern of documents")
            }
            return .pattern(pattern)
        }
        return .document(try path("document", value))
    }

    private func patch(_ value: JSONValue) throws(StoreError) -> JSONPatch {
        let list = try member("patch", value)
        do throws(JSONPatchError) {
            return try JSONPatch(list)
        } catch {
            throw malformed("'patch': \(error.description)")
        }
    }

    private func schema(_ value: JSONValue) throws(StoreError) -> CompiledSchema {
        let bytes = Array(try member("schema", value).bytes)
        do {
            return try CompiledSchema(try JSONDocument(bytes), assertsFormats: true)
        } catch {
            throw malformed("'schema': \(error)")
        }
    }

    private func program(_ value: JSONValue) throws(StoreError) -> StepProgram {
        let list = try member("command", value)
        var words: [String] = []
        for element in list.elements {
            guard let word = element.string, !word.utf8.contains(0) else {
                throw malformed("'command' is an array of strings without NUL")
            }
            words.append(word)
        }
        guard list.kind == .array, let first = words.first, !first.utf8.isEmpty else {
            throw malformed("'command' is an array: a program and its arguments")
        }
        var limit = StepProgram.defaultTimeLimitSeconds
        if let value = value.member(named: "time_limit") {
            guard let seconds = value.integer, seconds >= 1,
                UInt64(seconds) <= StepProgram.longestTimeLimitSeconds
            else {
                throw malformed(
                    "'time_limit' is a number of seconds from 1 to "
                        + "\(StepProgram.longestTimeLimitSeconds)")
            }
            limit = UInt64(seconds)
        }
        return StepProgram(command: words, timeLimitNanoseconds: limit * 1_000_000_000)
    }
}
