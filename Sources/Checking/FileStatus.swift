import Glibc

/// What stat(2) says of a file.
struct FileStatus {
    let mode: UInt32
    let owner: UInt32
    let group: UInt32
    let device: UInt
    let inode: UInt
    let size: Int
    /// Seconds since 1970.
    let changed: Int

    /// Nil where there is none or it cannot be seen; `errno` says which.
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

    /// Whether a user who is not root may do this, 4 read, 2 write, 1 search.
    ///
    /// BUGS: access control lists are not looked at.
    func allows(_ wish: UInt32, _ user: SystemUser) -> Bool {
        let shift: UInt32 = owner == user.id ? 6 : user.groups.contains(group) ? 3 : 0
        return user.id == 0 || permissions >> shift & wish == wish
    }
}

/// A user of the system, with the groups that a program which changes to it gets.
struct SystemUser: Hashable, Sendable {
    let name: String
    let id: UInt32
    let group: UInt32
    let groups: [UInt32]

    init?(name: String) {
        guard let entry = getpwnam(name) else { return nil }
        self.init(entry)
    }

    init?(id: UInt32) {
        guard let entry = getpwuid(id) else { return nil }
        self.init(entry)
    }

    private init(_ entry: UnsafeMutablePointer<passwd>) {
        name = String(cString: entry.pointee.pw_name)
        id = entry.pointee.pw_uid
        group = entry.pointee.pw_gid
        var count: Int32 = 256
        var groups = [gid_t](repeating: 0, count: Int(count))
        getgrouplist(name, group, &groups, &count)
        self.groups = Array(groups.prefix(max(0, min(Int(count), groups.count))))
    }

    static func name(of id: UInt32) -> String { SystemUser(id: id)?.name ?? "\(id)" }

    static func groupName(_ id: UInt32) -> String {
        getgrgid(id).map { String(cString: $0.pointee.gr_name) } ?? "\(id)"
    }
}

/// A file of /proc, or another of unknown length, up to a limit; nil where it cannot be read.
func readText(_ path: String, limit: Int = 1 << 20) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 8192)
    while bytes.count < limit, case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
        bytes += chunk[..<count]
    }
    guard ferror(file) == 0 else { return nil }
    return String(decoding: bytes, as: UTF8.self)
}

/// Where a symbolic link points, as it says.
func readLink(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The path without symbolic links; as it is, where there is nothing.
func realPath(_ path: String) -> String {
    guard let found = realpath(path, nil) else { return path }
    defer { free(found) }
    return String(cString: found)
}

/// The names in a directory but `.` and `..`, up to so many; nil where it cannot be read.
func namesInDirectory(_ path: String, limit: Int = .max) -> [String]? {
    guard let stream = opendir(path) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

func errorText(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

/// `about 5 minutes`, for people.
func span(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(max(0, seconds)) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) days"
    }
}

/// Bytes, for people.
func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<10_240: "\(bytes) bytes"
    case ..<10_485_760: "\(bytes >> 10) KiB"
    case ..<10_737_418_240: "\(bytes >> 20) MiB"
    default: "\(bytes >> 30) GiB"
    }
}

/// What is kept of a text from elsewhere: one line.
func oneLine(_ text: String) -> String {
    text.split { $0.isNewline }.map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }.joined(separator: "; ")
}
