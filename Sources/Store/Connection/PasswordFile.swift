import Glibc
import System

/// The file that libpq takes the passwords of one connection from. libpq reads it while it connects, so this value ends
/// after that.
///
/// libpq ignores a file that others than its owner may read, and says so on standard error alone. What systemd hands to
/// a service can have such a mode (0440 since it gives access by a list), and what an administrator encrypted is no
/// such file at all. So of a credential libpq gets a copy in memory.
struct PasswordFile: ~Copyable {
    /// The file as a person knows it; nil if none is known.
    private let path: String?
    /// Where an administrator puts the credential, if libpq's own default is read for want of one.
    private let missingCredential: String?
    private let copy: MemoryFile?
    /// The path of the copy, to tell libpq of; nil if libpq finds its file by itself.
    var readable: String? {
        switch copy {
        case .some(let file): file.path
        case .none: nil
        }
    }

    /// The file that the connection string names, else PGPASSFILE (`inherited`), else the credential of this name if
    /// there is one, else libpq's own default. Throws if a credential cannot be read.
    ///
    /// BUGS: What libpq's file of services names is not looked up.
    init(
        for conninfo: String, credential name: String?, inherited: String? = environment("PGPASSFILE"),
        home: String? = environment("HOME"), store: CredentialStore = .system
    ) throws(DatabaseError) {
        let string = ConnectionString(conninfo)
        if string?.password != nil || string?.service != nil {
            (path, missingCredential) = (nil, nil)
            copy = nil
        } else {
            let named = string?.passwordFile ?? inherited ?? name.flatMap(store.existingPath(of:))
            path = named ?? home.map { "\($0)/.pgpass" }
            missingCredential = named == nil ? name.map { "\(CredentialStore.administratorsDirectory)/\($0)" } : nil
            if let path { copy = try Self.copy(of: path, store) } else { copy = nil }
        }
    }

    /// Nil for a file that is no credential, or that another user can read.
    private static func copy(of path: String, _ store: CredentialStore) throws(DatabaseError) -> MemoryFile? {
        guard store.place(of: path) != nil else { return nil }
        let problem: String
        do throws(CredentialError) {
            guard let bytes = try store.contents(of: path) else { return nil }
            do throws(SystemError) {
                return try MemoryFile(bytes, name: "passwords")
            } catch {
                problem = "\(error)"
            }
        } catch {
            // The server may not ask for a password.
            if error.isDenied { return nil }
            problem = "\(error)"
        }
        throw DatabaseError(message: "the database's password: \(problem)")
    }

    /// A line of libpq's, with the file's own name.
    func named(_ line: String) -> String {
        guard let path, let readable else { return line }
        return line.replacing(readable, with: path)
    }

    /// What to do if the server asks for a password and libpq has none.
    var advice: String {
        let line = "host:port:database:login:password"
        guard let path else {
            return "put the password into a file of mode 0600 that passfile= names, as a line \(line)"
        }
        var status = stat()
        guard readable == nil else { return "no line of \(path) is for this server and login; add one: \(line)" }
        guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
            let code = errno
            let place = missingCredential.map { "\($0) (then restart lever-milter) or \(path)" } ?? path
            return code == ENOENT
                ? "put the password into \(place), mode 0600, as a line \(line)"
                : "\(path) has the password, perhaps, but: \(String(cString: strerror(code))); run this as root"
        }
        guard status.st_mode & 0o077 == 0 else {
            return "libpq ignores \(path), which others than its owner can read (mode "
                + "0\(String(status.st_mode & 0o777, radix: 8))); chmod 600 \(path)"
        }
        return "no line of \(path) is for this server and login; add one: \(line)"
    }
}

/// A variable's value; nil if it has none.
private func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}
