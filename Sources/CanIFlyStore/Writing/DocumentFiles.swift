internal import StoreCodecs
package import StoreFiles

/// Reads documents beneath the store's root, whole and consistent with their status.
package struct DocumentFiles: Sendable {
    package let system: any SystemCalls
    /// The store's directory, open for as long as this value is used.
    package let root: Descriptor

    /// A document that takes part in a transaction is held in memory; one above this is refused.
    package static let largestInTransaction: Int64 = 1 << 30
    /// How often a document is read again when it changes while it is read.
    private static let attempts = 5

    package init(system: any SystemCalls, root: Descriptor) {
        self.system = system
        self.root = root
    }

    /// The document's bytes with the status they belong to; nil where there is none.
    /// - Throws: `invalidData` for what is no regular file or too large, `busy` where it does not
    ///   hold still, else the operating system's error.
    package func read(_ document: StorePath) throws(StoreError) -> LiveDocument? {
        for _ in 0..<Self.attempts {
            do throws(FileAccessError) {
                if let live = try readOnce(document) { return live }
            } catch {
                if case .system(.noEntry) = error { return nil }
                throw StoreError(error, document: document)
            }
        }
        throw .unsteady(document)
    }

    /// Opens a document for reading.
    /// - Throws: `tooLarge` for one that no transaction takes. A file with a hole may claim any size,
    ///   and reading its zeros takes as long as reading bytes.
    package func open(_ document: StorePath) throws(FileAccessError) -> OpenedFile {
        let file = try system.openRegularFile(document.text, in: root)
        guard file.status.size <= Self.largestInTransaction else {
            throw .tooLarge(limitBytes: Int(Self.largestInTransaction))
        }
        return file
    }

    /// Nil where the document changed while it was read.
    private func readOnce(_ document: StorePath) throws(FileAccessError) -> LiveDocument? {
        let file = try open(document)
        do throws(Errno) {
            let bytes = try system.readRange(
                file.descriptor, at: 0, count: Int(file.status.size) + 1)
            let after = try system.status(of: file.descriptor)
            guard after.signature == file.status.signature, bytes.count == file.status.size
            else { return nil }
            return LiveDocument(bytes: bytes, digest: Digest.of(bytes), status: after)
        } catch {
            throw .system(error)
        }
    }

    /// Whether a document is there with just these bytes.
    func holds(_ bytes: [UInt8], _ document: StorePath) throws(StoreError) -> Bool {
        do throws(FileAccessError) {
            let file = try open(document)
            do throws(Errno) {
                return try system.readRange(file.descriptor, at: 0, count: bytes.count + 1) == bytes
            } catch {
                throw .system(error)
            }
        } catch .system(.noEntry) {
            return false
        } catch {
            throw StoreError(error, document: document)
        }
    }

    /// The status of a document by name; nil where there is none.
    package func status(of document: StorePath) throws(StoreError) -> FileStatus? {
        do throws(Errno) {
            guard let parent = document.parent else {
                return try system.status(of: document.name, in: root)
            }
            let directory = try system.openOwned(parent.text, in: root, [.read, .directory])
            return try system.status(of: document.name, in: directory.descriptor)
        } catch .noEntry {
            return nil
        } catch {
            throw StoreError(error, cannot: "look at", document: document)
        }
    }
}

extension StoreError {
    package init(_ error: FileAccessError, document: StorePath) {
        switch error {
        case .system(let cause): self.init(cause, cannot: "read", document: document)
        case .notRegular(.directory): self = .isDirectory(document)
        case .notRegular: self = .notRegular(document)
        case .tooLarge(let limit): self = .tooLarge(document, limitBytes: limit)
        }
    }

    package static func notRegular(_ document: StorePath) -> StoreError {
        StoreError(
            .invalidData, code: "not-regular", "\(document.text) is no regular file",
            hint: "move it away; documents are plain files", document: document)
    }

    private static func isDirectory(_ document: StorePath) -> StoreError {
        let documents = StorePath(unchecked: document.text + "/**")
        return StoreError(
            .invalidData, code: "not-regular", "\(document.text) is a directory, not a document",
            hint: "canifly-store list \(documents.shellWord) shows the documents in it",
            document: document)
    }

    static func unsteady(_ document: StorePath) -> StoreError {
        StoreError(
            .busy, code: "document-unsteady",
            "\(document.text) changes faster than it can be read",
            hint: "wait until the application is done with it", document: document)
    }

    package static func tooLarge(
        _ document: StorePath, limitBytes: Int = Int(DocumentFiles.largestInTransaction)
    ) -> StoreError {
        StoreError(
            .invalidData, code: "too-large",
            "\(document.text) has more than the \(limitBytes) bytes that are taken",
            hint: "split it, or move it out of the store", document: document)
    }
}
