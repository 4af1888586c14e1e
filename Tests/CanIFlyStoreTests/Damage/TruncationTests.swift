import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

@Suite("Documents that were cut short")
struct TruncationTests {
    /// Of long documents the ends and every so often between.
    private func lengths(_ count: Int) -> [Int] {
        (0..<count).filter { count < 2_000 || $0 < 500 || count - $0 < 500 || $0 % 211 == 0 }
    }

    @Test(
        "every truncation of every JSON document of every sample is an error, at its very end",
        arguments: Fixtures.samples)
    func json(sample: String) throws {
        let store = try HistoryStore(sample: sample)
        let layout = Fixtures.samples.firstIndex(of: sample)! + 1
        var truncations = 0
        for name in try store.documents where name.hasSuffix(".json") {
            let bytes = try #require(store.bytes(name))
            for length in lengths(bytes.count) {
                let cut = Array(bytes[..<length])
                // Nothing but the white space behind the end is missing.
                if (try? JSONDocument(cut)) != nil { continue }
                let findings = Profile.canifly.checkContent(
                    of: try StorePath(name), bytes: cut, layout: layout)
                let isFound = findings.contains {
                    $0.code == (length == 0 ? .empty : .jsonTruncated) && $0.offset == length
                }
                #expect(isFound, "\(name) cut to \(length) bytes: \(findings)")
                truncations += 1
            }
        }
        #expect(truncations > 2_000)
    }

    @Test(
        "every truncation of every table and key breaks nothing, and of a key is an error",
        arguments: ["0.1.5", "0.5.0"])
    func others(sample: String) throws {
        let store = try HistoryStore(sample: sample)
        for name in try store.documents where !name.hasSuffix(".json") {
            let path = try StorePath(name)
            let bytes = try #require(store.bytes(name))
            for length in lengths(bytes.count) {
                let findings = Profile.canifly.checkContent(
                    of: path, bytes: Array(bytes[..<length]), layout: 4)
                for finding in findings { #expect((0...length).contains(finding.offset ?? 0)) }
                if name == "secret.key" {
                    // The application makes an empty one anew.
                    #expect(findings.map(\.severity) == [length == 0 ? .warning : .error])
                }
            }
        }
    }

    @Test("a recorded document that is cut short is told, and comes back byte for byte")
    func recorded() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.initialize()
        try store.snapshot()
        let whole = try store.everything()
        for name in try store.documents {
            let bytes = try #require(store.bytes(name))
            for length in [0, 1, bytes.count / 3, bytes.count - 1] {
                // With the times that it had, as a disk cuts it.
                try store.overwrite(name, with: Array(bytes[..<length]))
                let findings = try store.allFindings().filter {
                    $0.document == name && $0.code != .expired
                }
                #expect(!findings.isEmpty, "\(name) cut to \(length) bytes")
                // Half a plan is a plan that somebody may have written.
                if findings.contains(where: { $0.severity == .error }) {
                    try store.repair(name)
                } else {
                    try store.restore(name, at: .transaction(2))
                }
                #expect(try store.everything() == whole, "\(name) cut to \(length) bytes")
            }
        }
    }
}
