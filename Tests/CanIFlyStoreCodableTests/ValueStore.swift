import CanIFlyStore
import CanIFlyStoreCodable
import StoreFiles
import StoreTestSupport

/// A store on a simulated disk.
struct ValueStore {
    let disk = SimulatedDisk()
    let store: Store

    init(_ documents: [String: String] = [:]) throws {
        disk.placeDirectory(at: "/store", mode: .privateDirectory)
        for (name, text) in documents {
            disk.place(Array(text.utf8), at: "/store/\(name)", mode: FileMode(0o644))
        }
        store = try Store.open(at: "/store", system: disk.process(91))
    }

    /// A document as it lies there; nil where there is none.
    func bytes(_ name: String) -> [UInt8]? { disk.contents(at: "/store/\(name)") }

    func text(_ name: String) -> String? {
        bytes(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What another program does.
    func place(_ name: String, _ text: String) {
        disk.place(Array(text.utf8), at: "/store/\(name)", mode: FileMode(0o644))
    }

    func transactions() throws -> Int { try store.history().count }
}

/// The code of the error that `body` throws; nil where it throws none.
func code(of body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as StoreError {
        return error.code
    } catch {
        return "\(error)"
    }
}

struct Account: Codable, Equatable, Sendable {
    var id: Int64
    var name: String
    var characters: [Character]?

    struct Character: Codable, Equatable, Sendable {
        var id: Int64
        var name: String
    }
}
