import StoreCodecs
import StoreFiles
import Testing

@testable import CanIFlyStore

private let catalog = ".canifly-store/catalog"
private let index = ".canifly-store/catalog.index"
private let log = ".canifly-store/log/00000001.log"

extension DamageCase {
    /// The store's own records.
    static let ofRecords: [DamageCase] = [
        DamageCase(
            "a transaction that waits in the log", in: .generic(["a.json": "1"]),
            finds: [Place(.logPending, .warning, nil)], does: [.finishTransaction],
            .judged { store, report in
                #expect(store.read("a.json") == "2")
                #expect(report.errors.isEmpty)
            }
        ) { store in
            let before = store.bytes(catalog)!
            try store.put("a.json", "2")
            try store.overwrite(catalog, with: before)
            try store.write("a.json", "1")
        },
        DamageCase(
            "a log with a torn end", in: .generic(["a.json": "1"]),
            finds: [Place(.logTorn, .info, nil, file: log, offset: 1024)], .leftAlone
        ) { try $0.edit(log) { $0 += [UInt8](repeating: 0, count: 700) } },
        DamageCase(
            "a log whose header has a flipped bit", in: .generic(["a.json": "1"]),
            finds: [Place(.logCorrupt, .error, nil, file: log, offset: 0)], does: [.beginSegment],
            .judged { store, report in
                #expect(store.read("a.json") == "1")
                #expect(report.errors.isEmpty)
            }
        ) { try $0.flipBit(of: log, at: 20) },
        DamageCase(
            "a log with a bad record before a good one", in: .generic(["a.json": "1"]),
            finds: [
                Place(.logCorrupt, .error, nil, file: log, offset: 1024),
                Place(.changed, .info, "a.json"),
            ],
            does: [.rebuildCatalog],
            .judged { store, report in
                // Both were carried out; that the catalog forgot them costs nothing.
                #expect(store.read("a.json") == "3")
                #expect(report.errors.isEmpty)
            }
        ) { store in
            let before = store.bytes(catalog)!
            let end = store.bytes(log)!.count
            try store.put("a.json", "2")
            try store.put("a.json", "3")
            try store.overwrite(catalog, with: before)
            try store.flipBit(of: log, at: end + 40)
        },
        DamageCase(
            "a catalog with a torn end", in: .generic(["a.json": "1"]),
            finds: [Place(.catalogTorn, .info, nil, file: catalog, offset: 1536)], .leftAlone
        ) { try $0.edit(catalog) { $0 += Array("t\t3\t2026".utf8) } },
        DamageCase(
            "a catalog whose header has a flipped bit", in: .generic(["a.json": "1"]),
            finds: [Place(.catalogCorrupt, .error, nil, file: catalog, offset: 0)],
            does: [.rebuildCatalog],
            .judged { store, report in
                #expect(store.read("a.json") == "1")
                #expect(report.errors.isEmpty)
            }
        ) { try $0.flipBit(of: catalog, at: 30) },
        DamageCase(
            "a catalog that is lost", in: .generic(["a.json": "1"]),
            finds: [
                Place(.catalogCorrupt, .error, nil, file: catalog),
                Place(.untracked, .info, "a.json"),
            ],
            does: [.rebuildCatalog],
            .judged { store, report in
                #expect(store.read("a.json") == "1")
                #expect(report.errors.isEmpty)
            }
        ) { try $0.remove(catalog) },
        DamageCase(
            "a log that is lost", in: .generic(["a.json": "1"]),
            finds: [Place(.logCorrupt, .error, nil, file: log)],
            does: [.beginSegment],
            .judged { store, report in
                #expect(store.read("a.json") == "1")
                #expect(report.errors.isEmpty)
            }
        ) { try $0.remove(log) },
        DamageCase(
            "a catalog with a flipped bit", in: .generic(["a.json": "1"]),
            finds: [
                Place(.catalogCorrupt, .error, nil, file: catalog, offset: 554),
                Place(.untracked, .info, "a.json"),
            ],
            does: [.rebuildCatalog],
            .judged { store, report in
                #expect(store.read("a.json") == "1")
                #expect(report.errors.isEmpty)
                let content = try store.content("a.json", at: .transaction(2))
                #expect(content == "1")
            }
        ) { try $0.flipBit(of: catalog, at: 600) },
        DamageCase(
            "an index of the catalog with a flipped bit",
            in: .generic(
                Dictionary(uniqueKeysWithValues: (0..<60).map { ("\($0).json", "\($0)") })),
            finds: [Place(.indexCorrupt, .info, nil, file: index)], does: [.renewIndex],
            .judged { store, report in
                let codes = try store.allFindings().map(\.code)
                #expect(!codes.contains(.indexCorrupt) && report.errors.isEmpty)
                #expect(store.bytes(index) != nil)
            }
        ) { try $0.flipBit(of: index, at: 300) },
        DamageCase(
            "a chosen profile with a flipped bit", in: .generic(["a.json": "1"]),
            finds: [Place(.digestMismatch, .error, ".canifly-store/profile.json")],
            does: [.restore],
            .judged { store, report in
                #expect(store.read(".canifly-store/profile.json") == "{\"builtin\":\"generic\"}")
                #expect(report.errors.isEmpty)
            }
        ) { store in
            _ = try store.store.initialize(
                profile: .named("generic"), WriteOptions(command: "init"))
            try store.flipBit(of: ".canifly-store/profile.json", at: 14)
        },
        DamageCase(
            "a content of history whose segment is lost", in: .generic(["a.json": "1"]),
            finds: [Place(.historyMissing, .error, "a.json", file: log, offset: 512)],
            .judged { store, report in
                // There is nothing to bring it back from, and the documents are sound.
                #expect(store.read("a.json") == "1")
                #expect(report.actions.isEmpty)
            }
        ) { store in
            try store.beginSegment()
            try store.remove(log)
        },
        DamageCase(
            "a content of history with a flipped bit", in: .generic(["a.json": "\"content\""]),
            finds: [Place(.historyCorrupt, .error, "a.json", file: log, offset: 512)],
            .judged { store, report in
                #expect(store.read("a.json") == "\"content\"")
                #expect(report.actions.isEmpty)
            }
        ) { store in
            let bytes = store.bytes(log)!
            let place = bytes.indices.first { bytes[$0...].starts(with: "\"content\"".utf8) }!
            try store.flipBit(of: log, at: place)
        },
    ]
}

extension HistoryStore {
    /// As after a torn end: the next transaction goes to a segment of its own.
    func beginSegment() throws {
        try edit(log) { $0 += [UInt8](repeating: 0, count: 700) }
        try put("b.json", "2")
        try delete("b.json")
    }
}
