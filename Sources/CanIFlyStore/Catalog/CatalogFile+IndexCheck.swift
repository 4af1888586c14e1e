internal import StoreCodecs
internal import StoreFiles

/// Whether the index says what the catalog says.
extension CatalogFile {
    /// What is wrong with the index, in words; nil where nothing is, where there is none, and where it
    /// is that of the catalog before a compaction. Reads all of both.
    /// - Parameter control: the control directory.
    func indexDefect(control: Descriptor) throws(StoreError) -> String? {
        do throws(Errno) {
            let file: OwnedDescriptor
            do throws(Errno) {
                file = try system.openOwned(
                    ControlNames.catalogIndex, in: control, [.read])
            } catch .noEntry {
                return nil
            }
            let start = try system.readRange(
                file.descriptor, at: 0, count: CatalogIndexHeader.byteCount)
            guard let found = start.withUnsafeBytes({ CatalogIndexHeader.decode($0) }) else {
                return "its header is damaged"
            }
            guard found.catalog == header else { return nil }
            guard found.coveredLength <= length else { return "it covers more than there is" }
            let headerLength = UInt64(headerLength)
            guard found.coveredLength > headerLength else { return "it covers nothing" }
            let covered = try system.readRange(
                self.file.descriptor, at: Int64(headerLength),
                count: Int(found.coveredLength - headerLength))
            var builder = CatalogIndexBuilder(header, headerLength: headerLength)
            guard builder.add(covered), let expected = builder.encode(salt: found.salt) else {
                return "it does not end where a transaction of the catalog does"
            }
            // One byte more, for one that is longer than it should be.
            let bytes = try system.readRange(
                file.descriptor, at: 0, count: expected.count + 1)
            return bytes == expected ? nil : "it does not say what the catalog says"
        } catch {
            throw StoreError(error, cannot: "read the catalog's index")
        }
    }
}

extension StoreReading {
    /// Nil where there is nothing to say of the index.
    var indexFinding: Finding? {
        guard let control = controlDescriptor else { return nil }
        switch catalog {
        case .none: return nil
        case .some(let catalog):
            guard let defect = (try? catalog.indexDefect(control: control)) ?? nil else {
                return nil
            }
            return Finding(
                .indexCorrupt, .info, document: nil, file: ControlNames.catalogIndexPath,
                detail: "the catalog's index is not to be used: \(defect)",
                remedy: "canifly-store repair")
        }
    }
}
