package import StoreFiles

/// Which documents a command's patterns mean.
package struct NameFilter {
    private let patterns: [NamePattern]

    /// - Throws: `usage` for a malformed pattern.
    package init(_ texts: [String]) throws(StoreError) {
        var patterns: [NamePattern] = []
        for text in texts {
            guard let pattern = NamePattern(text) else {
                throw StoreError(
                    .usage, code: "pattern-malformed",
                    "\(escapedForTerminal(text.utf8)) is no pattern",
                    hint: "use *, ** and ? as in a shell, quoted")
            }
            patterns.append(pattern)
        }
        self.patterns = patterns
    }

    /// With no patterns, all. A packed document goes by its plain name as well.
    package func includes(_ path: StorePath) -> Bool {
        patterns.isEmpty
            || patterns.contains { $0.matches(path.text) || $0.matches(path.plainForm.text) }
    }
}
