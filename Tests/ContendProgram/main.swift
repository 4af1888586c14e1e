// Processes that contend for stale locks, many stores at once, since each takeover waits:
//
//     contend [--rounds N] [--groups N] [--folder DIR]
//
// In each group three writers take the store's lock as every command does, and one process does as
// the application does. Whoever gives a lock back leaves one of a dead process in its place. Two
// writers that hold it together, or one that holds it together with the application and does not
// notice at the release, end the program with 1.

import StoreFiles
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

let writersInGroup = 3

/// What the processes of a group share, in a file that each maps.
struct Board {
    enum Slot: Int, CaseIterable {
        case rounds, writersInside, applicationsInside
        case takenByWriters, takenByApplication
        case writersTogether, unnoticed, noticed, failures
    }

    private let slots: UnsafeMutablePointer<Atomic<Int>>

    init(in folder: String) {
        let file = open(folder + "/board", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        let length = Slot.allCases.count * MemoryLayout<Int>.size
        precondition(file >= 0 && ftruncate(file, off_t(length)) == 0)
        let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        precondition(memory != MAP_FAILED)
        slots = memory!.bindMemory(to: Atomic<Int>.self, capacity: Slot.allCases.count)
    }

    subscript(slot: Slot) -> Int {
        slots[slot.rawValue].load(ordering: .sequentiallyConsistent)
    }

    @discardableResult
    func add(_ count: Int, to slot: Slot) -> Int {
        slots[slot.rawValue].add(count, ordering: .sequentiallyConsistent).newValue
    }
}

let system = LinuxSystemCalls()

func pause(microseconds: Range<UInt32>) { usleep(UInt32.random(in: microseconds)) }

/// Leaves the lock of a process that is gone, unless somebody has the lock by now.
func leaveStaleLock(in folder: String, _ board: Board) {
    let name = "\(folder)/store/stale.\(getpid())"
    let file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    let text = Array("999999999\nlinux\n2026-11-01T12:00:00Z\n".utf8)
    guard file >= 0, write(file, text, text.count) == text.count else { return }
    close(file)
    if link(name, folder + "/store/.lock") == 0 { board.add(1, to: .rounds) }
    unlink(name)
}

// MARK: Writers

func writeOnce(_ site: LockSite, _ folder: String, _ board: Board) {
    do throws(LockError) {
        let policy = RetryPolicy(timeLimitNanoseconds: 10_000_000_000)
        var lock = try StoreLock.acquire(site, policy, isCancelled: { false })
        if board.add(1, to: .writersInside) > 1 { board.add(1, to: .writersTogether) }
        pause(microseconds: 0..<800)
        var isTogether = board[.applicationsInside] > 0
        if board[.writersInside] > 1 { board.add(1, to: .writersTogether) }
        board.add(1, to: .takenByWriters)
        var isNoticed = false
        do throws(LockError) { try lock.checkStillOurs() } catch { isNoticed = true }
        isTogether = isTogether || isNoticed
        board.add(-1, to: .writersInside)
        if isNoticed { board.add(1, to: .noticed) }
        let release = try lock.release()
        if isTogether, !isNoticed {
            board.add(1, to: release == .wasLost ? .noticed : .unnoticed)
        }
    } catch {
        // Who waited too long, or lost the lock while taking it, tries again.
        switch error {
        case .busy, .lost: break
        default: board.add(1, to: .failures)
        }
    }
    leaveStaleLock(in: folder, board)
}

// MARK: The application

func applyOnce(_ folder: String, _ board: Board) {
    let name = folder + "/store/.lock"
    let file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard file >= 0 else {
        var text = [UInt8](repeating: 0, count: 64)
        let old = open(name, O_RDONLY | O_CLOEXEC)
        guard old >= 0 else { return }
        let count = read(old, &text, text.count)
        close(old)
        let digits = String(decoding: text.prefix(max(0, count)), as: UTF8.self)
            .prefix { $0 != "\n" }
        guard let process = Int32(digits), kill(process, 0) != 0 else { return }
        // It is not fast, and now and then slower than the program waits for it.
        if Int.random(in: 0..<8) == 0 {
            pause(microseconds: 100_000..<200_000)
        } else {
            pause(microseconds: 0..<2_000)
        }
        unlink(name)
        return
    }
    let text = Array("\(getpid())\nlinux\n2026-11-01T12:00:00Z\n".utf8)
    _ = write(file, text, text.count)
    fsync(file)
    close(file)
    board.add(1, to: .applicationsInside)
    board.add(1, to: .takenByApplication)
    pause(microseconds: 0..<800)
    board.add(-1, to: .applicationsInside)
    unlink(name)
    leaveStaleLock(in: folder, board)
}

// MARK: Processes

func runChild(_ role: String, _ folder: String, rounds: Int) throws {
    let board = Board(in: folder)
    let store = try system.openDirectory(at: folder + "/store")
    let control = try system.openDirectory(at: folder + "/store/.canifly-store")
    let site = LockSite(system: system, store: store, control: control)
    while board[.rounds] < rounds {
        if role == "writer" {
            writeOnce(site, folder, board)
        } else {
            applyOnce(folder, board)
            pause(microseconds: 1_000..<60_000)
        }
    }
}

func start(_ arguments: [String], program: String = "/proc/self/exe") -> pid_t {
    var words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let status = posix_spawnp(&process, program, nil, nil, &words, environ)
    precondition(status == 0, "cannot start a process")
    return process
}

func contend(rounds: Int, groups: Int, folder: String) -> Int32 {
    var processes: [pid_t] = []
    var boards: [Board] = []
    for group in 0..<groups {
        let place = "\(folder)/\(group)"
        mkdir(place, 0o700)
        mkdir(place + "/store", 0o700)
        mkdir(place + "/store/.canifly-store", 0o700)
        let board = Board(in: place)
        boards.append(board)
        leaveStaleLock(in: place, board)
        let count = String((rounds + groups - 1) / groups)
        for role in [String](repeating: "writer", count: writersInGroup) + ["application"] {
            processes.append(start(["contend", "--child", role, place, count]))
        }
    }
    var isSound = true
    for process in processes {
        var status: CInt = 0
        waitpid(process, &status, 0)
        if status != 0 { isSound = false }
    }
    func sum(_ slot: Board.Slot) -> Int { boards.reduce(0) { $0 + $1[slot] } }
    print(
        """
        \(sum(.rounds)) rounds on a stale lock by \(processes.count) processes: \
        \(sum(.takenByWriters)) times a writer had it, \(sum(.takenByApplication)) times the \
        application; writers together: \(sum(.writersTogether)), together with the application: \
        \(sum(.noticed)) noticed, \(sum(.unnoticed)) unnoticed; \(sum(.failures)) failures
        """)
    if !isSound { print("a process ended badly") }
    let complaints = sum(.writersTogether) + sum(.unnoticed) + sum(.failures)
    return isSound && complaints == 0 ? 0 : 1
}

var rounds = 1_000
var groups = 40
var folder = "/tmp"
var rest = CommandLine.arguments.dropFirst()
if rest.first == "--child" {
    let words = Array(rest)
    try runChild(words[1], words[2], rounds: Int(words[3])!)
    exit(0)
}
while let option = rest.popFirst() {
    guard let value = rest.popFirst() else { exit(64) }
    switch option {
    case "--rounds": rounds = Int(value) ?? rounds
    case "--groups": groups = Int(value) ?? groups
    case "--folder": folder = value
    default:
        print("usage: contend [--rounds N] [--groups N] [--folder DIR]")
        exit(64)
    }
}
var template = Array("\(folder)/contend-XXXXXX".utf8CString)
let place = template.withUnsafeMutableBufferPointer { buffer in
    String(cString: mkdtemp(buffer.baseAddress!)!)
}
let status = contend(rounds: rounds, groups: groups, folder: place)
var removed: CInt = 0
waitpid(start(["rm", "-rf", place], program: "rm"), &removed, 0)
exit(status)
