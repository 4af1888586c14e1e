import Foundation
import StoreCommands
import StoreTestSupport
import Testing

@Suite("repair")
struct RepairCommandTests {
    @Test("says under its steps what will still be wrong, and not what goes with a damaged file")
    func remaining() throws {
        let store = try ScratchStore(sample: "0.5.0")
        let csv = "config/fuzzworks/invTypes.csv"
        try store.write(csv, try store.read(csv) + "rot\n")
        try store.write("sessions.json", "")
        let foreseen = store.run("repair", "--dry-run")
        #expect(foreseen.status == 65)
        let parts = foreseen.output.components(separatedBy: "\nWould remain:\n\n")
        try #require(parts.count == 2, "\(foreseen.output)")
        #expect(parts[0].contains("\(csv): set aside\n"))
        #expect(parts[1].hasPrefix("sessions.json\n") && !parts[1].contains(csv))
        let done = store.run("repair", "--yes")
        #expect(done.status == 0)
        #expect(done.output.contains("\nWhat remains:\n\nsessions.json\n"), "\(done.output)")
        // Without a step there is no heading.
        #expect(!store.run("repair", "--yes").output.contains("remain"))
    }
}
