package import CanIFlyStore
internal import StoreFiles
internal import Synchronization

/// One line on a terminal's standard error that says how far long work has come. It shows itself
/// after half a second, draws itself at most ten times a second, and is gone when the work is done.
package final class ProgressLine: Sendable {
    private struct State {
        var lastDrawn: UInt64?
        var shownColumns = 0
        var isFinished = false
    }

    private static let patience: UInt64 = 500_000_000
    private static let pause: UInt64 = 100_000_000

    private let stream: any OutputStream
    private let clock: @Sendable () -> UInt64
    private let started: UInt64
    private let state = Mutex(State())

    /// - Parameter clock: one that only goes forward, in nanoseconds.
    package init(_ stream: any OutputStream, clock: @escaping @Sendable () -> UInt64) {
        self.stream = stream
        self.clock = clock
        started = clock()
    }

    /// May be called from any thread, as often as it likes.
    package func show(_ progress: Progress) {
        let now = clock()
        let elapsed = now - started
        guard elapsed >= Self.patience else { return }
        state.withLock { state in
            if state.isFinished { return }
            if let last = state.lastDrawn, now < last + Self.pause { return }
            state.lastDrawn = now
            // One column stays free: a full line would make some terminals go to the next.
            let columns = (stream.columns ?? 80) - 1
            let text = describe(progress, elapsedNanoseconds: elapsed, columns: columns)
            send("\r" + text.padded(toColumns: state.shownColumns))
            state.shownColumns = displayWidth(text)
        }
    }

    /// Takes the line away, for good.
    package func finish() {
        state.withLock { state in
            state.isFinished = true
            guard state.shownColumns > 0 else { return }
            send("\r" + String(repeating: " ", count: state.shownColumns) + "\r")
            state.shownColumns = 0
        }
    }

    private func send(_ text: String) {
        // A line that cannot be shown is no reason to stop the work.
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(Errno) { try stream.write(bytes) } catch {}
        }
    }
}

/// `12 of 340 documents, 1.2 GiB of 3.4 GiB, 512.0 MiB/s, 4.5 s left`, or as much of it as fits:
/// bytes and rate go first.
func describe(_ progress: Progress, elapsedNanoseconds: UInt64, columns: Int) -> String {
    var count = grouped(progress.documentsDone)
    if progress.documentsTotal > 0 { count += " of \(grouped(progress.documentsTotal))" }
    var bytes = humanBytes(progress.bytesDone)
    if progress.bytesTotal > 0 { bytes += " of \(humanBytes(progress.bytesTotal))" }
    var rate: String?
    var remaining: String?
    let seconds = Double(elapsedNanoseconds) / 1e9
    if seconds > 0, progress.bytesDone > 0 {
        let bytesPerSecond = Double(progress.bytesDone) / seconds
        rate = "\(humanBytes(Int64(bytesPerSecond)))/s"
        let left = progress.bytesTotal - progress.bytesDone
        if left > 0 {
            remaining = "\(humanDuration(UInt64(Double(left) / bytesPerSecond * 1e9))) left"
        }
    }
    let forms = [
        ["\(count) documents", bytes, rate, remaining], ["\(count) documents", bytes, remaining],
        ["\(count) documents", remaining], [count, remaining], [count],
    ].map { $0.compactMap(\.self).joined(separator: ", ") }
    return forms.first { displayWidth($0) <= columns } ?? truncated(count, toColumns: columns)
}
