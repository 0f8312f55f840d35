import Glibc

/// The result of stat(2).
struct FileStatus {
    let mode: UInt32
    let owner: UInt32
    let group: UInt32
    let device: UInt
    let inode: UInt
    let size: Int
    /// Seconds since 1970.
    let changed: Int

    /// Nil if the file does not exist or cannot be examined; `errno` says which.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        mode = status.st_mode
        owner = status.st_uid
        group = status.st_gid
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = Int(status.st_size)
        changed = Int(status.st_mtim.tv_sec)
    }

    var permissions: UInt32 { mode & 0o7777 }
    var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    var isSocket: Bool { mode & S_IFMT == S_IFSOCK }
    var octal: String { "0" + String(permissions, radix: 8) }

    func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }

    /// Whether a user's permissions allow an access: 4 read, 2 write, 1 search.
    ///
    /// BUGS: Access control lists are not considered.
    func allows(_ wish: UInt32, _ user: SystemUser) -> Bool {
        let shift: UInt32 = owner == user.id ? 6 : user.groups.contains(group) ? 3 : 0
        return user.id == 0 || permissions >> shift & wish == wish
    }
}
