import CanIFlyStore
import StoreCodecs
import StoreFiles
import StoreTestSupport

/// A store on a simulated disk, for the tests of sealed and packed documents, compaction and backups.
struct FormStore {
    let disk = SimulatedDisk()
    let system: SimulatedDisk
    let store: Store

    init(_ documents: [String: String] = [:], environment: StoreEnvironment = .init()) throws {
        disk.placeDirectory(at: "/store", mode: .privateDirectory)
        for (name, text) in documents {
            disk.place(Array(text.utf8), at: "/store/\(name)", mode: FileMode(0o644))
        }
        system = disk.process(91)
        store = try Store.open(at: "/store", system: system, environment: environment)
        _ = try store.initialize(profile: .recognise, WriteOptions(command: "init"))
    }

    func path(_ name: String) -> StorePath { StorePath(unchecked: name) }

    @discardableResult
    func put(
        _ name: String, _ text: String, seals: Bool = false, version: Int? = nil,
        packs: Bool = false
    ) throws -> WriteReport {
        var request = PutRequest(document: path(name), bytes: Array(text.utf8))
        request.seals = seals
        request.schemaVersion = version
        request.packs = packs
        return try store.put(request, WriteOptions(command: "put"))
    }

    func patch(_ name: String, _ patch: String) throws {
        _ = try store.apply(
            [(1, .patch(document: path(name), patch: Array(patch.utf8)))],
            WriteOptions(command: "patch"))
    }

    func get(_ name: String, at number: UInt64? = nil) throws -> String {
        String(
            decoding: try store.content(
                of: path(name), at: number.map { .transaction($0) }), as: UTF8.self)
    }

    func bytes(_ name: String) -> [UInt8]? { disk.contents(at: "/store/\(name)") }

    func place(_ name: String, _ bytes: [UInt8]) {
        disk.place(bytes, at: "/store/\(name)", mode: FileMode(0o644))
    }

    func findings(isDeep: Bool = false) throws -> [Finding] {
        var request = VerifyRequest()
        request.isDeep = isDeep
        return try store.verify(request).findings
    }

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
}
