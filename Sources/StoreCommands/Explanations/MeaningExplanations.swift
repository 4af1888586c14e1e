internal import CanIFlyStore

/// Codes about what a document's contents say.
func explanationOfMeaning(_ code: FindingCode) -> Explanation {
    switch code {
    case .digestMismatch:
        Explanation(
            "The file has the size, modification time and inode that were recorded, and other "
                + "contents. No program writes so: the disk, its controller or the memory changed it.",
            "Where one bit has flipped, others may follow. What the document says now is not what "
                + "anybody wrote.",
            restoringSteps + [
                Explanation.Step("Look at the disk's health with smartctl or dmesg."),
                Explanation.Step("Check whatever else this disk holds."),
            ])
    case .checksumMismatch:
        Explanation(
            "The document carries the SHA-256 of its own data, and the data has another one.",
            "It was damaged, or edited by a program that did not make a new checksum. The data "
                + "cannot be trusted until you know which.",
            [
                Explanation.Step(
                    "If the edit was yours, seal it anew.", "put DOCUMENT FILE --seal")
            ] + restoringSteps)
    case .schemaMismatch:
        Explanation(
            "The document is well-formed and not of the shape that its layout prescribes: a member "
                + "is missing, of another type, or out of its range.",
            "The application may ignore the value, take another for it, or fail to read the "
                + "whole document.",
            [Explanation.Step("If you edited it by hand, mend the place that verify names.")]
                + restoringSteps)
    case .schemaNewer:
        Explanation(
            "The sealed document says that it is of a newer version than its profile knows.",
            "It cannot be judged. An older program that writes it would lose what it does not know.",
            [
                Explanation.Step(
                    "Use a profile that knows the version, and the program that wrote it.")
            ])
    case .relationBroken:
        Explanation(
            "Two documents, or two places of one, do not agree: something is named that is not "
                + "there, or is there twice.",
            "An error where the application never leaves it so; a note where it does in ordinary "
                + "use. The detail says which one and what follows.",
            [
                Explanation.Step("Look at both places.", "get DOCUMENT POINTER"),
                Explanation.Step("Mend it in the application where it can be done there."),
            ])
    case .metadataMismatch:
        Explanation(
            "A document that describes another, by its size or digest, describes other contents.",
            "The application downloads the Fuzzworks tables again only when their description is gone "
                + "or older: a rotten or missing table stays so, and the application may not start.",
            [
                Explanation.Step(
                    "Take its entry out of the description: the application then fetches it.",
                    "repair"),
                Explanation.Step(
                    "Or take the whole description away: it then fetches all of them.",
                    "delete config/fuzzworks/fuzzworks_metadata.json"),
            ])
    case .gzipCorrupt:
        Explanation(
            "A packed document cannot be unpacked whole: its header, data, checksum or length is "
                + "wrong, or something follows its end.",
            "What it holds can be read in part at best.",
            restoringSteps)
    case .gzipBomb:
        Explanation(
            "A packed document unpacks to far more than its size allows to expect, past the limit.",
            "A program that unpacks it without a limit runs out of memory or disk. No application "
                + "writes such a file.",
            [Explanation.Step("Find out where it comes from, and remove it.", "delete DOCUMENT")])
    case .packedTwice:
        Explanation(
            "A document lies there both plain and packed: NAME and NAME.gz.",
            "Which of them counts depends on who reads. If they differ, one of them is out of date.",
            [
                Explanation.Step("Compare them, and remove the one that is wrong.", "get DOCUMENT"),
                Explanation.Step("Remove it.", "delete DOCUMENT"),
            ])
    case .expired:
        Explanation(
            "Entries of the document have passed their time: sessions, sign-ins under way, cached "
                + "answers.",
            "None: the application drops them when it next looks. They take space, and some are "
                + "secrets.",
            [
                Explanation.Step("Nothing needs doing."),
                Explanation.Step("To drop them now:", "compact --expire"),
            ])
    default: preconditionFailure("not a code about meaning: \(code)")
    }
}
