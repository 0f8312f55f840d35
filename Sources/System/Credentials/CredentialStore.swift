import Glibc

/// The secrets that the service manager hands to the daemon by name (systemd.exec(5), `LoadCredential=`). The one place
/// that knows where they are: in the daemon, in `leverctl` beside it, and while it does not run. A plain value.
///
/// BUGS: A drop-in that loads a credential from another path (`LoadCredential=NAME:/path`) is followed by systemd alone;
/// other programs find that credential while the daemon runs.
public struct CredentialStore: Sendable {
    /// How a file is kept, by where it is.
    public enum Place: Sendable {
        /// In a directory that the service manager filled for a running service. It decided who can read the file, by
        /// an access control list if it likes, so the mode says nothing.
        case handedOver
        /// Where the service manager reads it, as root.
        case source
        /// The same, encrypted for this host (systemd-creds(1)).
        case encrypted
    }

    /// The daemon's database passwords, in the format of ~/.pgpass.
    public static let passwordFile = "lever-milter.pgpass"

    /// Where an administrator puts credentials.
    public static let administratorsDirectory = "/etc/credstore"

    /// Directories, each list in search order.
    let handedOver: [String]
    let sources: [String]
    let encrypted: [String]
    /// The program that decrypts a file, and its arguments before the file's name.
    var decryption = ["systemd-creds", "decrypt"]

    /// For this process.
    public static var system: CredentialStore {
        CredentialStore(given: getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) })
    }

    /// In a service, what it was `given`; elsewhere, as when an administrator checks the configuration, what the running
    /// daemon has, and what systemd would give it.
    init(given: String?) {
        let roots = given == nil ? ["/etc", "/run", "/usr/local/lib", "/usr/lib"] : []
        self.init(
            handedOver: [given ?? "/run/credentials/lever-milter.service"], sources: roots.map { "\($0)/credstore" },
            encrypted: roots.map { "\($0)/credstore.encrypted" })
    }

    init(handedOver: [String], sources: [String], encrypted: [String]) {
        self.handedOver = handedOver
        self.sources = sources
        self.encrypted = encrypted
    }

    /// The credential's file, or where it should be if there is none. Nil if the name cannot be a credential's.
    public func path(of name: String) -> String? {
        guard !name.isEmpty, name != ".", name != "..",
            name.utf8.count <= 255, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
        else { return nil }
        return existingPath(of: name) ?? (sources + handedOver).first.map { "\($0)/\(name)" }
    }

    /// The credential's file, nil if there is none. Where this user cannot look, there is one.
    public func existingPath(of name: String) -> String? {
        (handedOver + sources + encrypted).map { "\($0)/\(name)" }.first {
            access($0, F_OK) == 0 || errno == EACCES
        }
    }

    /// How the file is kept; nil for a file that is no credential. Links are followed.
    public func place(of path: String) -> Place? {
        let path = resolved(path)
        func isIn(_ directories: [String]) -> Bool { directories.contains { path.hasPrefix(resolved($0) + "/") } }
        if isIn(handedOver + ["/run/credentials"]) { return .handedOver }
        return isIn(sources) ? .source : isIn(encrypted) ? .encrypted : nil
    }

    /// The content of a file, decrypted if it is an encrypted credential; nil where there is none.
    public func contents(of path: String, limit: Int = 1 << 20) throws(CredentialError) -> [UInt8]? {
        do throws(SystemError) {
            guard let bytes = try System.contents(ofFile: path, limit: limit) else { return nil }
            guard place(of: path) == .encrypted else { return bytes }
            if let decrypted = try decrypted(path, limit: limit) { return decrypted }
        } catch {
            throw CredentialError(path: path, error.reason, isDenied: error.code == EACCES)
        }
        throw CredentialError(
            path: path, "systemd-creds cannot decrypt it; only root can, on the host that it was encrypted for",
            isDenied: geteuid() != 0)
    }

    /// Nil if the program cannot, or if there is more than `limit` bytes.
    private func decrypted(_ path: String, limit: Int) throws(SystemError) -> [UInt8]? {
        let outcome = try ProgramRun(decryption + [path, "-"]).collect(errorsApart: true)
        return outcome.status == 0 && outcome.output.count <= limit ? outcome.output : nil
    }

    private func resolved(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }
}
