internal import CanIFlyStore
internal import StoreCodecs
internal import StoreFiles

/// What `sha256sum -c` reads: digest, two spaces, name; a name with a backslash or a line end in it
/// is escaped, which a backslash before the digest announces.
func digestList(_ digests: [(document: StorePath, digest: Digest)]) -> [UInt8] {
    var text = ""
    for (document, digest) in digests {
        let name = document.description
        let escaped = name.utf8.contains(UInt8(ascii: "\\"))
        if escaped { text += "\\" }
        text += digest.hexadecimal + "  "
        for character in name.unicodeScalars {
            text += character == "\\" ? "\\\\" : String(character)
        }
        text += "\n"
    }
    return Array(text.utf8)
}
