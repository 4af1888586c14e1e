import CProfiles
import LosslessJSON
import StoreFiles
import StoreTestSupport
import Testing

@testable import CanIFlyStore

struct RepairKnowledgeTests {
    @Test("the descriptions of the game's data are known by their places")
    func describedFiles() throws {
        let documents = try DocumentSet(sample: "0.5.0")
        let described = Profile.canifly.describedFiles(layout: 4, documents: documents.names) {
            documents.contents[$0]
        }
        #expect(
            described.map(\.file.text) == [
                "config/fuzzworks/invTypes.csv", "config/fuzzworks/mapSolarSystems.csv",
            ])
        #expect(described.map(\.pointer.description) == ["/inv_types", "/solar_systems"])
    }

    @Test("the client secret and its key go together")
    func companions() {
        let companions = { (name: String, layout: Int) in
            Profile.canifly.companions(of: StorePath(unchecked: name), layout: layout).map(\.text)
        }
        #expect(companions("secret.key", 4) == ["config.json"])
        #expect(companions("config.json", 3) == ["secret.key"])
        #expect(companions("config.json", 2) == [])
        #expect(companions("accounts.json", 4) == [])
    }

    @Test("only plans have lines to mend")
    func planProblems() {
        let problems = { (name: String, text: String) in
            Profile.canifly.planProblems(
                of: StorePath(unchecked: name), bytes: Array(text.utf8), layout: 4)
        }
        #expect(problems("plans/a.txt", "A 1\nB IV\n")?.map(\.line) == [2])
        #expect(problems("plans/a.txt", "A 1") == [])
        #expect(problems("a.txt", "A") == nil)
    }
}

/// No content may crash, hang or confuse the checks, whatever it is.
struct HostileContentTests {
    private func check(_ name: StorePath, _ bytes: [UInt8]) {
        let profile = Profile.canifly
        for finding in profile.checkContent(of: name, bytes: bytes, layout: 4) {
            if let offset = finding.offset { #expect((0...bytes.count).contains(offset)) }
        }
        _ = profile.checkExpiry(
            of: name, bytes: bytes, layout: 4, now: Fixtures.sampleClock)
    }

    @Test("documents of the sample cut short anywhere are survived and, if JSON, found out")
    func truncations() throws {
        let documents = try DocumentSet(sample: "0.5.0")
        for (name, bytes) in documents.contents {
            for step in 1..<40 {
                let cut = Array(bytes.prefix(bytes.count * step / 40))
                check(name, cut)
                if name.text.hasSuffix(".json") {
                    let findings = Profile.canifly.checkContent(of: name, bytes: cut, layout: 4)
                    #expect(!findings.isEmpty, "\(name) cut at \(cut.count)")
                }
            }
        }
    }

    @Test("thousands of random edits of the sample are survived, in content and relations")
    func mutations() throws {
        var generator = SeededGenerator(seed: 20_261_101)
        let pristine = try DocumentSet(sample: "0.5.0")
        let interesting = Array("\"\\,{}[]:0-\n\r# \u{FF}".utf8) + [0, 0xFF, 0xC3]
        for round in 0..<300 {
            var documents = pristine
            for name in pristine.names where pristine.contents[name]?.isEmpty == false {
                var bytes = pristine.contents[name] ?? []
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[place] = interesting.randomElement(using: &generator) ?? 0
                }
                documents.contents[name] = bytes
                if bytes.count < 10_000 { check(name, bytes) }
            }
            if round.isMultiple(of: 10) {
                _ = documents.relationFindings(layout: 4)
                _ = Profile.canifly.leftBehindReports(layout: 4, documents: documents.names) {
                    documents.contents[$0]
                }
            }
        }
    }

    @Test("random edits of a profile are refused with a place, or make another profile")
    func profileMutations() {
        var generator = SeededGenerator(seed: 7)
        let pristine = Array(
            UnsafeRawBufferPointer(
                start: canifly_profile_text(), count: canifly_profile_byte_count()))
        let interesting = Array("\"\\,{}[]:0/*#a".utf8)
        for _ in 0..<300 {
            var bytes = pristine
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[place] = interesting.randomElement(using: &generator) ?? 0
            do throws(ProfileError) {
                _ = try Profile(parsing: bytes)
            } catch {
                #expect((0...bytes.count).contains(error.offset))
            }
        }
    }

    @Test("a pattern full of wildcards visits each value once")
    func wildcards() throws {
        let text =
            String(repeating: "{\"a\": [", count: 200) + "1" + String(repeating: "]}", count: 200)
        let document = try JSONDocument(Array(text.utf8))
        let count = { (pattern: String) throws in
            try #require(PointerPattern(pattern)).matches(in: document).count
        }
        #expect(try count("/**") == 401)
        #expect(try count("/**/**/a/**/**/0/**/**") == 399)
        #expect(try count("/**/a/**/nothing") == 0)
        #expect(try count("/A/0/a/0") == 1)
    }
}
