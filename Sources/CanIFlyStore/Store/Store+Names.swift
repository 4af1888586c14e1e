public import StoreFiles

extension Store {
    /// The names of the documents that match any of the patterns (none: all), those recorded and
    /// missing now included, in the order of their bytes. Looks into no document.
    public func documentNames(patterns: [String]) throws(StoreError) -> [StorePath] {
        let reading = try read()
        let (_, listing) = try listing(reading)
        let wanted = try NameFilter(patterns)
        let names = Set(listing.documents.map(\.path)).union(try reading.state().documents.keys)
        return names.filter { wanted.includes($0) }.sorted()
    }
}
