import Glibc
import System

/// A file that settings are looked for in, and what became of it.
public struct SettingsFile: Hashable, Sendable {
    public enum Kind: Sendable {
        /// Named by its user: it has any keys, and has to be there.
        case named
        /// The mail host's, which leverctl reads where it may.
        case daemon
        /// leverctl's, for every user of the machine.
        case machine
        /// leverctl's, of one user.
        case user

        /// leverctl's own files decide which database and keys a user works with.
        var isOfLeverctl: Bool { self == .machine || self == .user }
    }

    public enum State: Hashable, Sendable {
        case read
        case missing
        /// It is there, or may be, and the system does not let this user read it; with the system's reason.
        case unreadable(String)
    }

    public let path: String
    public let kind: Kind
    public internal(set) var state = State.missing

    init(_ path: String, _ kind: Kind) {
        self.path = path
        self.kind = kind
    }

    /// False only if the file does not exist: not if a directory above it cannot be searched.
    public var mayExist: Bool { access(path, F_OK) == 0 || errno == EACCES }

    /// The file's content, nil if there is none or if this user may not read it; `state` says which. Throws if it must
    /// be there, or if others could have written it.
    mutating func contents() throws(ConfigurationError) -> [UInt8]? {
        do {
            guard let file = try FileDescriptor.existing(path, O_RDONLY) else {
                guard kind != .named else { throw SystemError("open", path, ENOENT) }
                return nil
            }
            if kind.isOfLeverctl { try requireOwn(file) }
            let text = try file.readToEnd()
            state = .read
            return text
        } catch let error as ConfigurationError {
            throw error
        } catch let error as SystemError {
            if error.code == ENOTDIR, kind != .named { return nil }
            // A home that this user may not search, as after runuser(1), has nothing for this user.
            guard error.code == EACCES, kind == .daemon || kind == .user && access(path, F_OK) != 0 else {
                let advice =
                    error.action != "open" || kind != .named
                    ? "" : "; give the file's path with --config" + (error.code == EACCES ? ", or run this as root" : "")
                throw ConfigurationError(path: path, error.reason + advice)
            }
            state = .unreadable(error.reason)
            return nil
        } catch {
            throw ConfigurationError(path: path, "\(error)")
        }
    }

    /// Throws if another user than this one and root owns the file, or may write to it.
    private func requireOwn(_ file: borrowing FileDescriptor) throws {
        let (owner, permissions) = try file.ownership()
        guard owner == 0 || owner == geteuid() else {
            throw ConfigurationError(
                path: path, "belongs to user \(owner), who could have leverctl use another database or key; chown it")
        }
        guard permissions & 0o022 == 0 else {
            let octal = "0" + String(permissions, radix: 8)
            throw ConfigurationError(
                path: path,
                "others can write to it (mode \(octal)) and have leverctl use another database or key; chmod go-w it")
        }
    }
}
