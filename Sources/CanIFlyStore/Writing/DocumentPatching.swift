internal import LosslessJSON
internal import StoreFiles

/// RFC 6902 and RFC 7396 on a document's bytes, in the words of the store.
enum DocumentPatching {
    /// - Throws: `invalidData` for a malformed patch or document, `usage` for a pointer that is
    ///   none, `notFound` for one that names nothing, `conflict` for a failed `test`.
    static func patch(
        _ bytes: [UInt8], with patch: [UInt8], document: StorePath
    ) throws(StoreError) -> [UInt8] {
        let operations = try parse(patch, document: document)
        do throws(JSONPatchError) {
            return try JSONPatch(operations.root).apply(to: bytes)
        } catch {
            throw StoreError(error, document: document)
        }
    }

    static func merge(
        _ bytes: [UInt8], with patch: [UInt8], document: StorePath
    ) throws(StoreError) -> [UInt8] {
        let merge = try parse(patch, document: document)
        do throws(JSONPatchError) {
            return try JSONMergePatch(merge.root).apply(to: bytes)
        } catch {
            throw StoreError(error, document: document)
        }
    }

    private static func parse(
        _ patch: [UInt8], document: StorePath
    ) throws(StoreError) -> JSONDocument {
        do throws(JSONError) {
            return try JSONDocument(patch)
        } catch {
            throw StoreError(
                .invalidData, code: error.code.rawValue,
                "the patch for \(document.text), line \(error.line), column \(error.column): "
                    + error.reason,
                hint: "correct the patch and try again", document: document)
        }
    }
}

extension StoreError {
    init(_ error: JSONPatchError, document: StorePath) {
        let place = error.operation.map { ", operation \($0)" } ?? ""
        let pointer = error.pointer.map { " at \"\($0.description)\"" } ?? ""
        let message = "\(document.text): patch\(place)\(pointer): \(error.reason)"
        switch error.kind {
        case .malformed, .tooDeep, .tooLarge:
            self.init(
                .invalidData, code: "patch-malformed", message,
                hint: "see RFC 6902 for the form of a JSON Patch", document: document)
        case .notAPointer:
            self.init(
                .usage, code: "pointer-malformed", message,
                hint: "a JSON pointer is empty or begins with / (RFC 6901)", document: document)
        case .nothingThere:
            self.init(
                .notFound, code: "pointer-not-found", message,
                hint: "canifly-store get \(document.shellWord) shows the document",
                document: document)
        case .testFailed:
            self.init(
                .conflict, code: "precondition-failed", message,
                hint: "read the document, decide anew, then try again", document: document)
        case .document(let cause):
            self.init(
                .invalidData, code: cause.code.rawValue,
                "\(document.text), line \(cause.line), column \(cause.column): \(cause.reason)",
                hint: "canifly-store verify \(document.shellWord)", document: document)
        }
    }
}
