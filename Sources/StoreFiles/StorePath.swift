/// The path of a document, relative to its store: validated, and compared by its UTF-8 bytes, so
/// that composed and decomposed spellings of one letter stay two names.
public struct StorePath: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    package init(unchecked text: String) { self.text = text }

    public var description: String { text }

    public static func == (left: StorePath, right: StorePath) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }
    public static func < (left: StorePath, right: StorePath) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
