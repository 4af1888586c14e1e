internal import CanIFlyStore

/// Codes about the store's own records, in .canifly-store/.
func explanationOfRecords(_ code: FindingCode) -> Explanation {
    switch code {
    case .logPending:
        Explanation(
            "A transaction was committed and not finished: the command was stopped after the moment "
                + "from which it counts.",
            "None for this program, which shows the documents as they will be. The application would "
                + "see some of the old ones until the transaction is finished.",
            [
                Explanation.Step(
                    "Finish it: any command that writes does so first, init among them.", "init")
            ])
    case .logTorn:
        Explanation(
            "The log ends in an incomplete record: a command was stopped before its transaction "
                + "counted.",
            "None: nothing of it was done. The next command that writes cuts the torn end off.",
            [Explanation.Step("Cut it off now.", "init")])
    case .logCorrupt:
        Explanation(
            "The log has a bad record with good ones after it. A crash does not leave that behind: it "
                + "was damaged.",
            "Transactions in it may not have reached the documents. Commands that write refuse until "
                + "it is settled, so that nothing is lost.",
            [
                Explanation.Step(
                    "Set the damaged log aside and finish what can be read.", "repair"),
                Explanation.Step("Look at the disk's health with smartctl or dmesg."),
            ])
    case .catalogTorn:
        Explanation(
            "The catalog, which remembers how each document was recorded, ends in an incomplete line.",
            "None: a command was stopped while writing it, and the next one that writes completes it.",
            [Explanation.Step("Complete it now.", "init")])
    case .catalogCorrupt:
        Explanation(
            "The catalog, which remembers how each document was recorded, is damaged.",
            "Documents that it does not tell of count as never recorded; their damage could then not be "
                + "told from change. The documents themselves are not touched by this.",
            [
                Explanation.Step("Rebuild it, and learn what it could not know.", "repair"),
                Explanation.Step("Look at the disk's health with smartctl or dmesg."),
            ])
    case .indexCorrupt:
        Explanation(
            "The catalog's index, by which the history of one document is found quickly, does not fit: "
                + "the machine lost power before it was on the disk, or the disk changed it.",
            "None: nothing of it is believed, and the catalog is read instead.",
            [Explanation.Step("Make it anew.", "repair")])
    case .historyMissing:
        Explanation(
            "The history tells of contents that it ought to keep, and they are not there.",
            "That state of the document cannot be shown or restored. The documents themselves are "
                + "not touched by this.",
            [
                Explanation.Step(
                    "Record the present state, so that it at least is kept.", "snapshot"),
                Explanation.Step("Take a backup.", "backup FILE"),
                Explanation.Step("Look at the disk's health with smartctl or dmesg."),
            ])
    case .historyCorrupt:
        Explanation(
            "Contents that the history keeps do not have the digest under which they were kept, or "
                + "another record of a transaction has changed: the disk did it.",
            "That state of the document cannot be restored; it is never given out as good. Where "
                + "no document is named, nothing is lost yet.",
            [
                Explanation.Step("Set the damaged contents aside.", "repair"),
                Explanation.Step(
                    "Record the present state, so that it at least is kept.", "snapshot"),
                Explanation.Step("Look at the disk's health with smartctl or dmesg."),
            ])
    default: preconditionFailure("not a code about records: \(code)")
    }
}
