package import StoreFiles

/// A document's name and status.
package struct ListedDocument: Sendable {
    package var path: StorePath
    package var status: FileStatus
}

/// Everything that lies in a store and concerns it, with the documents' status.
package struct StoreListing: Sendable {
    package let names: StoreNames
    /// Sorted by path.
    package let documents: [ListedDocument]

    package var recognition: Recognition { names.recognition }
    package var temporaries: [ListedDocument] { names.temporaries }
    package var bytes: Int64 { documents.reduce(0) { $0 + $1.status.size } }

    /// As of the names.
    package func requireComplete() throws(StoreError) { try names.requireComplete() }

    /// Lists the store beneath `root`, as `profile` sees it, with a system call for each document.
    package static func make(
        system: any SystemCalls, root: Descriptor, profile: Profile
    ) throws(StoreError) -> StoreListing {
        let (names, documents) = try StoreNames.list(
            system: system, root: root, profile: profile, withStatus: true)
        return StoreListing(names: names, documents: documents)
    }
}
