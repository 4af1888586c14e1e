import CanIFlyStore
import StoreFiles
import StoreTestSupport

/// Documents in memory, as the engine hands them to the layouts.
struct DocumentSet {
    var contents: [StorePath: [UInt8]] = [:]

    /// All files of a sample.
    init(sample: String) throws {
        for file in try Fixtures.files(of: sample) where file.kind == .regular {
            contents[try StorePath(bytes: file.path)] = file.bytes
        }
    }

    /// Names alone, and documents with their contents where these matter.
    init(_ names: [String] = [], texts: [String: String] = [:]) {
        for name in names { contents[StorePath(unchecked: name)] = [] }
        for (name, text) in texts { contents[StorePath(unchecked: name)] = Array(text.utf8) }
    }

    var names: [StorePath] { contents.keys.sorted() }

    subscript(name: String) -> [UInt8]? {
        get { contents[StorePath(unchecked: name)] }
        set { contents[StorePath(unchecked: name)] = newValue }
    }

    /// Replaces the first occurrence of `old`, which must be there, in a document.
    mutating func replace(_ old: String, by new: String, in name: String) {
        guard let bytes = self[name] else { preconditionFailure("there is no \(name)") }
        let old = Array(old.utf8)
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: old) }) else {
            preconditionFailure("\(name) does not hold that")
        }
        self[name] = bytes[..<start] + Array(new.utf8) + bytes[(start + old.count)...]
    }

    func peek(_ name: StorePath) -> UInt8? {
        contents[name]?.first { !" \n\r\t".utf8.contains($0) }
    }

    func recognised(by profile: Profile = .canifly) -> Recognition {
        profile.recognise(documents: names, peek: peek)
    }

    /// What is found in the content of one document.
    func contentFindings(_ name: String, layout: Int) -> [Finding] {
        Profile.canifly.checkContent(
            of: StorePath(unchecked: name), bytes: self[name] ?? [], layout: layout)
    }
}

extension Fixtures {
    /// The layout of each sample.
    static let layouts = Dictionary(
        uniqueKeysWithValues: zip(samples, 1...))
}
