internal import StoreFiles

/// Whether a character could move the cursor, reorder or hide text: controls, bidirectional
/// controls, the separators that some terminals take for line ends.
func actsOnTerminal(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value < 0x20 }
    let properties = scalar.properties
    if properties.isBidiControl { return true }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    default: return false
    }
}

/// A message made safe to print. Backslashes stay as they are, so that a name which was escaped
/// when the message was made is not escaped again.
package func safeMessage(_ message: String) -> String {
    message.split(separator: "\\", omittingEmptySubsequences: false)
        .map { escapedForTerminal(String($0)) }.joined(separator: "\\")
}

/// A document as it may be shown on a terminal: line ends and tabs stay, what acts is spelt out,
/// and what is no UTF-8 is shown as the replacement character.
func safeForTerminal(_ document: [UInt8]) -> [UInt8] {
    var shown: [UInt8] = []
    shown.reserveCapacity(document.count)
    for scalar in String(decoding: document, as: UTF8.self).unicodeScalars {
        if actsOnTerminal(scalar), scalar != "\n", scalar != "\t" {
            shown.append(contentsOf: escapedForTerminal(String(scalar)).utf8)
        } else {
            shown.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }
    return shown
}
