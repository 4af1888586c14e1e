internal import StoreCodecs

/// The steps between CanIFly's layouts.
enum CanIFlySteps {
    static let all: [any MigrationStep] = [
        CarriedStep(from: 0, to: 1, revision: 1) { state throws(StoreError) in
            // Encrypted with a key that nobody has. Later versions never read it.
            for identity in state.documents(matching: CanIFlyDocuments.identities) {
                try state.keep(identity, layout: 0)
            }
        },
        CarriedStep(from: 1, to: 2, revision: 1, Layout1To2.apply),
        CarriedStep(from: 2, to: 3, revision: 1, Layout2To3.apply),
        CarriedStep(from: 3, to: 4, revision: 1) { state throws(StoreError) in
            try state.bringBack(CanIFlyDocuments.Layout4.loginStates, layout: 4)
            try state.bringBack(CanIFlyDocuments.Layout4.sessions, layout: 4)
        },
        CarriedStep(from: 4, to: 3, revision: 1) { state throws(StoreError) in
            try state.keep(CanIFlyDocuments.Layout4.loginStates, layout: 4)
            try state.keep(CanIFlyDocuments.Layout4.sessions, layout: 4)
        },
        CarriedStep(from: 3, to: 2, revision: 1, Layout3To2.apply),
        CarriedStep(from: 2, to: 1, revision: 1, Layout2To1.apply),
    ]
}

/// A step that this program carries.
struct CarriedStep: MigrationStep {
    let from: Int
    let to: Int
    let name: String
    let digest: Digest
    var isOwn: Bool { false }
    private let body: @Sendable (inout MigrationState) throws(StoreError) -> Void

    /// - Parameter revision: counted up when what the step does changes.
    init(
        from: Int, to: Int, revision: Int,
        _ body: @escaping @Sendable (inout MigrationState) throws(StoreError) -> Void
    ) {
        self.from = from
        self.to = to
        name = "canifly \(from) to \(to)"
        digest = Digest.of(Array("\(name), revision \(revision)".utf8))
        self.body = body
    }

    func apply(to state: inout MigrationState) throws(StoreError) { try body(&state) }
}
