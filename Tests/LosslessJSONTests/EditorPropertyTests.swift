import LosslessJSON
import Testing

@Suite("Editing made-up documents")
struct EditorPropertyTests {
    /// The places of all values in a document.
    func places(_ value: JSONValue, _ pointer: JSONPointer = .root) -> [(JSONPointer, JSONValue)] {
        var places = [(pointer, value)]
        for member in value.members {
            places += self.places(member.value, pointer.appending(member.key.stringUTF8 ?? []))
        }
        for (index, element) in value.elements.enumerated() {
            places += self.places(element, pointer.appending(index))
        }
        return places
    }

    @Test("replacing a value leaves every other byte", arguments: 20..<24)
    func replacing(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = try JSONDocument(text: "\"something else\"").root
        for _ in 0..<12 {
            let document = try JSONDocument(
                text: MadeUpValue.random(4, using: &generator).text(using: &generator))
            for (pointer, old) in places(document.root) {
                var editor = JSONEditor(document)
                try editor.replace(pointer, with: value)
                let bytes = document.bytes
                var expected = Array(bytes[..<old.range.lowerBound])
                expected += value.bytes
                expected += bytes[old.range.upperBound...]
                #expect(editor.bytes == expected)
            }
        }
    }

    @Test("removing a value leaves every other value as it is written", arguments: 30..<34)
    func removing(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<12 {
            let document = try JSONDocument(
                text: MadeUpValue.random(4, using: &generator).text(using: &generator))
            let all = places(document.root)
            for (pointer, _) in all.dropFirst() {
                var editor = JSONEditor(document)
                try editor.remove(pointer)
                let result = try JSONDocument(editor.bytes)
                let parent = try #require(pointer.parent)
                let left = try #require(parent.resolve(in: result))
                let old = try #require(parent.resolve(in: document))
                #expect(left.count == old.count - 1)
                // What is neither around nor in what was removed.
                let others = all.filter {
                    !pointer.isPrefix(of: $0.0) && !$0.0.isPrefix(of: pointer)
                }
                let inArray = old.kind == .array
                for (place, value) in others where !(inArray && parent.isPrefix(of: place)) {
                    #expect(place.resolve(in: result).map { text($0.bytes) } == text(value.bytes))
                }
            }
        }
    }

    @Test("adding a value and removing it gives the same document", arguments: 40..<44)
    func adding(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<12 {
            let document = try JSONDocument(
                text: MadeUpValue.random(4, using: &generator).text(using: &generator))
            let value = try JSONDocument(
                text: MadeUpValue.random(3, using: &generator).text(using: &generator))
            for (pointer, container) in places(document.root) {
                let targets: [JSONPointer] =
                    switch container.kind {
                    case .object: [pointer.appending("new")]
                    case .array: (0...container.count).map { pointer.appending($0) }
                    default: []
                    }
                for target in targets {
                    var editor = JSONEditor(document)
                    try editor.add(target, value.root)
                    let added = try JSONDocument(editor.bytes)
                    let isThere = target.resolve(in: added)?.isWrittenLike(value.root)
                    #expect(isThere == true)
                    try editor.remove(target)
                    let removed = try JSONDocument(editor.bytes)
                    #expect(removed.root.isWrittenLike(document.root))
                    #expect(minify(removed.bytes) == minify(document.bytes))
                }
            }
        }
    }
}
