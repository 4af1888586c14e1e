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
}
