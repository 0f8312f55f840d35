import Glibc

/// The user whom a spool belongs to. Root's commands work in it with that user's rights: the user decides what is in
/// the directory, and links planted there lead to nothing that the user could not reach anyway.
///
/// The rights are the process's, of all its threads: call it where no other thread works. Other users' commands have
/// their own rights and keep them.
public struct SpoolOwner {
    private let user: uid_t
    private let group: gid_t

    /// Throws if there is no such directory.
    public init(of directory: String) throws(SpoolError) {
        var status = stat()
        guard stat(directory, &status) == 0 else { throw .system("read", directory) }
        (user, group) = (status.st_uid, status.st_gid)
    }

    /// Takes on the owner's rights until the process ends.
    public func assumeRights() throws(SpoolError) {
        guard geteuid() == 0, user != 0 else { return }
        guard setgroups(0, nil) == 0, setegid(group) == 0, seteuid(user) == 0 else {
            throw .system("take on the rights of", "user \(user)")
        }
    }

    /// Runs the body with the owner's rights.
    public func withRights<Result>(_ body: () throws -> Result) throws -> Result {
        guard geteuid() == 0, user != 0 else { return try body() }
        var groups = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
        guard getgroups(Int32(groups.count), &groups) == groups.count else {
            throw SpoolError.system("read", "the groups of this process")
        }
        let ownGroup = getegid()
        try assumeRights()
        defer {
            // Root as saved user: it cannot fail, and must not.
            guard seteuid(0) == 0, setegid(ownGroup) == 0, setgroups(groups.count, groups) == 0 else {
                fatalError("root's rights cannot be restored")
            }
        }
        return try body()
    }
}
