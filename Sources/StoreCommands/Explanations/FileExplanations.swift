internal import CanIFlyStore

/// Codes about the files of a store.
func explanationOfFile(_ code: FindingCode) -> Explanation {
    switch code {
    case .missing:
        Explanation(
            "A document that was recorded is not there any more.",
            "If you or the application removed it, nothing. If not, what it held is missing; the "
                + "history still has its recorded contents.",
            [
                Explanation.Step("See its history.", "log DOCUMENT"),
                Explanation.Step("Bring it back.", "restore DOCUMENT --at N"),
                Explanation.Step("Or record that it is gone.", "snapshot"),
            ])
    case .unreadable:
        Explanation(
            "The file or folder cannot be read: no permission, the disk fails to deliver it, or it "
                + "claims to be longer than the 1 GiB that a document may have.",
            "It could not be checked, and the application may fail to read it too.",
            [
                Explanation.Step("Look at its owner and mode with ls -l."),
                Explanation.Step(
                    "On an input/output error save what can be saved: the disk is failing."),
                Explanation.Step("Move what is too long out of the store."),
            ] + restoringSteps)
    case .notRegular:
        Explanation(
            "Where a document should be lies something else: a symbolic link, a folder, a FIFO, a "
                + "device.",
            "This program follows no links inside a store. The application replaces a link by a "
                + "plain file at its next save, and what the link pointed to goes stale.",
            [Explanation.Step("Put a plain file in its place.", "put DOCUMENT FILE")])
    case .nameUnsafe:
        Explanation(
            "A file has a name that is not UTF-8, or holds control characters or marks that reorder "
                + "text.",
            "Such a name can hide what a file is, and lead programs astray. It is not treated as a "
                + "document.",
            [Explanation.Step("Rename it; ls -b shows the name as it is.")])
    case .secretExposed:
        Explanation(
            "A document with tokens, keys or session ids can be read by other users of the machine.",
            "Who reads it can act as you. CanIFly sets the mode of most documents back to 0644 at "
                + "every save, so a tighter mode on the file does not last.",
            [
                Explanation.Step(
                    "Close the folder instead, which lasts: chmod 0700 on the store."),
                Explanation.Step(
                    "If others may have read it, sign the characters out and in again."),
            ])
    case .leftoverTemporary:
        Explanation(
            "A temporary file that some program left behind when it was stopped.",
            "None: it is never read. It takes space, and may hold a secret. Now and then it is the "
                + "only whole copy of a document that was being saved.",
            [
                Explanation.Step(
                    "Look whether the document whose name it begins with is whole.", "verify"),
                Explanation.Step("Take it into account when mending a document.", "repair"),
                Explanation.Step("Move it out of the way, once it is a day old.", "compact"),
            ])
    case .lockStale:
        Explanation(
            "A .lock lies in the store, and the process that it names is gone.",
            "None: the application and this program take such a lock over. It shows that its holder "
                + "did not end in an orderly way.",
            [
                Explanation.Step("Remove it.", "lock break"),
                Explanation.Step("See whether the holder left damage.", "verify"),
            ])
    case .lockEmpty:
        Explanation(
            "A .lock lies in the store with no process number in it: the application was stopped "
                + "between making and filling it.",
            "The application refuses to start, for ever.",
            [
                Explanation.Step(
                    "Make sure that the application does not run; pgrep canifly tells."),
                Explanation.Step("Remove the lock.", "lock break"),
            ])
    case .layoutLeftBehind:
        Explanation(
            "Documents of an older version of the application lie beside those of the newer one, "
                + "which never looks at them.",
            "They often hold the only copy of accounts that the upgrade dropped in silence, and "
                + "they hold every token, readable to all users of the machine.",
            [
                Explanation.Step("See what would be carried over.", "migrate --left-behind --plan"),
                Explanation.Step("Carry it over; nothing is overwritten.", "migrate --left-behind"),
                Explanation.Step(
                    "Until then keep other users out of the folder: chmod 0700 on the store."),
            ])
    case .changed:
        Explanation(
            "The application has written the document since it was last recorded. It is well-formed "
                + "and of the right shape.",
            "None. What it says now is not in the history yet, and could not be restored.",
            [
                Explanation.Step("Nothing needs doing."),
                Explanation.Step("See what changed.", "diff DOCUMENT"),
                Explanation.Step("Record it.", "snapshot"),
            ])
    case .untracked:
        Explanation(
            "The document was never recorded.",
            "None. It has been checked for its form, but nothing is known of what it ought to be, "
                + "and it could not be restored.",
            [
                Explanation.Step("Record all documents for the first time.", "init"),
                Explanation.Step("Record it as it is now.", "snapshot"),
            ])
    default: preconditionFailure("not a code about files: \(code)")
    }
}
