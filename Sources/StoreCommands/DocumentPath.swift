internal import CanIFlyStore
internal import StoreFiles

/// A word that names a document. What is no safe relative path is refused as invalid data (65), not
/// as wrong usage: the name is what is wrong.
func documentPath(_ word: RawArgument) throws(StoreError) -> StorePath {
    do throws(StorePathError) { return try StorePath(bytes: word.bytes) } catch {
        throw StoreError(
            .invalidData, code: "name-unsafe", "the name '\(word.shown)' \(error.text)",
            hint: "documents are named by their path in the store, such as plans/Magic_14.txt")
    }
}

/// The same for text from elsewhere than the command line.
func documentPath(_ text: String) throws(StoreError) -> StorePath {
    try documentPath(RawArgument(text))
}
