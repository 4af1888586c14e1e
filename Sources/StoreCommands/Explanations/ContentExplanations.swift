internal import CanIFlyStore

/// Codes about what a document's bytes are.
func explanationOfContent(_ code: FindingCode) -> Explanation {
    switch code {
    case .jsonMalformed:
        Explanation(
            "A byte stands where JSON allows no such byte: a comma too many, a comment, a bare word, "
                + "NaN, a byte order mark. The place is the first such byte.",
            "The application cannot read the document. Depending on the document it refuses to "
                + "work, or takes it for empty and overwrites it at its next save.",
            [Explanation.Step("If you edited it by hand, mend the place that verify names.")]
                + restoringSteps)
    case .jsonTruncated:
        Explanation(
            "The document ends in the middle of a value. It was cut short: by a crash or a full disk "
                + "while it was written.",
            "The application cannot read it, and what stood behind the cut is not in this file "
                + "any more.",
            restoringSteps)
    case .jsonTrailing:
        Explanation(
            "The JSON value is complete, and something other than white space follows it: as when a "
                + "shorter document was written over a longer one, or two were joined.",
            "The application cannot read the document, though the first value in it may be whole.",
            restoringSteps)
    case .jsonDuplicateKey:
        Explanation(
            "An object has the same key twice. JSON does not say which one counts.",
            "The application silently keeps the last, and the other is gone at its next save; "
                + "other programs may keep the first.",
            [
                Explanation.Step("Decide which one is right, and remove the other in an editor."),
                Explanation.Step("Or go back to contents without it.", "log DOCUMENT"),
            ])
    case .jsonTooDeep:
        Explanation(
            "Arrays and objects are nested more than 512 deep. No document of an application is; a "
                + "broken or hostile program made it.",
            "Reading such a document can exhaust the memory of a program that is less careful.",
            restoringSteps)
    case .textInvalidUTF8:
        Explanation(
            "The document ought to be text in UTF-8, and has bytes that are none.",
            "The application replaces each such byte by a replacement character, and saves it so: the "
                + "original letters are lost at its next save.",
            [
                Explanation.Step(
                    "If it was written in another encoding, convert it with iconv and put it back.",
                    "put DOCUMENT FILE")
            ] + restoringSteps)
    case .empty:
        Explanation(
            "The document has no bytes. After a power cut a file can have its new name and not yet "
                + "its contents.",
            "CanIFly 0.1.0 and later take an empty document for an error that does not go away by "
                + "itself; an empty document is not the same as none.",
            restoringSteps + [
                Explanation.Step(
                    "If it was never recorded, remove it: the application starts without it.",
                    "delete DOCUMENT")
            ])
    case .nulBytes:
        Explanation(
            "From some place on the document is nothing but NUL bytes: its size had reached the disk "
                + "before its contents when the power went.",
            "The application cannot read it; what the NUL bytes stand in for is lost here.",
            restoringSteps)
    default: preconditionFailure("not a code about content: \(code)")
    }
}
