package import LosslessJSON
package import StoreFiles

/// A file that a member of a document describes, so that the application goes by the description and
/// not by the file.
package struct DescribedFile: Sendable, Hashable {
    package var file: StorePath
    /// Where the description stands.
    package var document: StorePath
    package var pointer: JSONPointer
}

extension Profile {
    /// The files of a layout that documents describe, by the relations `file`: where one is missing or
    /// rotten, taking the description away lets the application fetch it again.
    ///
    /// - Parameters:
    ///   - documents: the logical names of all documents, sorted.
    ///   - read: the unpacked content of one; nil where it cannot be read.
    package func describedFiles(
        layout: Int, documents: [StorePath], read: @escaping (StorePath) -> [UInt8]?
    ) -> [DescribedFile] {
        var contents = RelationDocuments(documents, read: read)
        var found: [DescribedFile] = []
        for relation in self.layout(layout)?.relations ?? [] {
            guard case .file(let items, let file, _, _, _) = relation.rule else { continue }
            for document in contents.documents(matching: items.document) {
                guard let json = contents.json(document) else { continue }
                items.at.forEachMatch(in: json) { item in
                    guard item.value.kind == .object else { return }
                    found.append(
                        DescribedFile(
                            file: StorePath(unchecked: file.description), document: document,
                            pointer: item.pointer))
                }
            }
        }
        return found
    }

    /// Documents that are worthless without each other, by the relations `needs`: to be saved,
    /// restored and moved together.
    package func companions(of document: StorePath, layout: Int) -> [StorePath] {
        var found: Set<StorePath> = []
        for relation in self.layout(layout)?.relations ?? [] {
            guard case .needs(let items, let file) = relation.rule, items.document.isLiteral else {
                continue
            }
            let pair = [items.document, file].map { StorePath(unchecked: $0.description) }
            if pair.contains(document) { found.formUnion(pair) }
        }
        found.remove(document)
        return found.sorted()
    }

    /// The lines of a plan document that the application cannot read, each with the line as it could;
    /// nil where the document is no plan.
    package func planProblems(
        of document: StorePath, bytes: [UInt8], layout: Int?
    ) -> [PlanLines.Problem]? {
        guard case .plan(let form)? = rule(for: document, layout: layout)?.form else { return nil }
        return PlanLines(bytes, form: form).problems
    }
}
