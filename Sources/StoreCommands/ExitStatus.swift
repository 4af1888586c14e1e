package import CanIFlyStore

/// How the program ends, by the numbers of `sysexits.h` where it has one.
package struct ExitStatus: Sendable, Hashable {
    package let code: Int32
    private init(_ code: Int32) { self.code = code }

    /// Done, nothing wrong.
    package static let success = ExitStatus(0)
    /// Done, and something asks for attention.
    package static let attention = ExitStatus(1)
    package static let usage = ExitStatus(64)
    package static let invalidData = ExitStatus(65)
    package static let notFound = ExitStatus(66)
    package static let internalError = ExitStatus(70)
    package static let cannotCreate = ExitStatus(73)
    package static let inputOutput = ExitStatus(74)
    package static let tryAgain = ExitStatus(75)
    package static let permission = ExitStatus(77)
    package static let configuration = ExitStatus(78)

    /// Ended by a signal, as shells report it.
    package static func signal(_ number: Int32) -> ExitStatus { ExitStatus(128 + number) }
    /// What the command under `lock run` ended with.
    package static func passedOn(_ code: Int32) -> ExitStatus { ExitStatus(code) }

    /// The one place where an error becomes an exit status.
    package init(_ error: StoreError) {
        switch error.kind {
        case .usage: self = .usage
        case .invalidData: self = .invalidData
        case .notFound: self = .notFound
        case .cannotCreate: self = .cannotCreate
        case .inputOutput: self = .inputOutput
        case .busy, .conflict: self = .tryAgain
        case .permission: self = .permission
        case .configuration: self = .configuration
        case .interrupted: self = .signal(error.signal ?? 2)
        case .internalError: self = .internalError
        }
    }

    /// Every status that is always the same number, with what it means: for help and the manual.
    package static let table: [(status: ExitStatus, meaning: String)] = [
        (.success, "done, nothing wrong"),
        (
            .attention,
            "done, and something asks for attention (warnings under --strict, for one)"
        ),
        (.usage, "wrong usage"),
        (.invalidData, "damaged or invalid data, or an unsafe document name"),
        (.notFound, "no such store, document, transaction, pointer or file"),
        (.internalError, "a bug in this program"),
        (.cannotCreate, "an output file cannot be created"),
        (.inputOutput, "input or output failed, a full disk included"),
        (.tryAgain, "busy or in conflict: try again"),
        (.permission, "no permission"),
        (.configuration, "the configuration is wrong, or the store is newer than this program"),
    ]
}
