package import CanIFlyStore
internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// Operations for `apply`, one JSON object a line. Nothing is guessed: an unknown operation or member
/// is refused, and each error names its line.
func parseOperations(
    _ input: [UInt8]
) throws(StoreError) -> [(line: Int, operation: StoreOperation)] {
    let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .enumerated().filter { _, line in
            !line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        }
    // A thread costs more than it brings where there is little to read.
    let threads = input.count < 1 << 20 ? 1 : WorkerThreads.processorCount
    let parsed = WorkerThreads.map(lines, threads: threads) { _, line in
        Result { () throws(StoreError) in try parseOperation(Array(line)) }
    }
    var operations: [(line: Int, operation: StoreOperation)] = []
    operations.reserveCapacity(parsed.count)
    for ((index, _), result) in zip(lines, parsed) {
        let number = index + 1
        do throws(StoreError) {
            operations.append((number, try result.get()))
        } catch {
            var error = error
            error.message = "line \(number): \(error.message)"
            throw error
        }
    }
    return operations
}

package func parseOperation(_ line: [UInt8]) throws(StoreError) -> StoreOperation {
    let parsed: JSONDocument
    do throws(JSONError) { parsed = try JSONDocument(line) } catch {
        throw StoreError(
            .invalidData, code: error.code.rawValue,
            "\(error.reason) (\(error.code.rawValue), column \(error.column))",
            hint: "each line is one JSON object")
    }
    var reader = try OperationReader(parsed.root)
    let name = try reader.requiredText("op")
    let operation = try reader.operation(named: name)
    try reader.refuseUnused(by: name)
    return operation
}

/// Takes the members of an operation one by one, so that those nobody asked for can be told.
private struct OperationReader {
    private var members: [(key: [UInt8], value: JSONValue)] = []

    init(_ value: JSONValue) throws(StoreError) {
        guard value.kind == .object else { throw refusal("an operation is a JSON object") }
        for member in value.members {
            guard let key = member.key.stringUTF8 else {
                throw refusal("a member's name is not Unicode text")
            }
            members.append((key, member.value))
        }
    }

    mutating func operation(named name: String) throws(StoreError) -> StoreOperation {
        switch name {
        case "put": return .put(try put())
        case "patch":
            let document = try document()
            let value = try required("patch")
            guard value.kind == .array else { throw refusal("'patch' is an array (RFC 6902)") }
            return .patch(document: document, patch: Array(value.bytes))
        case "merge":
            return .merge(
                document: try document(), patch: Array(try required("merge").bytes))
        case "delete": return .delete(document: try document())
        case "test": return .test(document: try document(), try precondition())
        default:
            let names = ["put", "patch", "merge", "delete", "test"]
            var message = "unknown operation '\(escapedForTerminal(name))'"
            if let nearest = nearestName(to: Array(name.utf8), among: names) {
                message += "; did you mean '\(nearest)'?"
            }
            throw refusal(message)
        }
    }

    private mutating func put() throws(StoreError) -> PutRequest {
        let document = try document()
        let json = take("json")
        let text = take("text")
        let base64 = take("base64")
        let bytes: [UInt8]
        switch (json, text, base64) {
        case (let value?, nil, nil): bytes = Array(value.bytes)
        case (nil, let value?, nil): bytes = try self.text(value, "text")
        case (nil, nil, let value?):
            let text = String(decoding: try self.text(value, "base64"), as: UTF8.self)
            guard let decoded = Base64.decode(text) else {
                throw refusal("'base64' is not Base64 (RFC 4648, with padding)")
            }
            bytes = decoded
        default: throw refusal("'put' takes exactly one of 'json', 'text', 'base64'")
        }
        var request = PutRequest(document: document, bytes: bytes)
        if let value = take("mode") {
            let text = String(decoding: try self.text(value, "mode"), as: UTF8.self)
            guard let bits = permissionBits(text) else {
                throw refusal("'mode' is a string of octal digits, such as \"0600\"")
            }
            request.mode = FileMode(bits)
        }
        if let value = take("seal") { request.seals = try boolean(value, "seal") }
        if let value = take("schema_version") {
            guard request.seals, let number = value.integer, number >= 0 else {
                throw refusal("'schema_version' is a whole number, and goes with 'seal'")
            }
            request.schemaVersion = Int(number)
        }
        if let value = take("pack") { request.packs = try boolean(value, "pack") }
        return request
    }

    private mutating func precondition() throws(StoreError) -> Precondition {
        switch (take("sha256"), take("absent")) {
        case (let value?, nil):
            let text = String(decoding: try self.text(value, "sha256"), as: UTF8.self)
            guard let digest = Digest(hexadecimal: text.lowercased()) else {
                throw refusal("'sha256' is 64 hexadecimal digits")
            }
            return .digest(digest)
        case (nil, let value?):
            guard try boolean(value, "absent") else { throw refusal("'absent' can only be true") }
            return .absent
        default: throw refusal("'test' takes exactly one of 'sha256', 'absent'")
        }
    }

    // MARK: Members

    private mutating func take(_ name: String) -> JSONValue? {
        guard let index = members.firstIndex(where: { $0.key.elementsEqual(name.utf8) }) else {
            return nil
        }
        return members.remove(at: index).value
    }

    private mutating func required(_ name: String) throws(StoreError) -> JSONValue {
        guard let value = take(name) else { throw refusal("'\(name)' is missing") }
        return value
    }

    mutating func requiredText(_ name: String) throws(StoreError) -> String {
        String(decoding: try text(try required(name), name), as: UTF8.self)
    }

    private mutating func document() throws(StoreError) -> StorePath {
        try documentPath(RawArgument(try text(try required("document"), "document")))
    }

    /// A string's letters as UTF-8.
    private func text(_ value: JSONValue, _ name: String) throws(StoreError) -> [UInt8] {
        guard let bytes = value.stringUTF8 else { throw refusal("'\(name)' is a string") }
        return bytes
    }

    private func boolean(_ value: JSONValue, _ name: String) throws(StoreError) -> Bool {
        guard let boolean = value.boolean else { throw refusal("'\(name)' is true or false") }
        return boolean
    }

    func refuseUnused(by operation: String) throws(StoreError) {
        guard let member = members.first else { return }
        throw refusal(
            "'\(operation)' has no use for '\(escapedForTerminal(member.key))'")
    }
}

private func refusal(_ message: String) -> StoreError {
    StoreError(
        .invalidData, code: "operation-malformed", message,
        hint: "see 'canifly-store help apply'")
}
