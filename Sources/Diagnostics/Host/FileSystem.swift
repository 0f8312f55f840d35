import CLinux
import Glibc

/// The file system that a directory is on, from statfs(2).
struct FileSystem {
    /// What the file system is, which decides whether messages are safe on it; the value is its name.
    enum Kind {
        case disk(String)
        /// Lost when the machine is switched off.
        case memory(String)
        case network(String)
        /// A container's own layer, removed with it.
        case layer(String)
    }

    let kind: Kind
    /// Bytes available to unprivileged users, and total bytes.
    let free: Int
    let total: Int
    /// Number of files that can still be created; nil if the file system does not count them.
    let freeFiles: Int?
    let isReadOnly: Bool

    init?(_ path: String) {
        var status = statvfs()
        let type = CLinux_file_system_type(path)
        guard type >= 0, statvfs(path, &status) == 0 else { return nil }
        kind = Self.kind(type)
        free = Int(clamping: status.f_bavail &* status.f_frsize)
        total = Int(clamping: status.f_blocks &* status.f_frsize)
        freeFiles = status.f_files == 0 ? nil : Int(clamping: status.f_favail)
        isReadOnly = status.f_flag & UInt(ST_RDONLY) != 0
    }

    /// From linux/magic.h.
    private static func kind(_ type: Int) -> Kind {
        switch type {
        case 0x0102_1994: .memory("tmpfs")
        case 0x8584_58f6: .memory("ramfs")
        case 0x794c_7630: .layer("overlay")
        case 0x6969: .network("NFS")
        case 0xff53_4d42, 0xfe53_4d42, 0x517b: .network("SMB")
        case 0x6573_5546: .network("FUSE")
        case 0x0102_1997: .network("9p")
        case 0x00c3_6400: .network("Ceph")
        case 0xef53: .disk("ext4")
        case 0x5846_5342: .disk("XFS")
        case 0x9123_683e: .disk("btrfs")
        case 0x2fc1_2fc1: .disk("ZFS")
        default: .disk("type 0x" + String(type, radix: 16))
        }
    }
}
