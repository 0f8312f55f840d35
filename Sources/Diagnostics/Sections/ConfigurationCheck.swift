import Glibc
import Sealing
import SettingsFile
import Store
import System

/// The configuration file itself: the daemon's keys are there, and files can be read and changed only by those who
/// should.
struct ConfigurationCheck {
    let settings: Settings
    let isMailHost: Bool
    /// The user whom the signing key is for, if known.
    let daemonUser: SystemUser?

    func findings() -> [Finding] {
        var findings: [Finding] = [.ok(.configurationFile, settings.paths.joined(separator: ", "))]
        findings += settings.paths.map(mode) + settings.paths.map(password)
        if isMailHost { findings += [required] + signingKey + [privateKeys, authservIDs, values] }
        return findings
    }

    // MARK: The file

    private func mode(_ path: String) -> Finding {
        guard let file = FileStatus(path) else {
            return .notChecked(.configurationMode, errorText())
        }
        let owners: [UInt32?] = [0, geteuid(), daemonUser?.id]
        guard file.permissions & 0o002 == 0, owners.contains(file.owner) else {
            return .critical(
                .configurationMode,
                "\(path) can be changed by others (mode \(file.octal), owner "
                    + "\(SystemUser.name(of: file.owner))); it decides where captured mail goes",
                do: "chown root \(path) && chmod go-w \(path)")
        }
        guard file.permissions & 0o020 == 0 || file.group == 0 else {
            return .warning(
                .configurationMode,
                "\(path) can be changed by group \(SystemUser.groupName(file.group)) (mode \(file.octal))",
                do: "chmod g-w \(path)")
        }
        return .ok(.configurationMode, "mode \(file.octal), owner \(SystemUser.name(of: file.owner))")
    }

    private func password(_ path: String) -> Finding {
        let keys = databases.filter {
            settings.place(of: $0.key) == path && ConnectionString($0.value)?.password != nil
        }.map { "'\($0.key)'" }
        guard !keys.isEmpty else { return .ok(.configurationPassword, "no password in the file") }
        guard let file = FileStatus(path), file.permissions & 0o004 != 0 else {
            return .ok(.configurationPassword, "\(keys.joined(separator: ", ")): not readable by others")
        }
        return .critical(
            .configurationPassword,
            "every user of this host can read the password in \(keys.joined(separator: ", ")) (mode \(file.octal))",
            do: "chmod o-r \(path); change the password, and preferably keep it in a file named by passfile=")
    }

    private var databases: [(key: String, value: String)] {
        LoginKey.allCases.compactMap { key in key.value(settings).map { (key.rawValue, $0) } }
    }

    private var required: Finding {
        var missing: [String] = []
        if settings.socket == nil { missing.append("socket") }
        if settings.database == nil { missing.append("database") }
        if settings.spool == nil { missing.append("spool") }
        guard missing.isEmpty else {
            return .critical(
                .configurationRequired, "the daemon cannot start without \(missing.joined(separator: ", "))",
                do: "add \(missing.map { "'\($0)'" }.joined(separator: " and ")) to \(settings.path); "
                    + "docs/reference/configuration.md describes each key")
        }
        guard let database = settings.database, ConnectionString(database) != nil else {
            return .critical(
                .configurationRequired, "'database' is not a connection string",
                do: "use the form 'host=db1,db2 dbname=lever user=mx1 sslmode=verify-full'")
        }
        return .ok(.configurationRequired, "the daemon's keys are there")
    }

    // MARK: Keys

    private var signingKey: [Finding] {
        guard let path = settings.signingKey else {
            return [.ok(.configurationSigningKey, "none: messages of this host are shown as unsigned")]
        }
        guard let file = FileStatus(path) else {
            if errno == EACCES {
                return [.notChecked(.configurationSigningKey, "\(path): \(errorText()); run this as root")]
            }
            return [
                .critical(
                    .configurationSigningKey, "\(path): \(errorText()); the daemon cannot start without it",
                    do: "make it with leverctl host add on the administrator's machine and copy it here, or remove "
                        + "'signing_key'")
            ]
        }
        return [content(path), owner(path, file)]
    }

    private func content(_ path: String) -> Finding {
        switch HostSigningKey.read(path) {
        case .success(let key): .ok(.configurationSigningKey, "\(path), key \(key.keyID.hex)")
        case .failure(let error) where error.isDenied:
            .notChecked(.configurationSigningKey, "\(path): \(error); run this as root")
        case .failure(let error):
            .critical(
                .configurationSigningKey, "\(path): \(error)",
                do: "copy the file that leverctl host add made to this path; the daemon cannot start with this one")
        }
    }

    private func owner(_ path: String, _ file: FileStatus) -> Finding {
        let place = CredentialStore.system.place(of: path)
        switch place {
        case .handedOver:
            return .ok(.configurationSigningKeyMode, "the service manager decides who reads its credentials")
        case .encrypted: return .ok(.configurationSigningKeyMode, "encrypted for this host")
        case .source, nil: break
        }
        let user = daemonUser.map(\.name) ?? "lever-milter"
        guard file.permissions & 0o077 == 0 else {
            // It may be readable by the daemon's own group.
            let isOwnGroup = file.permissions & 0o037 == 0 && file.group == daemonUser?.group && file.group != 0
            if isOwnGroup { return .ok(.configurationSigningKeyMode, "mode \(file.octal), for group \(user)") }
            return .critical(
                .configurationSigningKeyMode,
                "\(path) can be read by others than its owner (mode \(file.octal)): whoever has it can sign as this "
                    + "host",
                do: "chmod 0400 \(path); if somebody may have read it, replace it: leverctl host revoke, host add")
        }
        // The service manager reads a credential for the daemon.
        if place == nil, let daemonUser, !file.allows(4, daemonUser) {
            return .critical(
                .configurationSigningKeyMode,
                "\(path) belongs to \(SystemUser.name(of: file.owner)); the daemon's user \(user) cannot read it",
                do: "chown \(user) \(path)")
        }
        return .ok(.configurationSigningKeyMode, "mode \(file.octal), owner \(SystemUser.name(of: file.owner))")
    }

    /// Somebody may have left a company's private key beside the configuration, or named it there.
    private var privateKeys: Finding {
        let directories = Set([settings.path, settings.signingKey].compactMap(\.self).map(directory))
        let beside = directories.sorted().flatMap { directory in
            (namesInDirectory(directory, limit: 500) ?? []).map { "\(directory)/\($0)" }
        }
        let found = (beside + settings.privateKeys.filter { !beside.contains($0) }).filter { isPrivateKey($0) }
        guard found.isEmpty else {
            return .critical(
                .configurationPrivateKeys,
                "a private key that may open messages is on the mail host: \(found.joined(separator: ", "))",
                do: "remove it from this host (shred -u), and replace the key: leverctl key rotate")
        }
        return .ok(.configurationPrivateKeys, "none in \(directories.sorted().joined(separator: ", "))")
    }

    private func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    private func isPrivateKey(_ path: String) -> Bool {
        guard let file = FileStatus(path), file.mode & S_IFMT == S_IFREG, file.size < 65_536,
            let text = readText(path, limit: 65_536), text.contains("PRIVATE KEY-----")
        else { return false }
        // An Ed25519 key only signs.
        if case .success = HostSigningKey.read(path) { return false }
        return text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("-----BEGIN EC PRIVATE KEY-----")
            || text.contains("-----BEGIN PRIVATE KEY-----")
    }

    // MARK: Values

    private var authservIDs: Finding {
        guard settings.authservIDs.isEmpty else {
            return .ok(.configurationAuthservIDs, settings.authservIDs.joined(separator: ", "))
        }
        return .warning(
            .configurationAuthservIDs,
            "'authserv_ids' is empty: nobody checks who writes, and whoever puts a colleague's address in From is taken "
                + "for the colleague",
            do: "name the host whose SPF, DKIM and DMARC results count in 'authserv_ids', once Postfix drops such "
                + "results from incoming mail: docs/howto/postfix.md")
    }

    /// Contradictions between values that are valid by themselves.
    private var values: Finding {
        var problems: [(text: String, advice: String)] = []
        let hosts = settings.database.flatMap { ConnectionString($0)?.hosts } ?? []
        if hosts.count > 1, settings.doneRetention == 0 || settings.doneLimit == 0 {
            problems.append(
                (
                    "'database' names several servers, but no delivered messages are kept for redelivery after a "
                        + "failover",
                    "raise 'done_retention' and 'done_limit'"
                ))
        }
        if settings.doneRetention > 0, settings.doneLimit > 0, settings.doneLimit < settings.messageSizeLimit {
            problems.append(
                (
                    "'done_limit' is smaller than the largest message ('message_size_limit')",
                    "raise 'done_limit', or set 'done_retention' to 0"
                ))
        }
        if case .unix = settings.socket, settings.socketMode & 0o222 == 0 {
            problems.append(("'socket_mode' allows nobody to connect", "set it to 0660"))
        }
        guard !problems.isEmpty else { return .ok(.configurationValues, "no contradictions") }
        return .warning(
            .configurationValues, problems.map(\.text).joined(separator: "; "),
            do: problems.map(\.advice).joined(separator: "; "))
    }
}
