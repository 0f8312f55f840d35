import Glibc

/// A user of this system.
public struct Account: Hashable, Codable, Sendable {
    public let name: String
    public let home: String
    public let user: UInt32
    public let group: UInt32

    public init(name: String, home: String, user: UInt32, group: UInt32) {
        (self.name, self.home, self.user, self.group) = (name, home, user, group)
    }

    /// The user of this name, from the system's databases; nil if there is none.
    public init?(named name: String) {
        guard let entry = getpwnam(name)?.pointee else { return nil }
        self.init(entry)
    }

    /// Whoever runs this command: behind sudo the one who called sudo, since root's home is not where that person's
    /// leverctl looks.
    public static func invoking() -> Account? {
        if geteuid() == 0, let name = getenv("SUDO_USER"), let account = Account(named: String(cString: name)) {
            return account
        }
        return getpwuid(geteuid()).map { Account($0.pointee) }
    }

    private init(_ entry: passwd) {
        self.init(
            name: String(cString: entry.pw_name), home: String(cString: entry.pw_dir), user: entry.pw_uid,
            group: entry.pw_gid)
    }

    public var isRoot: Bool { user == 0 }
}
