internal import StoreFiles

extension SimulatedDisk {
    /// What processes can see of the disk: names, kinds, contents, attributes, which names are one
    /// file's, and the inode number and modification time of each file. Change times are left out,
    /// and so are numbers and times of directories and of all files below those of one name.
    ///
    /// - Parameter name: a directory's, of whose files nobody compares numbers and times with what
    ///   was noted of them earlier.
    func digest(withoutIdentitiesBelow name: [UInt8]) -> Hash128 {
        look { state in
            var walk = DigestWalk(unidentified: name, inodeCount: state.inodes.count)
            walk.visit(.root, place: .zero, isIdentified: true, state)
            return walk.digest
        }
    }
}

private struct DigestWalk {
    let unidentified: [UInt8]
    /// By slot: where the file was first found.
    private var places: [Hash128?]
    private(set) var digest = Hash128.zero

    init(unidentified: [UInt8], inodeCount: Int) {
        self.unidentified = unidentified
        places = Array(repeating: nil, count: inodeCount)
    }

    /// - Parameter place: stands for the path of the directory.
    mutating func visit(
        _ directory: InodeSlot, place: Hash128, isIdentified: Bool, _ state: borrowing DiskState
    ) {
        for register in state[directory].directory.registers where !register.visible.isNone {
            let slot = register.visible
            let path = register.name.withUnsafeBytes {
                Hash128(tag: 10, place.low, place.high, bytes: $0)
            }
            if let first = places[Int(slot.index)] {
                digest += Hash128(tag: 11, path.low, first.low, first.high)
                continue
            }
            places[Int(slot.index)] = path
            let attributes = state[slot].attributes
            digest += CrashModel.hash(of: attributes, path.low)
            if state[slot].kind == .directory {
                digest += Hash128(tag: 12, path.low, path.high)
                visit(
                    slot, place: path,
                    isIdentified: isIdentified && register.name != unidentified, state)
                continue
            }
            digest += state[slot].contents.withUnsafeBytes {
                Hash128(tag: 13 + state[slot].kind.tag, path.low, path.high, bytes: $0)
            }
            guard isIdentified else { continue }
            digest += Hash128(
                tag: 20, path.low, state.number(of: slot),
                state[slot].times.modified.nanosecondsSince1970)
        }
    }
}

extension FileKind {
    fileprivate var tag: UInt64 {
        switch self {
        case .regular: 0
        case .symbolicLink: 1
        default: 2
        }
    }
}

extension Timestamp {
    fileprivate var nanosecondsSince1970: UInt64 {
        UInt64(bitPattern: seconds &* 1_000_000_000 &+ Int64(nanoseconds))
    }
}
