package import StoreCodecs

/// One step from a layout to the one above or below it: a pure function from documents to documents.
package protocol MigrationStep: Sendable {
    var from: Int { get }
    var to: Int { get }
    /// What it is called in plans and records.
    var name: String { get }
    /// Of the step file, or for a step that the program carries of its name and revision.
    var digest: Digest { get }
    /// Whether it comes from a file, which someone may edit.
    var isOwn: Bool { get }
    func apply(to state: inout MigrationState) throws(StoreError)
}
