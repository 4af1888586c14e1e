internal import StoreCodecs
package import StoreFiles

/// A document's content that was read through and found good, to be handed over piece by piece. What
/// is long is never held in memory: it is read again for that, and held to the digest of the first
/// time.
package final class CheckedContent: Sendable {
    /// Up to this length a content is kept from the first reading, in bytes.
    static let longestKept = 16 << 20

    private let system: any SystemCalls
    private let document: StorePath
    private let source: StoredContent?
    private let unpacks: Bool
    /// Of the bytes as they lie there.
    private let digest: Digest?
    /// What was kept; nil where it is to be read again.
    private let kept: [UInt8]?
    /// Nil: all of it.
    private let part: Range<Int>?

    /// What is in memory already.
    init(_ bytes: [UInt8], of document: StorePath, part: Range<Int>?, system: any SystemCalls) {
        self.system = system
        self.document = document
        self.part = part
        source = nil
        unpacks = false
        digest = nil
        kept = bytes
    }

    init(
        _ source: consuming StoredContent, of document: StorePath, unpacks: Bool, digest: Digest?,
        part: Range<Int>?, system: any SystemCalls
    ) {
        self.system = system
        self.document = document
        self.unpacks = unpacks
        self.digest = digest
        self.part = part
        self.source = consume source
        kept = nil
    }

    /// Hands it over until `body` returns false.
    /// - Throws: `busy` where another program wrote into the document since it was checked: then what
    ///   was handed over is not to be trusted.
    package func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Bool) throws(StoreError) {
        if let kept {
            _ = kept.withUnsafeBytes { body(Self.clip($0, at: 0, to: part)) }
            return
        }
        var offset = 0
        switch source {
        case .none: preconditionFailure("a content is kept or can be read again")
        case .some(let source):
            let again = try source.read(unpacks: unpacks, of: document, system) { piece in
                defer { offset += piece.count }
                return body(Self.clip(piece, at: offset, to: part))
            }
            guard again == nil || again == digest else {
                throw StoreError(
                    .busy, code: "changed-meanwhile",
                    "\(document.text) was changed while it was printed: what was printed is no "
                        + "content that it ever had",
                    hint: "run the command again", document: document)
            }
        }
    }

    private static func clip(
        _ piece: UnsafeRawBufferPointer, at offset: Int, to part: Range<Int>?
    ) -> UnsafeRawBufferPointer {
        guard let part else { return piece }
        let inside = part.clamped(to: offset..<offset + piece.count)
        return UnsafeRawBufferPointer(
            rebasing: piece[inside.lowerBound - offset..<inside.upperBound - offset])
    }
}

/// Where a document's bytes lie: in its own file, or in a record of the log.
struct StoredContent: ~Copyable, Sendable {
    let file: OwnedDescriptor
    /// In bytes from the file's beginning.
    let start: Int64
    let length: UInt64
    /// They are what is packed in the record.
    var isPackedInRecord = false

    /// Hands all of them over, piece by piece, until `body` returns false.
    /// - Parameter unpacks: what is packed in them instead.
    /// - Returns: their digest; nil where `body` returned false.
    /// - Throws: `invalidData` for what cannot be unpacked.
    func read(
        unpacks: Bool, of document: StorePath, _ system: any SystemCalls,
        _ body: (UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) -> Digest? {
        let room = ByteBuffer()
        var hasher = DigestHasher()
        var record = PackedStream(limits: .unlimited)
        var packed = PackedStream(limits: PackedDocument.limits)
        var defect: GzipError?
        var goesOn = true
        var done: UInt64 = 0
        func take(_ bytes: UnsafeRawBufferPointer) {
            if goesOn { goesOn = body(bytes) }
        }
        func takeStored(_ bytes: UnsafeRawBufferPointer) {
            hasher.update(bytes)
            guard unpacks else { return take(bytes) }
            guard defect == nil else { return }
            do throws(GzipError) { try packed.unpack(bytes, take) } catch { defect = error }
        }
        while done < length, defect == nil, goesOn {
            let wanted = Int(min(length - done, UInt64(room.bytes.count)))
            let count: Int
            do throws(Errno) {
                count = try system.read(
                    file.descriptor,
                    into: UnsafeMutableRawBufferPointer(rebasing: room.bytes[..<wanted]),
                    at: start + Int64(done))
            } catch {
                throw StoreError(error, cannot: "read", document: document)
            }
            // Somebody cut it: the digest tells.
            if count == 0 { break }
            done += UInt64(count)
            let piece = UnsafeRawBufferPointer(rebasing: room.bytes[..<count])
            if isPackedInRecord {
                // Damage of the record shows in the digest, too.
                guard (try? record.unpack(piece, takeStored)) != nil else { break }
            } else {
                takeStored(piece)
            }
        }
        guard goesOn else { return nil }
        do throws(GzipError) {
            if let defect { throw defect }
            if unpacks { try packed.finish() }
        } catch {
            throw StoreError(error, document: document)
        }
        return hasher.finish()
    }
}

extension Store {
    /// The same as `content(of:at:)`, for handing it over without ever holding it in memory.
    /// - Parameter unsealed: only what is sealed in it.
    /// - Throws: as `content(of:at:)` does; `invalidData` (`not-sealed`) for what is not sealed.
    package func checkedContent(
        of document: StorePath, at moment: PointInTime? = nil, unsealed: Bool = false
    ) throws(StoreError) -> CheckedContent {
        try retryingAcrossCompaction { () throws(StoreError) in
            let reading = try read()
            for place in [document, document.packedForm].compactMap({ $0 }) {
                let found =
                    if let moment {
                        try past(place, of: document, at: moment, unsealed, reading)
                    } else {
                        try live(place, of: document, unsealed, reading)
                    }
                if let found { return found }
            }
            guard moment == nil else { throw .wasNoDocument(document) }
            throw .noSuchDocument(document)
        }
    }

    private static let attempts = 5

    private func live(
        _ place: StorePath, of document: StorePath, _ unsealed: Bool,
        _ reading: borrowing StoreReading
    ) throws(StoreError) -> CheckedContent? {
        if reading.waiting?.change(of: place) != nil {
            guard let bytes = try reading.content(of: place) else { return nil }
            return try check(bytes, at: place, of: document, unsealed)
        }
        let files = reading.documentFiles
        for _ in 0..<Self.attempts {
            let opened: OpenedFile
            do throws(FileAccessError) {
                opened = try files.open(place)
            } catch .system(.noEntry) {
                return nil
            } catch {
                throw StoreError(error, document: place)
            }
            let status = opened.status
            let source = StoredContent(
                file: opened.takeFile(), start: 0, length: UInt64(status.size))
            let content: CheckedContent
            do throws(StoreError) {
                content = try check(source, at: place, of: document, unsealed, isRecorded: nil)
            } catch {
                guard try files.status(of: place)?.signature == status.signature else { continue }
                throw error
            }
            if try files.status(of: place)?.signature == status.signature { return content }
        }
        throw .unsteady(place)
    }

    private func past(
        _ place: StorePath, of document: StorePath, at moment: PointInTime, _ unsealed: Bool,
        _ reading: borrowing StoreReading
    ) throws(StoreError) -> CheckedContent? {
        guard let recorded = try reading.state(of: place, at: moment) else { return nil }
        let state = try reading.keptState(recorded)
        guard reading.waiting?.contents[state.digest] == nil, let location = state.location,
            let log = reading.log
        else {
            return try check(
                try reading.pastContent(of: place, state), at: place, of: document, unsealed)
        }
        return try check(
            try log.storedContent(of: state.digest, at: location), at: place, of: document,
            unsealed, isRecorded: (state.digest, location))
    }

    /// Reads it through once.
    /// - Parameter isRecorded: the digest that it must have, and where it is kept; nil for any.
    private func check(
        _ source: consuming StoredContent, at place: StorePath, of document: StorePath,
        _ unsealed: Bool, isRecorded: (digest: Digest, location: ContentLocation)?
    ) throws(StoreError) -> CheckedContent {
        if place.isPacked, let isRecorded {
            // Or damage of the log would be taken for that of the document.
            guard
                try source.read(unpacks: false, of: place, system, { _ in true })
                    == isRecorded.digest
            else { throw .damagedContent(isRecorded.digest, at: isRecorded.location) }
        }
        var scanner = SealScanner()
        // Asked for by its own name, a packed document is unpacked for the sake of checking it alone.
        let unpacks = place.isPacked && place != document
        var kept: [UInt8]? = unpacks || !place.isPacked ? [] : nil
        let digest = try source.read(unpacks: place.isPacked, of: place, system) { piece in
            scanner.consume(piece)
            if let count = kept?.count {
                if count + piece.count > CheckedContent.longestKept {
                    kept = nil
                } else {
                    kept?.append(contentsOf: piece)
                }
            }
            return true
        }
        if let isRecorded, digest != isRecorded.digest {
            throw .damagedContent(isRecorded.digest, at: isRecorded.location)
        }
        let part = try Self.part(scanner.finish(), of: document, unsealed)
        if let kept { return CheckedContent(kept, of: document, part: part, system: system) }
        return CheckedContent(
            source, of: document, unpacks: unpacks, digest: digest, part: part, system: system)
    }

    /// The same for bytes that are in memory.
    private func check(
        _ bytes: [UInt8], at place: StorePath, of document: StorePath, _ unsealed: Bool
    ) throws(StoreError) -> CheckedContent {
        let content = place.isPacked ? try PackedDocument.unpack(bytes, of: place) : bytes
        let part = try Self.part(SealScanner.judge(content), of: document, unsealed)
        return CheckedContent(
            place == document ? bytes : content, of: document, part: part, system: system)
    }

    private static func part(
        _ judgement: SealJudgement, of document: StorePath, _ unsealed: Bool
    ) throws(StoreError) -> Range<Int>? {
        try judgement.requireIntact(document)
        guard unsealed else { return nil }
        guard case .sealed(let seal) = judgement else { throw .notSealed(document) }
        return seal.data
    }
}
