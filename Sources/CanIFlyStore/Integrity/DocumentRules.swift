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
        let plain = document.plainForm
        let content =
            document.isPacked ? try PackedDocument.unpack(bytes, of: document) : bytes
        let findings = check(content, of: plain)
        // An application may live with a document that it finds empty or cannot read, but nobody
        // means to write one that is to be JSON and is none.
        let isJSON = kind(of: plain) == .json
        let worst = findings.first {
            $0.severity == .error || isJSON && Self.unreadableAsJSON.contains($0.code)
        }
        guard let worst else {
            if isJSON { try SealScanner.judge(content).requireIntact(document) }
            return
        }
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

    private static let unreadableAsJSON: Set<FindingCode> = [
        .empty, .jsonMalformed, .jsonTruncated, .jsonTrailing, .jsonDuplicateKey, .jsonTooDeep,
        .textInvalidUTF8, .nulBytes,
    ]

    /// - Throws: `invalidData` (`not-packable`) for a document that the application reads by its plain
    ///   name.
    package func requirePackable(_ document: StorePath) throws(StoreError) {
        guard let rule = profile.rule(for: document, layout: layout), !rule.isPackable else {
            return
        }
        throw StoreError(
            .invalidData, code: "not-packable",
            "the application reads \(document.text) by its plain name and would not find it packed",
            hint: "leave it as it is", document: document)
    }

    /// The mode of a document that has none yet.
    package func defaultMode(of document: StorePath) -> FileMode {
        profile.rule(for: document, layout: layout)?.mode ?? .privateFile
    }
}
