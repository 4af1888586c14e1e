internal import LosslessJSON
internal import StoreCodecs
package import StoreFiles

/// Sealed documents: `{"version": N, "checksum": "<sha256 hex>", "data": …}`.
package enum SealedDocument {
    /// Wraps a JSON text, whose bytes stay as they are.
    package static func seal(
        _ content: [UInt8], version: Int?, document: StorePath
    ) throws(StoreError) -> [UInt8] {
        let data: JSONDocument
        do throws(JSONError) {
            data = try JSONDocument(content)
        } catch {
            throw StoreError(
                .invalidData, code: error.code.rawValue,
                "\(document.text) cannot be sealed: \(error)",
                hint: "only JSON can be sealed", document: document)
        }
        var writer = JSONWriter()
        writer.beginObject()
        if let version { writer.member("version", version) }
        writer.member("checksum", Digest.of(data.root.minified()).hexadecimal)
        writer.key("data")
        writer.raw(data.root.bytes)
        writer.endObject()
        return writer.bytes + content[data.root.range.upperBound...]
    }

    /// The document with the checksum that its data has now, where it carries one; every other byte
    /// stays.
    package static func resealed(_ content: [UInt8]) -> [UInt8] {
        guard let document = try? JSONDocument(content),
            let data = document.root.member(named: "data"),
            let checksum = document.root.member(named: "checksum")
        else { return content }
        let digest = Digest.of(data.minified()).hexadecimal
        return content[..<checksum.range.lowerBound]
            + Array("\"\(digest)\"".utf8) + content[checksum.range.upperBound...]
    }

    /// Only what is sealed, as it is written.
    /// - Throws: `invalidData` where the document is not sealed, or its seal is broken.
    package static func data(
        of content: [UInt8], document: StorePath
    ) throws(StoreError) -> [UInt8] {
        let judgement = SealScanner.judge(content)
        try judgement.requireIntact(document)
        guard case .sealed(let seal) = judgement else { throw .notSealed(document) }
        return Array(content[seal.data])
    }
}

extension StoreError {
    static func notSealed(_ document: StorePath) -> StoreError {
        StoreError(
            .invalidData, code: "not-sealed", "\(document.text) is not sealed",
            hint: "leave --unsealed out", document: document)
    }
}

extension SealJudgement {
    /// Half a sentence about what is wrong; nil where nothing is.
    package var defect: String? {
        switch self {
        case .notSealed: nil
        case .damaged(let reason): reason
        case .sealed(let seal):
            if let stated = seal.statedChecksum, !seal.isIntact {
                "its data has the SHA-256 \(seal.dataChecksum.hexadecimal), and its checksum says "
                    + stated.hexadecimal
            } else {
                nil
            }
        }
    }

    /// - Throws: `invalidData` (`checksum-mismatch`).
    package func requireIntact(_ document: StorePath) throws(StoreError) {
        guard let defect else { return }
        throw StoreError(
            .invalidData, code: FindingCode.checksumMismatch.rawValue,
            "the seal of \(document.text) is broken: \(defect)",
            hint: "canifly-store explain checksum-mismatch", document: document)
    }
}

extension Finding {
    /// A sealed document whose seal is broken; nil for any other.
    init?(_ judgement: SealJudgement, document: StorePath) {
        guard let defect = judgement.defect else { return nil }
        self.init(
            .checksumMismatch, .error, document: document.text,
            detail: "the seal is broken: \(defect)",
            remedy: "canifly-store repair \(document.plainForm.shellWord)")
    }

    /// A sealed document of a version that its profile does not know yet; nil for any other.
    init?(_ judgement: SealJudgement, newerThan newest: Int64?, document: StorePath) {
        guard case .sealed(let seal) = judgement, let version = seal.version, let newest,
            version > newest
        else { return nil }
        self.init(
            .schemaNewer, .warning, document: document.text, pointer: "/version",
            detail: "it is of version \(version), and the newest that is known is \(newest)",
            remedy: "use a profile that knows this version")
    }
}
