public import StoreFiles

extension Profile {
    /// Whether others on the machine can read or write a document that holds secrets.
    ///
    /// A mode that the application gives at each save is advice and no sign of damage, since one set
    /// by hand lasts until the next save only; the mode of the directory lasts.
    ///
    /// - Parameters:
    ///   - mode: of the document.
    ///   - directoryMode: of the store's directory. Who cannot pass through it reaches nothing.
    public func checkExposure(
        of document: StorePath, mode: FileMode, directoryMode: FileMode, layout: Int?
    ) -> Finding? {
        guard let rule = rule(for: document, layout: layout), rule.holdsSecrets else { return nil }
        let groupBits: UInt16 = directoryMode.bits & 0o010 != 0 ? 0o060 : 0
        let otherBits: UInt16 = directoryMode.bits & 0o001 != 0 ? 0o006 : 0
        let exposed = mode.bits & (groupBits | otherBits)
        guard exposed != 0 else { return nil }
        let who = exposed & 0o006 != 0 ? "everybody on this machine" : "the group of its file"
        let what =
            "mode \(mode.octal) lets \(who) \(exposed & 0o044 != 0 ? "read" : "write") secrets"
        if let layout, rule.layout < layout {
            return Finding(
                .secretExposed, .warning, document: document.text,
                detail: "\(what); the application no longer uses the document",
                remedy: "canifly-store migrate --left-behind, or chmod 600")
        }
        if exposed & ~rule.mode.bits == 0 {
            return Finding(
                .secretExposed, .info, document: document.text,
                detail: "\(what); the application gives it that mode at every save",
                remedy: "chmod 700 on the store's directory")
        }
        return Finding(
            .secretExposed, .warning, document: document.text,
            detail: "\(what); the application gives it mode \(rule.mode.octal)",
            remedy:
                "chmod \(String(rule.mode.bits, radix: 8)), and chmod 700 on the store's directory")
    }
}
