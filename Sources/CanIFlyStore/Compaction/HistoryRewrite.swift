internal import StoreCodecs
internal import StoreFiles

/// Writes the log and the catalog anew, beside the ones in force, with what a plan keeps.
///
/// The new log is a folder of its own, of the next generation, with whole transactions in it, each
/// with the contents that no earlier one brought: it is what the log would be if nothing else had
/// ever been written. Nothing in force is touched. A content is read back and checked before
/// anything counts on the new log.
struct HistoryRewrite: ~Copyable {
    private let system: any SystemCalls
    private let source: LogFolder
    private let level: Int
    private var plan: HistoryPlan
    /// Where to write; nil where the sizes alone are wanted.
    private let target: Target?

    /// The new folder of segments, and a place for what is on its way.
    struct Target {
        var folder: Descriptor
        var staging: Descriptor
        var firstSegment: UInt64
    }

    private var writer: SegmentWriter?
    private var segment: UInt64
    private var segmentLength: UInt64 = 0
    private var places: [ContentLocation: ContentLocation] = [:]
    private var placesByDigest: [Digest: ContentLocation] = [:]
    private var ahead: [ContentLocation: Packed] = [:]
    /// Packed contents that stand for a document and for its packed form as well. No other record of
    /// the one is a record of the other, so these stay as they are.
    private let shared: Set<ContentLocation>

    /// What the new log takes, in bytes.
    private(set) var logLength: UInt64 = 0
    /// The end of each transaction.
    private(set) var ends: [LogPosition] = []

    /// A small content, ready to be written.
    private struct Packed: Sendable {
        var bytes: [UInt8]
        var isPacked: Bool
    }

    /// Contents up to this size are packed in memory, several at a time.
    private static let smallLength: UInt64 = 1 << 20
    /// So much is read ahead, in bytes.
    private static let aheadLength = 8 << 20

    init(
        system: any SystemCalls, source: LogFolder, plan: HistoryPlan, level: Int, target: Target?
    ) {
        self.system = system
        self.source = source
        self.plan = plan
        self.level = level
        self.target = target
        segment = target?.firstSegment ?? 1
        shared = plan.sharedLocations
    }

    /// The transactions with their contents' new places.
    var records: [TransactionRecord] { plan.records }

    /// Writes all of it. The segments are durable when it returns, their names are not.
    mutating func run(environment: StoreEnvironment) throws(StoreError) {
        for index in plan.records.indices {
            try environment.requireNoSignal()
            if index == 0 || segmentLength > LogFolder.segmentByteLimit {
                try beginSegment(firstTransaction: plan.records[index].number)
            }
            try writeTransaction(index)
        }
        try endSegment()
        plan.move(to: places)
    }

    // MARK: Whether it pays

    /// A log below this length is written anew for the sake of any byte, one above for a 32nd of it.
    private static let lengthWorthSparing: Int64 = 1 << 20
    private static let leastPart: Int64 = 32

    /// Whether writing the log anew may win enough, told by the headers of its records alone: what is
    /// packed stays as long as it is, and of the rest nothing may be left.
    /// - Parameter length: of the log in force, in bytes.
    static func mayPay(
        system: any SystemCalls, source: LogFolder, plan: HistoryPlan, length: Int64
    ) throws(StoreError) -> Bool {
        let wanted = length < lengthWorthSparing ? 0 : length / leastPart
        var least = HistoryRewrite(
            system: system, source: source, plan: plan, level: 1, target: nil)
        var unpackedLength: Int64 = 0
        for index in plan.records.indices {
            if index == 0 || least.segmentLength > LogFolder.segmentByteLimit {
                try least.beginSegment(firstTransaction: plan.records[index].number)
            }
            for state in plan.records[index].keptStates {
                guard let old = state.location, least.places[old] == nil else { continue }
                least.places[old] = old
                let isKnown = least.placesByDigest.updateValue(old, forKey: state.digest) != nil
                if isKnown, !least.shared.contains(old) { continue }
                let logged = try source.openRecord(at: old)
                least.count(payloadLength: logged.isPacked ? logged.length : 0)
                unpackedLength += logged.isPacked ? 0 : Int64(clamping: logged.length)
                if unpackedLength > wanted { return true }
            }
            try least.commit(plan.records[index])
        }
        return length - Int64(least.logLength) > wanted
    }

    private mutating func writeTransaction(_ index: Int) throws(StoreError) {
        let number = plan.records[index].number
        for state in plan.records[index].keptStates {
            guard let old = state.location, places[old] == nil else { continue }
            if !shared.contains(old), let known = placesByDigest[state.digest] {
                places[old] = known
                continue
            }
            if ahead[old] == nil { try readAhead(from: index) }
            let place: ContentLocation
            if let small = ahead.removeValue(forKey: old) {
                place = try write(small, transaction: number)
            } else {
                place = try copyLarge(old, state, transaction: number)
            }
            places[old] = place
            placesByDigest[state.digest] = place
        }
        var record = plan.records[index]
        for change in record.changes.indices { record.changes[change].move(to: places) }
        try commit(record)
    }

    // MARK: Contents

    /// Reads the small contents that come next, and packs them on all processors.
    private mutating func readAhead(from index: Int) throws(StoreError) {
        var waiting: [(location: ContentLocation, bytes: [UInt8])] = []
        var seen: Set<ContentLocation> = []
        var length = 0
        gather: for record in plan.records[index...] {
            for state in record.keptStates {
                guard let location = state.location, places[location] == nil,
                    shared.contains(location) || placesByDigest[state.digest] == nil,
                    seen.insert(location).inserted
                else { continue }
                let logged = try source.openRecord(at: location)
                guard logged.length <= Self.smallLength else { continue }
                if logged.isPacked {
                    ahead[location] = Packed(bytes: try read(logged, state), isPacked: true)
                } else {
                    let bytes = try read(logged, state)
                    waiting.append((location, bytes))
                    length += bytes.count
                }
                if length >= Self.aheadLength || ahead.count > 4096 { break gather }
            }
        }
        let level = level
        let packed = WorkerThreads.map(
            waiting.map(\.bytes), threads: WorkerThreads.processorCount
        ) { bytes in
            let packed = GzipWriter.pack(bytes, level: level)
            return packed.count < bytes.count
                ? Packed(bytes: packed, isPacked: true) : Packed(bytes: bytes, isPacked: false)
        }
        for (content, packed) in zip(waiting, packed) { ahead[content.location] = packed }
    }

    /// The payload of a small record, checked against the digest of what it keeps.
    private func read(
        _ logged: borrowing LoggedContent, _ state: DocumentState
    ) throws(StoreError) -> [UInt8] {
        let payload: [UInt8]
        do throws(Errno) {
            payload = try system.readRange(
                logged.file.descriptor, at: logged.start, count: Int(logged.length))
        } catch {
            throw StoreError(error, cannot: "read the log")
        }
        if Digest.of(payload) == state.digest { return payload }
        guard logged.isPacked, CRC32.of(payload) == logged.checksum,
            let digest = contentDigest(payload), digest == state.digest
        else { throw .historyCorrupt(state.digest) }
        return payload
    }

    private func contentDigest(_ packed: [UInt8]) -> Digest? {
        var hasher = DigestHasher()
        var stream = PackedStream(limits: .unlimited)
        guard (try? packed.withUnsafeBytes({ try stream.unpack($0) { hasher.update($0) } })) != nil,
            (try? stream.finish()) != nil
        else { return nil }
        return hasher.finish()
    }

    private mutating func write(
        _ content: Packed, transaction: UInt64
    ) throws(StoreError) -> ContentLocation {
        let place = ContentLocation(segment: segment, offset: segmentLength)
        if writer != nil {
            do throws(Errno) {
                let written =
                    content.isPacked
                    ? try writer!.keepPacked(content.bytes, transaction: transaction)
                    : try writer!.keep(content.bytes, transaction: transaction)
                precondition(written == place, "the log is longer or shorter than it was counted")
            } catch {
                throw StoreError(error, cannot: "write the log anew")
            }
        }
        count(payloadLength: UInt64(content.bytes.count))
        return place
    }

    /// Copies a large content, packed if that makes it smaller, without holding it in memory.
    private mutating func copyLarge(
        _ old: ContentLocation, _ state: DocumentState, transaction: UInt64
    ) throws(StoreError) -> ContentLocation {
        let logged = try source.openRecord(at: old)
        let measured = try measure(logged, state)
        guard !logged.isPacked, measured.packedLength < logged.length else {
            return try keep(logged, length: logged.length, transaction: transaction)
        }
        guard let file = measured.file else {
            return try keep(logged, length: measured.packedLength, transaction: transaction)
        }
        defer { system.discard(file) }
        let packed: LoggedContent
        do throws(Errno) {
            packed = LoggedContent(
                file: try system.openOwned(file.temporaryName, in: file.directory, [.read]),
                start: 0, length: measured.packedLength, checksum: measured.checksum,
                isPacked: true)
        } catch {
            throw StoreError(error, cannot: "write the log anew")
        }
        return try keep(packed, length: measured.packedLength, transaction: transaction)
    }

    private mutating func keep(
        _ content: borrowing LoggedContent, length: UInt64, transaction: UInt64
    ) throws(StoreError) -> ContentLocation {
        let place = ContentLocation(segment: segment, offset: segmentLength)
        if writer != nil {
            do throws(Errno) {
                _ = try writer!.keep(content, transaction: transaction)
            } catch {
                throw StoreError(error, cannot: "write the log anew")
            }
        }
        count(payloadLength: length)
        return place
    }

    /// What packing makes of a large content, and the packed file where one can be made.
    private struct Measured {
        var packedLength: UInt64
        var checksum: UInt32
        var file: StagedEntry?
    }

    /// Reads a large content through, checks it, and packs it unless it is packed already.
    private func measure(
        _ logged: borrowing LoggedContent, _ state: DocumentState
    ) throws(StoreError) -> Measured {
        var payloadHasher = DigestHasher()
        var contentHasher = DigestHasher()
        var stream = PackedStream(limits: .unlimited)
        var isWhole = true
        var packing = PackingMeter(level: level)
        var file: StagedFile?
        do throws(Errno) {
            if let target, !logged.isPacked {
                file = try StagedFile(for: "content", in: target.staging, system)
            }
            var done: UInt64 = 0
            while done < logged.length {
                let piece = try system.readRange(
                    logged.file.descriptor, at: logged.start + Int64(done),
                    count: Int(min(logged.length - done, Self.smallLength)))
                guard !piece.isEmpty else { throw .inputOutput }
                done += UInt64(piece.count)
                payloadHasher.update(piece)
                if logged.isPacked {
                    if isWhole {
                        isWhole =
                            (try? piece.withUnsafeBytes {
                                try stream.unpack($0) { contentHasher.update($0) }
                            }) != nil
                    }
                    continue
                }
                piece.withUnsafeBytes { packing.take($0) }
                if !packing.output.isEmpty { try file?.write(packing.output) }
                packing.forgetOutput()
            }
            let payload = payloadHasher.finish()
            if logged.isPacked {
                guard
                    payload == state.digest
                        || isWhole && (try? stream.finish()) != nil
                            && contentHasher.finish() == state.digest
                else { throw .noData }
                return Measured(packedLength: logged.length, checksum: logged.checksum, file: nil)
            }
            guard payload == state.digest else { throw .noData }
            packing.finish()
            try file?.write(packing.output)
            let entry: StagedEntry?
            switch consume file {
            case .some(let file):
                // It is copied from and goes: nothing of it need be durable.
                var unsynced = UnsyncedFiles(on: target!.staging, system)
                entry = try file.prepared(
                    FileAttributes(mode: .privateFile), keptOpenIn: &unsynced)
            case .none: entry = nil
            }
            return Measured(
                packedLength: UInt64(packing.packedLength), checksum: packing.checksum,
                file: entry)
        } catch .noData {
            throw .historyCorrupt(state.digest)
        } catch {
            throw StoreError(error, cannot: "write the log anew")
        }
    }

    // MARK: Segments

    private mutating func commit(_ record: TransactionRecord) throws(StoreError) {
        if writer != nil {
            do throws(Errno) {
                let end = try writer!.commit(record)
                count(to: end.offset)
                ends.append(end)
            } catch {
                throw StoreError(error, cannot: "write the log anew")
            }
            return
        }
        // The record ends a sector: at most one more than its lines fill.
        let payload = CommitPayload(contentCount: 0, transaction: record)
            .encode(paddedFrom: segmentLength + UInt64(LogRecordHeader.byteCount))
        count(payloadLength: UInt64(payload.count))
        ends.append(LogPosition(segment: segment, offset: segmentLength, chain: 0))
    }

    private mutating func count(payloadLength: UInt64) {
        count(to: segmentLength + LogRecordHeader.recordLength(payloadLength: payloadLength))
    }

    private mutating func count(to offset: UInt64) {
        logLength += offset - segmentLength
        segmentLength = offset
    }

    private mutating func beginSegment(firstTransaction: UInt64) throws(StoreError) {
        if segmentLength > 0 {
            try endSegment()
            segment += 1
        }
        segmentLength = 0
        count(to: UInt64(LogSegmentHeader.byteCount))
        guard let target else { return }
        let header = LogSegmentHeader(
            store: source.store, segment: segment, salt: system.randomSalt(),
            firstTransaction: firstTransaction)
        do throws(Errno) {
            let file = try system.openOwned(
                ControlNames.segment(segment), in: target.folder,
                [.read, .write, .create, .exclusive])
            try system.writeAll(file.descriptor, header.encode(), at: 0)
            writer = SegmentWriter(
                system: system, file: file, position: header.start, salt: header.salt)
        } catch {
            throw StoreError(error, cannot: "write the log anew")
        }
    }

    private mutating func endSegment() throws(StoreError) {
        guard let ended = writer.take() else { return }
        do throws(Errno) {
            try ended.synchronizeWhole()
            try ended.close()
        } catch {
            throw StoreError(error, cannot: "write the log anew")
        }
    }
}

extension StoreError {
    static func historyCorrupt(_ digest: Digest) -> StoreError {
        StoreError(
            .invalidData, code: "history-corrupt",
            "the content \(digest.hexadecimal) of history is damaged; history was left as it is",
            hint: "canifly-store verify --deep shows what else is")
    }
}
