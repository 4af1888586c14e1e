internal import CanIFlyStore
internal import StoreFiles

/// The result of a verification for Prometheus's textfile collector (text exposition format).
///
/// - Parameter previous: what the file held before: the time of the last good run is carried over
///   from there where this one was not good, since `verify` records nothing in the store.
func metricsText(
    _ report: VerifyReport, status: StatusReport, now: Timestamp, previous: [UInt8]?
) -> String {
    var text = ""
    func add(_ name: String, _ help: String, _ samples: [(labels: String, value: String)]) {
        guard !samples.isEmpty else { return }
        text += "# HELP canifly_store_\(name) \(help)\n# TYPE canifly_store_\(name) gauge\n"
        for sample in samples { text += "canifly_store_\(name)\(sample.labels) \(sample.value)\n" }
    }
    add("verify_timestamp_seconds", "When the store was last verified.", [("", "\(now.seconds)")])
    let lastGood =
        report.errors == 0
        ? "\(now.seconds)"
        : previousValue(of: "canifly_store_verify_last_good_timestamp_seconds", in: previous)
    add(
        "verify_last_good_timestamp_seconds",
        "When a verification last found no error.", lastGood.map { [("", $0)] } ?? [])
    add(
        "verify_duration_seconds", "How long the last verification took.",
        [("", decimalSeconds(report.durationNanoseconds))])
    add("documents", "Documents in the store.", [("", "\(report.documents)")])
    add("documents_bytes", "Bytes of all documents.", [("", "\(report.bytes)")])
    add("findings", "Findings by code and severity.", findingSamples(report.findings))
    add(
        "findings_by_severity", "Findings by severity, 0 where there are none.",
        [
            ("{severity=\"error\"}", "\(report.errors)"),
            ("{severity=\"warning\"}", "\(report.warnings)"),
            ("{severity=\"info\"}", "\(report.infos)"),
        ])
    add(
        "snapshot_last_timestamp_seconds", "When the last snapshot was made.",
        status.lastSnapshot.map { [("", "\($0.time.seconds)")] } ?? [])
    add("log_bytes", "Bytes of the log, which keeps the history.", [("", "\(status.logBytes)")])
    add(
        "log_pending", "1 while a transaction waits to be finished.",
        [("", status.isLogPending ? "1" : "0")])
    return text
}

/// One sample for each code and severity that was found, in the order of the codes.
private func findingSamples(_ findings: [Finding]) -> [(labels: String, value: String)] {
    var counts: [FindingCode: [Severity: Int]] = [:]
    for finding in findings {
        counts[finding.code, default: [:]][finding.severity, default: 0] += 1
    }
    return FindingCode.allCases.flatMap { code in
        Severity.allCases.compactMap { severity in
            counts[code]?[severity].map { count in
                (
                    "{code=\"\(code.rawValue)\",severity=\"\(severity.rawValue)\"}",
                    String(count)
                )
            }
        }
    }
}

/// The value of a sample without labels in an earlier file, if it is a whole number.
private func previousValue(of name: String, in file: [UInt8]?) -> String? {
    guard let file, let text = String(validating: file, as: UTF8.self) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(name + " ") {
        let value = line.dropFirst(name.count + 1)
        if let seconds = Int64(value) { return String(seconds) }
    }
    return nil
}
