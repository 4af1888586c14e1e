/// A JSON Merge Patch (RFC 7396): an object whose members replace those of the document, null
/// meaning removal; anything else replaces the document.
public struct JSONMergePatch: Sendable {
    let patch: JSONValue

    /// Every JSON value is a merge patch.
    public init(_ patch: JSONValue) {
        self.patch = patch
    }

    /// The document with the patch applied. Bytes outside the changed values stay as they are.
    ///
    /// - Parameter limits: of the document before and after.
    /// - Throws: `document`, `tooDeep` or `tooLarge`.
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
        do throws(JSONEditError) {
            try editor.merge(patch)
        } catch {
            throw JSONPatchError(error, operation: nil)
        }
        return editor.bytes
    }
}
