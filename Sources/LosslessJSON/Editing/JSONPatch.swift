/// Why a JSON Patch could not be read or applied. Nothing was changed.
public struct JSONPatchError: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// The patch is no list of operations as RFC 6902 wants them.
        case malformed
        /// The member (`path` or `from`) is no JSON pointer.
        case notAPointer
        /// A pointer names no value, or no place where one can be added.
        case nothingThere
        /// The value is not the one that a `test` operation gives.
        case testFailed
        /// The document would be nested too deep.
        case tooDeep
        /// The document would be too large.
        case tooLarge
        /// The document to be patched is no JSON.
        case document(JSONError)
    }

    public var kind: Kind
    /// Which operation, counted from 0; nil if it is about the patch or document as a whole.
    public var operation: Int?
    /// The pointer in question.
    public var pointer: JSONPointer?
    /// One phrase for people. It names no keys or values.
    public var reason: String
}

/// A JSON Patch (RFC 6902), read and checked.
public struct JSONPatch: Sendable {
    enum Operation: Sendable {
        case add(JSONPointer, JSONValue)
        case remove(JSONPointer)
        case replace(JSONPointer, JSONValue)
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        case test(JSONPointer, JSONValue)
    }

    let operations: [Operation]

    public var count: Int { operations.count }

    /// - Parameter patch: an array of operations.
    /// - Throws: `malformed` or `notAPointer`.
    public init(_ patch: JSONValue) throws(JSONPatchError) {
        guard patch.kind == .array else {
            throw JSONPatchError(kind: .malformed, reason: "a JSON Patch is an array")
        }
        var operations: [Operation] = []
        operations.reserveCapacity(patch.count)
        for (index, element) in patch.elements.enumerated() {
            operations.append(try Self.operation(element, index))
        }
        self.operations = operations
    }

    private static func operation(
        _ value: JSONValue, _ index: Int
    ) throws(JSONPatchError) -> Operation {
        func malformed(_ reason: String) -> JSONPatchError {
            JSONPatchError(kind: .malformed, operation: index, reason: reason)
        }
        func pointer(_ name: String) throws(JSONPatchError) -> JSONPointer {
            guard let text = value.member(named: name)?.stringUTF8 else {
                throw malformed("the operation needs a string as '\(name)'")
            }
            do throws(JSONPointerError) {
                return try JSONPointer(utf8: text)
            } catch {
                throw JSONPatchError(
                    kind: .notAPointer, operation: index,
                    reason: "'\(name)' is no JSON pointer: \(error.reason)")
            }
        }
        func operand() throws(JSONPatchError) -> JSONValue {
            guard let operand = value.member(named: "value") else {
                throw malformed("the operation needs a 'value'")
            }
            return operand
        }
        guard value.kind == .object else { throw malformed("an operation is an object") }
        guard let name = value.member(named: "op")?.stringUTF8 else {
            throw malformed("the operation needs a string as 'op'")
        }
        switch name {
        case Array("add".utf8): return .add(try pointer("path"), try operand())
        case Array("replace".utf8): return .replace(try pointer("path"), try operand())
        case Array("test".utf8): return .test(try pointer("path"), try operand())
        case Array("remove".utf8): return .remove(try pointer("path"))
        case Array("move".utf8):
            return .move(from: try pointer("from"), to: try pointer("path"))
        case Array("copy".utf8):
            return .copy(from: try pointer("from"), to: try pointer("path"))
        default:
            throw malformed("'op' is none of add, remove, replace, move, copy and test")
        }
    }

    // MARK: Applying

    /// The document with the patch applied. Bytes outside the changed values stay as they are.
    ///
    /// - Parameter limits: of the document before and after.
    public func apply(
        to bytes: [UInt8], limits: JSONLimits = .standard,
        duplicateKeys: JSONDuplicateKeys = .refuse
    ) throws(JSONPatchError) -> [UInt8] {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(bytes, limits: limits, duplicateKeys: duplicateKeys)
        } catch {
            throw JSONPatchError(document: error)
        }
        return try apply(to: document, limits: limits)
    }

    /// The document with the patch applied. Bytes outside the changed values stay as they are.
    public func apply(
        to document: JSONDocument, limits: JSONLimits = .standard
    ) throws(JSONPatchError) -> [UInt8] {
        var editor = JSONEditor(document, limits: limits)
        for (index, operation) in operations.enumerated() {
            let holds: Bool
            do throws(JSONEditError) {
                holds = try Self.perform(operation, &editor)
            } catch {
                throw JSONPatchError(error, operation: index)
            }
            guard case .test(let pointer, _) = operation, !holds else { continue }
            throw JSONPatchError(
                kind: .testFailed, operation: index, pointer: pointer,
                reason: "the value is not the one that the test demands")
        }
        return editor.bytes
    }

    /// False if a test fails.
    private static func perform(
        _ operation: Operation, _ editor: inout JSONEditor
    ) throws(JSONEditError) -> Bool {
        switch operation {
        case .add(let pointer, let value): try editor.add(pointer, value)
        case .remove(let pointer): try editor.remove(pointer)
        case .replace(let pointer, let value): try editor.replace(pointer, with: value)
        case .move(let source, let target): try editor.move(from: source, to: target)
        case .copy(let source, let target): try editor.copy(from: source, to: target)
        case .test(let pointer, let expected):
            guard let value = editor.value(at: pointer) else { throw .nothingThere(pointer) }
            return value.isEqual(to: expected)
        }
        return true
    }
}

extension JSONPatchError {
    init(document error: JSONError) {
        self.init(kind: .document(error), reason: "the document is no JSON: \(error.reason)")
    }

    /// An error of the editor as one of the patch.
    init(_ error: JSONEditError, operation: Int?) {
        self.operation = operation
        switch error {
        case .nothingThere(let pointer):
            kind = .nothingThere
            self.pointer = pointer
            reason = "the pointer names nothing"
        case .rootCannotBeRemoved:
            kind = .malformed
            pointer = .root
            reason = "a document cannot be without its outermost value"
        case .movedIntoItself(let pointer):
            kind = .malformed
            self.pointer = pointer
            reason = "a value cannot be moved into itself"
        case .tooDeep(let pointer):
            kind = .tooDeep
            self.pointer = pointer
            reason = "the document would be nested too deep"
        case .tooLarge(let pointer):
            kind = .tooLarge
            self.pointer = pointer
            reason = "the document would be too large"
        }
    }
}

extension JSONPatchError: CustomStringConvertible {
    public var description: String {
        operation.map { "operation \($0): \(reason)" } ?? reason
    }
}
