// The `.lock` file as the application and this program write it. The application makes it with
// O_CREAT | O_EXCL and fills it with three lines; it only ever reads the first, as a number:
//
//     4711                                    process
//     linux                                   system, by Go's name
//     2026-11-01T08:30:00-04:00               since when, RFC 3339
//
// This program's has three lines more, by which it recognises its own:
//
//     0f3c0a6e-8a51-4f6e-9d55-1b2d6c7a9e10    boot identifier; "-" where it cannot be known
//     1234567                                 start time of the process in ticks; or "-"
//     00112233445566778899aabbccddeeff        nonce: 32 hexadecimal digits
//
// While a layout is half changed, a line that is no number stands before all of them (the fence):
// then the application refuses to start, whether or not the process in the second line lives.

/// Who made a `.lock`.
public enum LockOwner: String, Sendable, Hashable {
    case application = "canifly"
    case program = "canifly-store"
}

/// What this program writes into a `.lock`.
struct LockContents: Sendable, Hashable {
    static let fileName = ".lock"
    /// Nobody writes more than a fraction of this.
    static let longestBytes = 4096
    private static let fence = "canifly-store is changing the layout"

    var process: Int32
    var since: Timestamp
    /// Empty where it is not known.
    var boot: String
    var startTime: UInt64?
    var nonce: String
    var isFenced = false

    /// Those of this process, with a new nonce.
    init(for system: any SystemCalls) {
        process = system.processIdentifier
        since = system.now()
        boot = system.bootIdentifier
        startTime = system.startTime(ofProcess: process)
        nonce = system.randomBytes(16).reduce(into: "") { text, byte in
            text += (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        }
    }

    /// Whether both were written for one holder: the fence may differ.
    func isSameHolder(_ other: LockContents) -> Bool {
        process == other.process && nonce.utf8.elementsEqual(other.nonce.utf8)
    }

    var bytes: [UInt8] {
        var lines = isFenced ? [Self.fence] : []
        lines += [
            String(process), OperatingSystem.name, since.rfc3339, boot.isEmpty ? "-" : boot,
            startTime.map { String($0) } ?? "-", nonce,
        ]
        return lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
    }

    fileprivate init?(lines: [ArraySlice<UInt8>]) {
        var lines = lines[...]
        if let first = lines.first, first.elementsEqual(Self.fence.utf8) {
            isFenced = true
            lines = lines.dropFirst()
        }
        // The line end after the nonce leaves an empty seventh.
        guard lines.count == 7, lines.last!.isEmpty else { return nil }
        let base = lines.startIndex
        guard let process = processNumber(lines[base]),
            let since = Timestamp(rfc3339: lines[base + 2]),
            let boot = String(validating: lines[base + 3], as: UTF8.self)
        else { return nil }
        let nonce = lines[base + 5]
        guard nonce.count == 32, nonce.allSatisfy(isHexadecimal) else { return nil }
        let start = String(decoding: lines[base + 4], as: UTF8.self)
        self.process = process
        self.since = since
        self.boot = boot.utf8.elementsEqual("-".utf8) ? "" : boot
        startTime = UInt64(start)
        if startTime == nil && !start.utf8.elementsEqual("-".utf8) { return nil }
        self.nonce = String(decoding: nonce, as: UTF8.self)
    }
}

/// What the text of a `.lock` says.
enum LockText: Sendable, Hashable {
    case program(LockContents)
    /// `isWhole`: the first line has ended; if not, more digits may follow.
    case application(process: Int32, since: Timestamp?, isWhole: Bool)
    /// Nothing, or no positive number of 32 bits in the first line. The application refuses to start
    /// beside such a file.
    case noProcess

    init(_ bytes: [UInt8]) {
        let lines = bytes.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if let contents = LockContents(lines: lines) {
            self = .program(contents)
        } else if let first = lines.first, let process = processNumber(first) {
            let since = lines.count > 2 ? Timestamp(rfc3339: lines[2]) : nil
            self = .application(process: process, since: since, isWhole: lines.count > 1)
        } else {
            self = .noProcess
        }
    }
}

/// A process number that `kill(2)` takes for one process: never 0 or less, which mean groups.
private func processNumber(_ line: ArraySlice<UInt8>) -> Int32? {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0d }
    var digits = line.drop(while: isBlank)
    while let last = digits.last, isBlank(last) { digits = digits.dropLast() }
    if digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard !digits.isEmpty, digits.count <= 20 else { return nil }
    var number: UInt64 = 0
    for digit in digits {
        guard (0x30...0x39).contains(digit) else { return nil }
        number = min(number * 10 + UInt64(digit - 0x30), UInt64(Int32.max) + 1)
    }
    return number > 0 && number <= UInt64(Int32.max) ? Int32(number) : nil
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
}
