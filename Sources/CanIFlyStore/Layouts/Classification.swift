public import StoreFiles

/// What an entry of a store's directory is to the store.
public enum EntryClass: Sendable {
    /// A document, with what the profile says of it; nil where it says nothing. An entry that is no
    /// regular file has no business under such a name.
    case document(DocumentRule?)
    /// Another program's: never touched, never reported, never backed up.
    case foreign
    /// On its way to be a document, or left over from that.
    case temporary
    /// In the control directory.
    case control
    /// The application's lock.
    case lock
}

extension Profile {
    /// What an entry is.
    ///
    /// - Parameters:
    ///   - path: relative to the store.
    ///   - kind: what `lstat(2)` says it is.
    ///   - layout: the live layout: its rules go before those of others.
    public func classify(_ path: StorePath, kind: FileKind, layout: Int?) -> EntryClass {
        var text = path.text
        let reserved = text.withUTF8 { reservedClass(of: $0, isDirectory: kind == .directory) }
        return reserved ?? .document(rule(for: path, layout: layout))
    }

    /// The same for a path that need not be UTF-8, and so is no document's: nil where nothing but a
    /// document would have such a name.
    public func classifyUnsafe(_ path: [UInt8], kind: FileKind) -> EntryClass? {
        path.withUnsafeBufferPointer {
            reservedClass(of: $0, isDirectory: kind == .directory)
        }
    }

    /// Whether documents can lie below a directory. What lies in foreign ones is not even looked at.
    public func mayDescend(into directory: StorePath) -> Bool {
        var text = directory.text
        return text.withUTF8 { mayDescend(into: $0) }
    }

    /// The same for a path that need not be UTF-8.
    public func mayDescend(into directory: UnsafeBufferPointer<UInt8>) -> Bool {
        switch reservedClass(of: directory, isDirectory: true) {
        case .control, .foreign: false
        default: true
        }
    }

    /// What the profile says of a document: by the live layout, else the newest older one, else the
    /// oldest newer one that knows the name.
    public func rule(for document: StorePath, layout: Int?) -> DocumentRule? {
        let live = layout ?? Int.max
        for older in layouts.reversed() where older.number <= live {
            if let rule = older.rule(for: document) { return rule }
        }
        for newer in layouts where newer.number > live {
            if let rule = newer.rule(for: document) { return rule }
        }
        return nil
    }

    private func reservedClass(
        of path: UnsafeBufferPointer<UInt8>, isDirectory: Bool
    ) -> EntryClass? {
        if path.first == UInt8(ascii: "."), let own = Self.ownClass(of: path) { return own }
        if foreign.containsPathOrAncestor(of: path, isDirectory: isDirectory) { return .foreign }
        if !isDirectory, Self.isTemporaryName(path) || temporaries.contains(path) {
            return .temporary
        }
        return nil
    }

    /// Of a path that begins with a dot.
    private static func ownClass(of path: UnsafeBufferPointer<UInt8>) -> EntryClass? {
        if path.prefix(while: { $0 != UInt8(ascii: "/") })
            .elementsEqual(ControlNames.directory.utf8)
        {
            return .control
        }
        return path.elementsEqual(".lock".utf8) ? .lock : nil
    }

    /// `*.tmp` and `*.tmp.<digits>`, which are temporaries in every store.
    private static func isTemporaryName(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        var end = path.count
        while end > 0, path[end - 1] >= UInt8(ascii: "0"), path[end - 1] <= UInt8(ascii: "9") {
            end -= 1
        }
        if end == path.count { return path.suffix(4).elementsEqual(".tmp".utf8) }
        return path[..<end].suffix(5).elementsEqual(".tmp.".utf8)
    }
}
