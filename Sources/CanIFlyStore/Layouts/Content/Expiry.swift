public import LosslessJSON
public import StoreFiles

/// What of a document is past its time.
public struct ExpiredEntries: Sendable {
    /// All entries, also those whose time cannot be read.
    public var total: Int
    /// Where the dead ones are, in document order. Keys among the tokens may be secrets.
    public var expired: [JSONPointer]
    /// What becomes of dead entries, in the words of the profile.
    public var meaning: String
}

extension Profile {
    /// Which entries of a document are past their time; nil where the live layout knows no time for
    /// them, or the document is no JSON. An entry without a readable time is never past it.
    ///
    /// - Parameter now: the clock to judge by.
    public func expiredEntries(
        of document: StorePath, bytes: [UInt8], layout: Int?, now: Timestamp
    ) -> ExpiredEntries? {
        guard let layout, let expiry = self.layout(layout)?.rule(for: document)?.expiry,
            let json = try? JSONDocument(bytes, duplicateKeys: .allow)
        else { return nil }
        var entries = ExpiredEntries(total: 0, expired: [], meaning: expiry.meaning)
        expiry.entries.forEachMatch(in: json) { entry in
            entries.total += 1
            if let text = entry.text(expiry.time), let time = Timestamp(rfc3339: text[...]),
                expiry.isPast(time, at: now)
            {
                entries.expired.append(entry.pointer)
            }
        }
        return entries
    }

    /// The finding about them: one for the document, however many there are; nil where there are
    /// none.
    public func checkExpiry(
        of document: StorePath, bytes: [UInt8], layout: Int?, now: Timestamp
    ) -> Finding? {
        guard
            let entries = expiredEntries(
                of: document, bytes: bytes, layout: layout, now: now),
            !entries.expired.isEmpty
        else { return nil }
        let counts = "\(entries.expired.count) of \(entries.total) entries are past their time"
        return Finding(
            .expired, .info, document: document.text,
            detail: entries.meaning.isEmpty ? counts : "\(counts): \(entries.meaning)",
            remedy: "canifly-store compact --expire")
    }

    /// Whether a document has entries with a time of their own, so that its content is wanted.
    public func canExpire(_ document: StorePath, layout: Int?) -> Bool {
        layout.flatMap { self.layout($0)?.rule(for: document)?.expiry } != nil
    }
}

extension ExpiryRule {
    /// A time that has come is past; an age must be exceeded.
    func isPast(_ time: Timestamp, at now: Timestamp) -> Bool {
        guard let afterSeconds else { return time <= now }
        let (end, overflow) = time.seconds.addingReportingOverflow(afterSeconds)
        return !overflow && Timestamp(seconds: end, nanoseconds: time.nanoseconds) < now
    }
}
