import CanIFlyStore
import Foundation
import StoreFiles
import Testing

/// The sample directories of the application, one for each layout. Tests that need them are skipped
/// where they are not to be had.
enum SampleLayouts {
    static let layoutNumbers = ["0.0.42": 1, "0.0.58": 2, "0.1.5": 3, "0.5.0": 4]
    static let versions = layoutNumbers.keys.sorted()

    /// `$CANIFLY_STORE_LAYOUTS`, else the package's own fixtures, else `shared/canifly/layouts`
    /// beside the package's folder or one above it.
    static let root: String? = {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let beside = package.deletingLastPathComponent()
        let places: [String?] = [
            ProcessInfo.processInfo.environment["CANIFLY_STORE_LAYOUTS"],
            package.appending(path: "Tests/Fixtures/layouts").path,
            beside.appending(path: "shared/canifly/layouts").path,
            beside.deletingLastPathComponent().appending(path: "shared/canifly/layouts").path,
        ]
        return places.compactMap { $0 }.first {
            FileManager.default.fileExists(atPath: $0 + "/0.0.42")
        }
    }()

    static var areThere: Bool { root != nil }
}

/// Documents in memory, as the engine hands them to the layouts.
struct DocumentSet {
    var contents: [StorePath: [UInt8]] = [:]

    /// All files of a sample.
    init(sample version: String) throws {
        let root = URL(fileURLWithPath: try #require(SampleLayouts.root)).appending(path: version)
        let files = FileManager.default.enumerator(
            at: root, includingPropertiesForKeys: [.isRegularFileKey])
        while let file = files?.nextObject() as? URL {
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
                continue
            }
            let name = String(file.path.dropFirst(root.path.count + 1))
            contents[StorePath(unchecked: name)] = [UInt8](try Data(contentsOf: file))
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

    func peek(_ name: StorePath) -> UInt8? {
        contents[name]?.first { !" \n\r\t".utf8.contains($0) }
    }

    func recognised(by profile: Profile = .canifly) -> Recognition {
        profile.recognise(documents: names, peek: peek)
    }
}
