// Feeds one reader of bytes with what libFuzzer makes up, which follows the code that an input
// reaches. `make fuzz-guided` builds and runs it; libFuzzer brings `main` and its options.

import FuzzSupport

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Chosen by `FUZZ_TARGET`.
private let target: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("FUZZ_TARGET is none of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
        exit(64)
    }
    return target
}()

/// What libFuzzer calls for each input. A reader that traps, or breaks a rule of its own, ends it.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
