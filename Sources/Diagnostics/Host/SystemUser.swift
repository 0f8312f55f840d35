import Glibc

/// A system user, with the groups that a program gets when it changes to that user.
struct SystemUser: Hashable, Sendable {
    let name: String
    let id: UInt32
    let group: UInt32
    let groups: [UInt32]

    init(name: String, id: UInt32, group: UInt32, groups: [UInt32]) {
        self.name = name
        self.id = id
        self.group = group
        self.groups = groups
    }

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
