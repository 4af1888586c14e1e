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
            guard state.exists(path) else { throw .noSuchDocument(path) }
            return [path]
        case .pattern(let pattern): return state.documents(matching: pattern)
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
        case .rename(let source, let target): try state.move(source, to: target)
        case .copy(let source, let target):
            guard let document = try state.document(source) else {
                throw .noSuchDocument(source)
            }
            try state.create(target, document.bytes, mode: document.mode, layout: to)
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

    private func rewrite(
        _ target: StepTarget, in state: inout MigrationState,
        _ edit: (_ bytes: [UInt8], _ document: StorePath) throws(StoreError) -> [UInt8]
    ) throws(StoreError) {
        for document in try target.documents(in: state) {
            guard let bytes = try state.bytes(document) else { throw .noSuchDocument(document) }
            try state.put(document, edit(bytes, document), layout: to)
        }
    }

    private func requireFit(
        of document: StorePath, to schema: CompiledSchema, in state: MigrationState
    ) throws(StoreError) {
        guard let bytes = try state.bytes(document) else { throw .noSuchDocument(document) }
        let json = try MigrationState.parse(bytes, of: document)
        guard let violation = schema.validate(json, maximumViolations: 1).first else { return }
        let pointer = state.profile.secrecy(of: document).redacted(violation.instanceLocation)
        throw StoreError(
            .invalidData, code: "schema-mismatch",
            "\(document.text) at \"\(pointer.description)\": \(violation.message)",
            hint: "the step requires it; nothing was changed", document: document)
    }
}
