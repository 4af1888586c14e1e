import CanIFlyStore
import Foundation
import StoreCommands
import Testing

@Suite("The documentation")
struct DocumentationTests {
    @Test(
        "of the commands is what the table says",
        arguments: [("man", "canifly-store.1"), ("markdown", "commands.md")])
    func upToDate(option: String, file: String) throws {
        let made = TestProgram().run("help", "--\(option)").output
        let kept = try String(
            contentsOf: packageFolder.appending(path: "docs/\(file)"), encoding: .utf8)
        #expect(
            made == kept,
            "write docs/\(file) anew with: canifly-store help --\(option) > docs/\(file)")
    }

    @Test("as a manual page has no mistakes that groff or mandoc would find")
    func manualPage() throws {
        let page = TestProgram().run("help", "--man").output
        if let groff = installedProgram("groff") {
            let outcome = try runProgram(groff, ["-ww", "-man", "-Tutf8", "-z"], input: page)
            #expect(outcome.error.isEmpty)
        }
        if let mandoc = installedProgram("mandoc") {
            let outcome = try runProgram(mandoc, ["-Tlint", "-Wwarning"], input: page)
            #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)")
        }
    }

    /// Whole command lines in the text and the tables of every page, without those that leave
    /// something out. A long one may go on in the next line.
    private static func commandLines(of page: String) throws -> [String] {
        let text = try String(
            contentsOf: packageFolder.appending(path: page), encoding: .utf8)
        let spans = text.matches(of: /`canifly-store ([^`]+)`/).map { String($0.1) }
        return spans.filter { !$0.contains("…") && !$0.contains("\n\n") }
    }

    /// All but the one that is made of the table itself.
    private static let pages: [String] = {
        let folder = packageFolder.appending(path: "docs")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
            + names.filter { $0.hasSuffix(".md") && $0 != "commands.md" }.map { "docs/\($0)" }
            .sorted()
    }()

    @Test("names no command and no option in its sentences that there is not", arguments: pages)
    func sentences(page: String) throws {
        for line in try Self.commandLines(of: page) {
            let words = line.split(whereSeparator: \.isWhitespace).map { word in
                // A placeholder for a number.
                RawArgument(word == "N" ? "1" : String(word))
            }
            do throws(StoreError) {
                _ = try ArgumentParser(.standard).parse(words)
            } catch {
                // `canifly-store help COMMAND` and the like say themselves what is missing.
                #expect(
                    error.code == "missing-argument", "`canifly-store \(line)`: \(error.message)")
            }
        }
    }

    @Test("has command lines in its sentences to look at")
    func sentencesAreFound() throws {
        let lines = try Self.pages.flatMap { try Self.commandLines(of: $0) }
        #expect(lines.count > 10, "\(lines)")
    }
}
