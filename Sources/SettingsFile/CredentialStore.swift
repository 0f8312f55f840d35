import Glibc

/// Where a secret is that the service manager hands over, and the configuration names as `credential:NAME`
/// (systemd.exec(5), `LoadCredential=`).
struct CredentialStore {
    /// In the order in which they are looked into.
    let directories: [String]

    /// The one of this process. Outside the service, as when an administrator tests the configuration, where the service
    /// manager has or takes its credentials from.
    static var system: CredentialStore {
        if let own = getenv("CREDENTIALS_DIRECTORY") { return CredentialStore(directories: [String(cString: own)]) }
        return CredentialStore(directories: [
            "/run/credentials/lever-milter.service", "/run/credstore", "/usr/lib/credstore", "/etc/credstore",
        ])
    }

    /// The file, whether it is there or not. Nil if there is no credential of such a name.
    func path(of name: String) -> String? {
        guard !name.isEmpty, name != ".", name != "..",
            name.utf8.count <= 255, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
        else { return nil }
        let paths = directories.map { "\($0)/\(name)" }
        return paths.first { access($0, F_OK) == 0 } ?? paths.last
    }
}
