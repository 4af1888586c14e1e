/// The program's version (Semantic Versioning).
package let programVersion = "0.1.0"
/// When this version was made: for the manual page.
let releaseDate = "2026-11-23"

/// `--version`, as the table's commands are; it is an option and stands in no table.
let versionCommand = CommandDefinition(
    name: "version", effect: .none, summary: "Show the version", description: [], examples: [],
    outputIsData: true,
    run: { _ in VersionReport() })

private struct VersionReport: Report {
    var json: ReportJSON { .object(["version": .string(programVersion)]) }
    func draw(on screen: inout Screen) { screen.line("canifly-store \(programVersion)") }
}
