internal import CanIFlyStore
package import StoreFiles

/// The document that was probably meant, or nil where none is near: the same name but for the case
/// of its letters, one of this name in some folder, or one with a slip or two in it.
package func nearestDocument(to given: StorePath, among names: [StorePath]) -> StorePath? {
    let others = names.filter { $0 != given }
    let wanted = lowercased(given.text)
    if let other = others.first(where: { lowercased($0.text) == wanted }) { return other }
    let sameName = others.filter { $0.name.utf8.elementsEqual(given.name.utf8) }
    if let other = sameName.first { return sameName.count == 1 ? other : nil }
    // A slip in a short name makes another name.
    let stem = given.name.utf8.prefix { $0 != UInt8(ascii: ".") }
    let tolerance = min(2, stem.count / 3)
    let near = others.lazy
        .filter { abs($0.text.utf8.count - wanted.count) <= tolerance }
        .map { (name: $0, distance: editDistance(wanted, lowercased($0.text))) }
        .filter { $0.distance <= tolerance }
    return near.min { $0.distance < $1.distance }?.name
}

private func lowercased(_ text: String) -> [UInt8] {
    text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
}

extension CommandContext {
    /// Comparing with more names than these would keep somebody waiting for an error.
    private static let mostNamesCompared = 20_000

    /// An error about a document that is not there, with the name that was probably meant.
    func suggestingDocument(for error: StoreError) -> StoreError {
        guard error.code.utf8.elementsEqual("no-such-document".utf8),
            let document = error.document,
            let names = try? openStore().documentNames(patterns: []),
            names.count <= Self.mostNamesCompared,
            let nearest = nearestDocument(to: document, among: names)
        else { return error }
        var suggesting = error
        suggesting.hint = "did you mean \(nearest.text)? " + error.hint
        return suggesting
    }
}
