internal import LosslessJSON
package import StoreFiles

/// What a document may be called and must look like, as the profile and layout in force have it.
package struct DocumentRules: Sendable {
    package let profile: Profile
    package let layout: Int?

    package init(profile: Profile, layout: Int?) {
        self.profile = profile
        self.layout = layout
    }

    /// - Throws: `invalidData` (`path-unsafe`) for a path that no document of this store may have.
    package func requireWritable(_ document: StorePath) throws(StoreError) {
        let why: String
        switch profile.classify(document, kind: .regular, layout: layout) {
        case .document: return
        case .foreign: why = "belongs to another program"
        case .temporary: why = "is a temporary's name"
        case .control: why = "belongs to canifly-store itself"
        case .lock: why = "is the application's lock"
        }
        throw StoreError(
            .invalidData, code: "path-unsafe", "\(document.text) \(why), not a document",
            hint: "choose another name", document: document)
    }

    /// - Throws: `invalidData` with the code of what is wrong: documents that the application could
    ///   not read are not written.
    package func requireSound(
        _ bytes: [UInt8], of document: StorePath
    ) throws(StoreError) {
        let findings = check(bytes, of: document)
        guard let worst = findings.first(where: { $0.severity == .error }) else { return }
        var message = "\(document.text): \(worst.detail)"
        if let line = worst.line, let column = worst.column {
            message = "\(document.text), line \(line), column \(column): \(worst.detail)"
        } else if let offset = worst.offset {
            message = "\(document.text), byte \(offset): \(worst.detail)"
        }
        throw StoreError(
            .invalidData, code: worst.code.rawValue, message,
            hint: "correct it and try again; nothing was written", document: document)
    }

    /// The mode of a document that has none yet.
    package func defaultMode(of document: StorePath) -> FileMode {
        profile.rule(for: document, layout: layout)?.mode ?? .privateFile
    }
}
