internal import CanIFlyStore
internal import StoreFiles

/// A word that names a document. What is no safe relative path is refused as invalid data (65), not
/// as wrong usage: the name is what is wrong.
///
/// - Parameter store: where the store lies, to tell the name of a file that is given by its path.
func documentPath(_ word: RawArgument, store: String? = nil) throws(StoreError) -> StorePath {
    do throws(StorePathError) { return try StorePath(bytes: word.bytes) } catch {
        let name = nameInside(store, of: word)
        throw StoreError(
            .invalidData, code: "name-unsafe", "the name '\(word.shown)' \(error.text)",
            hint: name.map { "in the store it is called \($0.text)" }
                ?? "documents are named by their path in the store, such as plans/Magic_14.txt")
    }
}

/// What a shell completes (`~/.config/canifly/config.json`, `./config.json`), as the store calls it.
private func nameInside(_ store: String?, of word: RawArgument) -> StorePath? {
    for beginning in [store.map { $0 + "/" }, "./"].compactMap({ $0 }) {
        let start = Array(beginning.utf8)
        if word.bytes.starts(with: start) {
            return try? StorePath(bytes: word.bytes.dropFirst(start.count))
        }
    }
    return nil
}

/// The same for text from elsewhere than the command line.
func documentPath(_ text: String) throws(StoreError) -> StorePath {
    try documentPath(RawArgument(text))
}
