import CanIFlyStore

// usage: accounts DIRECTORY
guard CommandLine.arguments.count == 2 else {
    fatalError("name a directory to keep documents in")
}
do {
    for line in try runExample(in: CommandLine.arguments[1]) { print(line) }
} catch let error as StoreError {
    // One line for people, and what to do next; `code` and `kind` are for programs.
    fatalError("\(error.message) (\(error.code)); \(error.hint)")
}
