internal import CanIFlyStore
internal import StoreFiles

extension CommandContext {
    /// Asks on the terminal. Only `y` and `yes` mean yes; the end of the input means no.
    /// - Throws: `interrupted` where a signal comes first.
    func confirms(_ question: String) throws(StoreError) -> Bool {
        streams.error.writeOrGiveUp("\(question) [y/N] ")
        var answer: [UInt8] = []
        while answer.count < 64, let byte = try nextByte(), byte != UInt8(ascii: "\n") {
            answer.append(byte)
        }
        while answer.last == UInt8(ascii: " ") || answer.last == UInt8(ascii: "\r") {
            answer.removeLast()
        }
        return ["y", "Y", "yes", "Yes"].contains { answer.elementsEqual($0.utf8) }
    }

    /// Nil at the end of the input.
    private func nextByte() throws(StoreError) -> UInt8? {
        var byte: UInt8 = 0
        do throws(Errno) {
            while pendingSignal() == nil, !(try streams.input.waitToRead(milliseconds: 250)) {}
            if pendingSignal() == nil {
                return try withUnsafeMutableBytes(of: &byte) { buffer throws(Errno) in
                    try streams.input.read(into: buffer)
                } == 0 ? nil : byte
            }
        } catch .interrupted {
            // The signal is told below.
        } catch {
            throw StoreError(error, cannot: "read the answer")
        }
        guard let signal = pendingSignal() else { return nil }
        throw StoreError(
            .interrupted, code: "interrupted", "ended by signal \(signal); nothing was written",
            signal: signal)
    }
}

extension OutputStream {
    /// A question that cannot be shown cannot be helped either; then nobody says yes.
    func writeOrGiveUp(_ text: String) {
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(Errno) { try write(bytes) } catch {}
        }
    }
}
