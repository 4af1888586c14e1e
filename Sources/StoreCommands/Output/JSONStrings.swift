/// Copies well-formed JSON, spelling out what could act on a terminal, so that `--json` may be
/// looked at too. In JSON such characters stand inside strings only, where the escape means the
/// same.
func writeEscapingControls(_ json: [UInt8], to bytes: inout [UInt8]) {
    if json.allSatisfy({ $0 < 0x7F }) {
        bytes.append(contentsOf: json)
        return
    }
    for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
        if scalar.value >= 0x7F, actsOnTerminal(scalar) {
            let digits = String(scalar.value, radix: 16)
            // All that act and are no ASCII controls lie in the basic plane: four digits do.
            bytes.append(contentsOf: "\\u".utf8)
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
            bytes.append(contentsOf: digits.utf8)
        } else {
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }
}
