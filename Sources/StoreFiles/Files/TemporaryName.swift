/// The names of this program's temporary files, built and recognised here alone:
/// `.canifly-store-<16 hexadecimal digits>.tmp`. That fits a component whatever the document is
/// called, and every program that leaves out `*.tmp` leaves them out.
public enum TemporaryName {
    private static let prefix = ".canifly-store-"
    private static let suffix = ".tmp"

    /// A new one, which nobody can guess and plant.
    public static func make(_ system: any SystemCalls) -> String {
        var name = prefix
        for byte in system.randomBytes(8) {
            if byte < 0x10 { name += "0" }
            name += String(byte, radix: 16)
        }
        return name + suffix
    }

    /// Whether this program made the file, so that it may clean it up.
    public static func isOurs(_ name: some StringProtocol) -> Bool {
        let bytes = Array(name.utf8)
        guard bytes.count == prefix.utf8.count + 16 + suffix.utf8.count else { return false }
        guard bytes.starts(with: prefix.utf8), bytes.suffix(4).elementsEqual(suffix.utf8) else {
            return false
        }
        return bytes[prefix.utf8.count...].prefix(16).allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
        }
    }

    /// Whether any program's temporary: `*.tmp` or `*.tmp.<digits>`, as the application makes them.
    public static func isTemporary(_ name: some StringProtocol) -> Bool {
        let bytes = Array(name.utf8)
        if bytes.suffix(4).elementsEqual(suffix.utf8) { return true }
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")) else { return false }
        let digits = bytes[(dot + 1)...]
        return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
            && bytes[..<dot].suffix(4).elementsEqual(suffix.utf8)
    }
}
