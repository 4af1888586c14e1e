package import CanIFlyStore

/// What a finding's code means to the one who reads it.
package struct Explanation: Sendable {
    /// What has been found, in a sentence.
    package var meaning: String
    /// What it does to the application or its user.
    package var consequence: String
    /// What to do, the most likely first.
    package var steps: [Step]

    package struct Step: Sendable {
        /// What to do, in a sentence.
        package var text: String
        /// The command line for it, without the program's name; empty where no command does it.
        package var command: String
        package init(_ text: String, _ command: String = "") {
            self.text = text
            self.command = command
        }
    }

    init(_ meaning: String, _ consequence: String, _ steps: [Step]) {
        self.meaning = meaning
        self.consequence = consequence
        self.steps = steps
    }
}

/// One for each code: a code that is added without its explanation does not compile.
package func explanation(of code: FindingCode) -> Explanation {
    switch code {
    case .jsonMalformed, .jsonTruncated, .jsonTrailing, .jsonDuplicateKey, .jsonTooDeep,
        .textInvalidUTF8, .empty, .nulBytes:
        explanationOfContent(code)
    case .digestMismatch, .checksumMismatch, .schemaMismatch, .schemaNewer, .relationBroken,
        .metadataMismatch, .gzipCorrupt, .gzipBomb, .packedTwice, .expired:
        explanationOfMeaning(code)
    case .missing, .unreadable, .notRegular, .nameUnsafe, .secretExposed, .leftoverTemporary,
        .lockStale, .lockEmpty, .layoutLeftBehind, .changed, .untracked:
        explanationOfFile(code)
    case .logPending, .logTorn, .logCorrupt, .catalogTorn, .catalogCorrupt, .indexCorrupt,
        .historyMissing, .historyCorrupt:
        explanationOfRecords(code)
    }
}

let findingCodeNames = FindingCode.allCases.map(\.rawValue)

/// The ways back to good contents, which most damage has in common.
let restoringSteps: [Explanation.Step] = [
    Explanation.Step("Let the program take the best good copy that there is.", "repair"),
    Explanation.Step("See which earlier contents there are.", "log DOCUMENT"),
    Explanation.Step("Look at an earlier one.", "get DOCUMENT --at N"),
    Explanation.Step("Go back to it.", "restore DOCUMENT --at N"),
]
