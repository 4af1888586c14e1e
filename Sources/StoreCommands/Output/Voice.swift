internal import CanIFlyStore
internal import StoreFiles

/// The one voice on the standard error. A message that cannot be written there is lost: there is
/// nowhere left to say so.
struct Voice {
    private let stream: any OutputStream
    private let isColored: Bool

    init(_ stream: any OutputStream, isColored: Bool) {
        self.stream = stream
        self.isColored = isColored
    }

    func error(_ error: StoreError) {
        var lines = line("error", error.message, "\u{1B}[1;31m")
        if !error.hint.isEmpty { lines += line("hint", error.hint, "\u{1B}[1;36m") }
        send(lines)
    }

    func warning(_ message: String) { send(line("warning", message, "\u{1B}[1;33m")) }

    func note(_ message: String) { send(line("note", message, "\u{1B}[1m")) }

    private func line(_ kind: String, _ message: String, _ color: String) -> String {
        let label = isColored ? "\(color)\(kind):\u{1B}[0m" : "\(kind):"
        return "canifly-store: \(label) \(safeMessage(message))\n"
    }

    private func send(_ text: String) {
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(Errno) { try stream.write(bytes) } catch {}
        }
    }
}
