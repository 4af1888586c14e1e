internal import LosslessJSON
internal import StoreFiles

/// The documents of a store as the checks of its relations see them: read when they are first asked
/// for, and parsed once.
struct RelationDocuments {
    let names: SortedNames
    private let read: (StorePath) -> [UInt8]?
    private var contents: [StorePath: [UInt8]?] = [:]
    private var parsed: [StorePath: JSONDocument?] = [:]

    init(_ documents: [StorePath], read: @escaping (StorePath) -> [UInt8]?) {
        names = SortedNames(documents)
        self.read = read
    }

    /// Nil where there is no such document, or it cannot be read.
    mutating func content(of document: StorePath) -> [UInt8]? {
        if let known = contents[document] { return known }
        let bytes = names.contains(document) ? read(document) : nil
        contents[document] = .some(bytes)
        return bytes
    }

    /// Whether there is no such document at all, which is not said of one that cannot be read.
    func isAbsent(_ document: StorePath) -> Bool { !names.contains(document) }

    /// Nil also where the document is no JSON.
    mutating func json(_ document: StorePath) -> JSONDocument? {
        if let known = parsed[document] { return known }
        let result = content(of: document).flatMap {
            try? JSONDocument($0, duplicateKeys: .allow)
        }
        parsed[document] = .some(result)
        return result
    }

    func documents(matching pattern: NamePattern) -> [StorePath] {
        var found: [StorePath] = []
        names.forEach(matching: pattern) {
            found.append($0)
            return true
        }
        return found
    }
}
