internal import CanIFlyStore
public import StoreCodecs
internal import StoreFiles

/// A value with what its document says about itself.
public struct StoredValue<Value> {
    /// The value.
    public var value: Value
    /// Of the document's content (unpacked where it is packed): for `ifMatch`.
    public var digest: Digest
    /// As it lies in the store, before any migration; nil where it carries none.
    public var schemaVersion: Int?
    /// Whether the document carries a checksum or a version around its data.
    public var isSealed: Bool
}

extension StoredValue: Sendable where Value: Sendable {}

/// A document's content, taken out of its seal.
struct StoredContent {
    let document: StorePath
    let bytes: [UInt8]
    let seal: Seal?
    /// In the version that was asked for.
    let data: [UInt8]

    var schemaVersion: Int? { seal?.version.map { Int($0) } }

    /// - Parameter bytes: with an intact seal, if they carry one.
    init(
        _ bytes: [UInt8], of document: StorePath, requiresSeal: Bool, versions: SchemaVersions?
    ) throws(StoreError) {
        self.document = document
        self.bytes = bytes
        if case .sealed(let seal) = SealScanner.judge(bytes) {
            self.seal = seal
        } else {
            seal = nil
        }
        if requiresSeal, seal?.statedChecksum == nil {
            throw StoreError(
                .invalidData, code: "not-sealed", "\(document.text) carries no checksum",
                hint: "it was not saved as sealed, or another program wrote it",
                document: document)
        }
        let stored = seal.map { Array(bytes[$0.data]) } ?? bytes
        let version = seal?.version.map { Int($0) }
        data = try versions?.migrate(stored, from: version, of: document) ?? stored
    }

    func value<Value: Decodable>(
        _ type: Value.Type, _ coding: DocumentCoding
    ) throws(StoreError) -> StoredValue<Value> {
        StoredValue(
            value: try coding.decode(type, from: data, of: document), digest: Digest.of(bytes),
            schemaVersion: schemaVersion, isSealed: seal != nil)
    }

    /// The document with other data and, where `versions` are given, the version that they end with.
    func replacingData(
        with data: [UInt8], versions: SchemaVersions?
    ) throws(StoreError) -> [UInt8] {
        // Data that was brought to a version has to carry it, or would be brought there again.
        if let versions, schemaVersion != versions.current {
            return try SealedDocument.seal(data, version: versions.current, document: document)
        }
        guard let seal else { return data }
        let replaced = bytes[..<seal.data.lowerBound] + data + bytes[seal.data.upperBound...]
        return seal.statedChecksum == nil
            ? Array(replaced) : SealedDocument.resealed(Array(replaced))
    }
}

/// The name that a document is asked for by. `a.json.gz` means `a.json`, packed.
struct DocumentName {
    let path: StorePath
    let isPacked: Bool

    init(_ text: String) throws(StoreError) {
        let path: StorePath
        do throws(StorePathError) { path = try StorePath(text) } catch {
            throw StoreError(error, name: text)
        }
        self.path = path.plainForm
        isPacked = path.isPacked
    }
}
