import Glibc

/// Finds the file of a secret that the service manager provides and the configuration names as `credential:NAME`
/// (systemd.exec(5), `LoadCredential=`).
struct CredentialStore {
    /// In search order.
    let directories: [String]

    /// The directories for this process. Outside the service, as when an administrator tests the configuration, the
    /// places that the service manager has credentials in or loads them from.
    static var system: CredentialStore {
        if let own = getenv("CREDENTIALS_DIRECTORY") { return CredentialStore(directories: [String(cString: own)]) }
        return CredentialStore(directories: [
            "/run/credentials/lever-milter.service", "/run/credstore", "/usr/lib/credstore", "/etc/credstore",
        ])
    }

    /// The credential's file, or where it should be if there is none. Nil if the name cannot be a credential's.
    func path(of name: String) -> String? {
        guard !name.isEmpty, name != ".", name != "..",
            name.utf8.count <= 255, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
        else { return nil }
        let paths = directories.map { "\($0)/\(name)" }
        return paths.first { access($0, F_OK) == 0 } ?? paths.last
    }
}
