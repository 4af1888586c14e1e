package import StoreFiles

extension StoreError {
    /// Puts an error of the operating system into the words of the store. `doing` completes the
    /// sentence "cannot …".
    package init(_ cause: Errno, cannot doing: String, document: StorePath? = nil) {
        let subject = document.map { " \($0.text)" } ?? ""
        let message = "cannot \(doing)\(subject): \(cause.description)"
        switch cause {
        case .noEntry:
            self.init(
                .notFound, code: "not-found", message, hint: "check the name, and --store",
                document: document, cause: cause)
        case .accessDenied, .notPermitted, .readOnlyFileSystem:
            self.init(
                .permission, code: "no-permission", message,
                hint: "run as the user who owns the store", document: document, cause: cause)
        case .noSpace, .quotaExceeded:
            self.init(
                .inputOutput, code: "no-space", message,
                hint: "free space, then run the command again; nothing was lost",
                document: document, cause: cause)
        case .tooManyLinks, .crossDevice, .notDirectory:
            self.init(
                .invalidData, code: "path-unsafe",
                "\(message) (a symbolic link or something that is no directory lies on the way)",
                hint: "name a document by its path inside the store, without links",
                document: document, cause: cause)
        default:
            self.init(
                .inputOutput, code: "input-output", message,
                hint: "look at the disk and the kernel's log, then run the command again",
                document: document, cause: cause)
        }
    }
}
