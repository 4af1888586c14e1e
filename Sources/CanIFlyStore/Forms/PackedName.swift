package import StoreFiles

/// The two names of a document: `NAME`, and `NAME.gz` where it lies packed.
extension StorePath {
    private static let packedSuffix = ".gz"

    /// Whether the name is that of a packed document.
    package var isPacked: Bool {
        let suffix = Self.packedSuffix.utf8
        return name.utf8.count > suffix.count
            && name.utf8.suffix(suffix.count).elementsEqual(suffix)
    }

    /// `NAME.gz`; nil where that would be too long a name.
    package var packedForm: StorePath? { try? StorePath(text + Self.packedSuffix) }

    /// `NAME` of `NAME.gz`, and itself otherwise.
    package var plainForm: StorePath {
        guard isPacked else { return self }
        return StorePath(
            unchecked: String(Substring(text.utf8.dropLast(Self.packedSuffix.utf8.count))))
    }
}

extension DocumentFiles {
    /// Where a document lies: under its own name, else packed under `NAME.gz`, else nowhere, which
    /// means under its own name as well.
    package func place(of document: StorePath) throws(StoreError) -> StorePath {
        guard try status(of: document) == nil, let packed = document.packedForm,
            try status(of: packed) != nil
        else { return document }
        return packed
    }
}
