extension SystemCalls {
    /// Refuses stores where the lock cannot hold: on a network file system another machine's
    /// processes cannot be asked whether they live, and in another user's store the application may
    /// neither ask about ours nor remove what we leave.
    ///
    /// Root may work in anybody's store: it can do all that the owner can, and what it makes there
    /// is given to the owner.
    ///
    /// `StoreLock.acquire` checks this, too; a caller that makes the control directory first wants to
    /// know before that.
    public func checkSuitability(of store: Descriptor) throws(LockError) {
        let status: FileStatus
        let type: Int64
        do throws(Errno) {
            status = try self.status(of: store)
            type = try fileSystemType(of: store)
        } catch {
            throw .system(.lookAtStore, error)
        }
        if status.user != effectiveUser && effectiveUser != 0 {
            throw .foreignOwner(user: status.user)
        }
        // FUSE says the same of sshfs and of a local disk with a foreign format; but only the latter
        // has a block device, with a number that is not anonymous (major number 0).
        let isOnBlockDevice = (status.device >> 8) & 0xfff != 0
        if let name = networkFileSystems[UInt32(truncatingIfNeeded: type)],
            !(name == "fuse" && isOnBlockDevice)
        {
            throw .networkFileSystem(name)
        }
    }
}

/// The `f_type` values of `statfs(2)`, from the kernel's headers and the vendors'.
private let networkFileSystems: [UInt32: String] = [
    0x6969: "nfs",
    0x517b: "smb",
    0xff53_4d42: "cifs",
    0xfe53_4d42: "smb2",
    0x6573_5546: "fuse",
    0x0102_1997: "9p",
    0x5346_414f: "afs",
    0x6b41_4653: "afs",
    0x7375_7245: "coda",
    0x00c3_6400: "ceph",
    0x564c: "ncp",
    0x0116_1970: "gfs2",
    0x7461_636f: "ocfs2",
    0x0bd0_0bd0: "lustre",
    0x4750_4653: "gpfs",
    0x1983_0326: "beegfs",
    0x2003_0528: "orangefs",
    0x786f_4256: "vboxsf",
    0xbacb_acbc: "vmhgfs",
    0x7c7c_6673: "prl_fs",
]
