internal import LosslessJSON
package import StoreFiles

// What has no place in the next layout goes to `.canifly-store/kept/`, in the migration's own
// transaction: `layout-N/NAME` is the document NAME of layout N as it was, `layout-N.json` holds
// single values of its documents. Everything there is private (0600), whatever its mode was.

extension StorePath {
    /// Whether it lies in the control directory, and so is no document.
    package var isControlFile: Bool {
        text.utf8.starts(with: ControlNames.controlPrefix)
    }

    /// What of the control directory transactions write, along with documents or alone.
    package var isWrittenByTransactions: Bool {
        self == ControlNames.layoutRecordPath || self == ControlNames.profilePath
            || isInside(ControlNames.keptPath)
    }
}

extension ControlNames {
    /// Which layout the store was brought to, and by which steps.
    package static let layoutRecord = "layout.json"
    package static let layoutRecordPath = StorePath(unchecked: "\(directory)/\(layoutRecord)")
    /// The profile in force, where one was chosen.
    package static let profilePath = StorePath(unchecked: "\(directory)/\(profile)")
    package static let keptPath = StorePath(unchecked: "\(directory)/\(kept)")
    /// What the paths of all files in the control directory begin with.
    static let controlPrefix = Array("\(directory)/".utf8)

    /// Where a document of a layout is kept whole.
    package static func keptDocument(
        _ document: StorePath, layout: Int
    ) throws(StoreError) -> StorePath {
        do throws(StorePathError) {
            return try StorePath("\(directory)/\(kept)/layout-\(layout)/\(document.text)")
        } catch {
            throw StoreError(
                .invalidData, code: "path-unsafe",
                "\(document.text) cannot be kept: its path there \(error.text)",
                hint: "give it a shorter name", document: document)
        }
    }

    /// Where single values of a layout's documents are kept.
    package static func keptValues(layout: Int) -> StorePath {
        StorePath(unchecked: "\(directory)/\(kept)/layout-\(layout).json")
    }
}

extension MigrationState {
    /// Moves a document of `layout` out of the live tree; nothing where it is not there.
    mutating func keep(_ document: StorePath, layout: Int) throws(StoreError) {
        guard let found = try self.document(document) else { return }
        try keepCopy(found.bytes, of: document, layout: layout)
        remove(document)
    }

    /// Keeps a text that a document of `layout` had.
    mutating func keepCopy(
        _ bytes: [UInt8], of document: StorePath, layout: Int
    ) throws(StoreError) {
        try put(ControlNames.keptDocument(document, layout: layout), bytes, layout: nil)
    }

    /// Puts a kept document of `layout` in its place again, if it is kept and the place is free.
    mutating func bringBack(_ document: StorePath, layout: Int) throws(StoreError) {
        let kept = try ControlNames.keptDocument(document, layout: layout)
        guard let bytes = try bytes(kept), !exists(document) else { return }
        try put(document, bytes, layout: layout)
        remove(kept)
    }

    /// The kept documents of `layout` whose names match, sorted.
    func keptDocuments(matching pattern: NamePattern, layout: Int) -> [StorePath] {
        let folder = "\(ControlNames.keptPath.text)/layout-\(layout)/"
        return selected { path in
            guard path.text.utf8.starts(with: folder.utf8) else { return nil }
            let name = String(decoding: path.text.utf8.dropFirst(folder.utf8.count), as: UTF8.self)
            return pattern.matches(name) ? StorePath(unchecked: name) : nil
        }
    }

    /// The values kept of `layout`, an object; nil where there are none.
    func keptValues(layout: Int) throws(StoreError) -> JSONValue? {
        let path = ControlNames.keptValues(layout: layout)
        guard let bytes = try bytes(path) else { return nil }
        return try Self.parse(bytes, of: path).root
    }

    /// Keeps an object of values, in the place of those kept before; nil or empty: none.
    mutating func keepValues(_ object: [UInt8]?, layout: Int) throws(StoreError) {
        let path = ControlNames.keptValues(layout: layout)
        if let object, !object.elementsEqual("{}".utf8) {
            try put(path, object, layout: nil)
        } else if exists(path) {
            remove(path)
        }
    }
}
