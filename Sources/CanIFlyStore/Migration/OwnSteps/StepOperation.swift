internal import JSONSchema
internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// Which documents an operation means.
enum StepTarget {
    /// Must be there.
    case document(StorePath)
    /// Any number of documents, also none.
    case pattern(NamePattern)

    func documents(in state: MigrationState) throws(StoreError) -> [StorePath] {
        switch self {
        case .document(let path):
            guard let place = state.place(of: path) else { throw .noSuchDocument(path) }
            return [place]
        case .pattern(let pattern):
            return state.documents.filter {
                pattern.matches($0.text) || $0.isPacked && pattern.matches($0.plainForm.text)
            }
        }
    }
}

/// One operation of a step file.
enum StepOperation {
    case rename(from: StorePath, to: StorePath)
    case copy(from: StorePath, to: StorePath)
    case delete(StepTarget)
    case patch(StepTarget, JSONPatch)
    case merge(StepTarget, JSONMergePatch)
    case require(StepTarget, CompiledSchema)
    case run(StepTarget, StepProgram)
}

/// A step out of a file, in one direction.
struct OwnStep: MigrationStep {
    let from: Int
    let to: Int
    let name: String
    let digest: Digest
    let operations: [StepOperation]
    var isOwn: Bool { true }

    func apply(to state: inout MigrationState) throws(StoreError) {
        for (index, operation) in operations.enumerated() {
            do throws(StoreError) {
                try apply(operation, to: &state)
            } catch {
                var located = error
                located.message =
                    "step \(name), operation \(index + 1)\(from > to ? " of the way back" : ""): "
                    + error.message
                throw located
            }
        }
    }

    private func apply(
        _ operation: StepOperation, to state: inout MigrationState
    ) throws(StoreError) {
        switch operation {
        case .rename(let source, let target):
            let (place, newPlace) = try state.places(source, target)
            try state.move(place, to: newPlace)
        case .copy(let source, let target):
            let (place, newPlace) = try state.places(source, target)
            guard let document = try state.document(place) else { throw .noSuchDocument(place) }
            try state.create(newPlace, document.bytes, mode: document.mode, layout: to)
        case .delete(let target):
            for document in try target.documents(in: state) { state.remove(document) }
        case .patch(let target, let patch):
            try rewrite(target, in: &state) { bytes, document throws(StoreError) in
                do throws(JSONPatchError) {
                    return try patch.apply(to: bytes)
                } catch {
                    throw StoreError(error, document: document)
                }
            }
        case .merge(let target, let patch):
            try rewrite(target, in: &state) { bytes, document throws(StoreError) in
                do throws(JSONPatchError) {
                    return try patch.apply(to: bytes)
                } catch {
                    throw StoreError(error, document: document)
                }
            }
        case .require(let target, let schema):
            for document in try target.documents(in: state) {
                try requireFit(of: document, to: schema, in: state)
            }
        case .run(let target, let program):
            try rewrite(target, in: &state) { bytes, document throws(StoreError) in
                try program.run(on: bytes, of: document)
            }
        }
    }

    /// New contents for documents, which stay packed and sealed if they are.
    private func rewrite(
        _ target: StepTarget, in state: inout MigrationState,
        _ edit: (_ bytes: [UInt8], _ document: StorePath) throws(StoreError) -> [UInt8]
    ) throws(StoreError) {
        for place in try target.documents(in: state) {
            let bytes = try state.content(at: place)
            let judgement = SealScanner.judge(bytes)
            try judgement.requireIntact(place)
            var edited = try edit(bytes, place)
            if case .sealed(let seal) = judgement, seal.statedChecksum != nil {
                edited = SealedDocument.resealed(edited)
            }
            if place.isPacked { edited = try PackedDocument.packReadably(edited, of: place) }
            try state.put(place, edited, layout: to)
        }
    }

    private func requireFit(
        of document: StorePath, to schema: CompiledSchema, in state: MigrationState
    ) throws(StoreError) {
        let json = try MigrationState.parse(state.content(at: document), of: document)
        guard let violation = schema.validate(json, maximumViolations: 1).first else { return }
        let pointer = state.profile.secrecy(of: document).redacted(violation.instanceLocation)
        throw StoreError(
            .invalidData, code: "schema-mismatch",
            "\(document.text) at \"\(pointer.description)\": \(violation.message)",
            hint: "the step requires it; nothing was changed", document: document)
    }
}

extension MigrationState {
    /// Where a document lies: under its own name, or packed; nil where it does not.
    fileprivate func place(of document: StorePath) -> StorePath? {
        if exists(document) { return document }
        return document.packedForm.flatMap { exists($0) ? $0 : nil }
    }

    /// Where a document lies, and where it is to lie: packed if it is.
    fileprivate func places(
        _ source: StorePath, _ target: StorePath
    ) throws(StoreError) -> (source: StorePath, target: StorePath) {
        guard let place = place(of: source) else { throw .noSuchDocument(source) }
        if let taken = self.place(of: target) { throw .migrationTargetExists(taken) }
        guard place != source else { return (source, target) }
        return (place, target.packedForm ?? target)
    }

    /// Unpacked where it is packed.
    fileprivate func content(at place: StorePath) throws(StoreError) -> [UInt8] {
        guard let bytes = try bytes(place) else { throw .noSuchDocument(place) }
        return place.isPacked ? try PackedDocument.unpack(bytes, of: place) : bytes
    }
}
