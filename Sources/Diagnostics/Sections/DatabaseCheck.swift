import SettingsFile
import Core
import Glibc
import Spool
import Store

/// Whether the database is there, right for us, and knows this host.
struct DatabaseCheck {
    let settings: Settings
    let isMailHost: Bool
    let probes: [DatabaseProbe]
    let daemon: RunningDaemon.Search

    func findings() -> [Finding] {
        guard !probes.isEmpty else {
            return [.notChecked(.databaseReachable, "the configuration names no database")]
        }
        var findings = probes.map(reachable) + probes.compactMap(login)
        if isMailHost { findings.append(adminLogin) }
        // One of them tells of the server; the mail host's own, if there is one.
        if let facts = probes.lazy.compactMap(\.facts).first {
            findings += [schema(facts), version(facts), Self.tls(facts.transport), durability(facts)]
        }
        if isMailHost { findings.append(routing) }
        if let hosts = probes.lazy.compactMap({ $0.facts?.hosts }).first {
            findings.append(contentsOf: self.hosts(hosts))
        }
        return findings
    }

    private func reachable(_ probe: DatabaseProbe) -> Finding {
        switch probe.outcome {
        case .unreachable(let reason):
            .critical(
                .databaseReachable, "\(probe.key.rawValue): \(oneLine(reason))",
                do: "see that PostgreSQL runs, takes connections from this host (pg_hba.conf, firewall), and that "
                    + "'\(probe.key.rawValue)' names it; what is captured meanwhile waits in the spool")
        case .reached(let facts):
            .ok(.databaseReachable, "\(probe.key.rawValue): as \(facts.login.name) at \(facts.transport.host)")
        }
    }

    // MARK: Logins

    private func login(_ probe: DatabaseProbe) -> Finding? {
        guard let login = probe.facts?.login else { return nil }
        let (key, role) = (probe.key, probe.key.role)
        let problems = Self.problems(of: login, as: key)
        if !problems.isEmpty {
            return .critical(
                .databaseLogin, "\(key.rawValue): the login \(login.name) \(problems.joined(separator: ", "))",
                do: "make a login that is a member of \(role) and of nothing else: CREATE ROLE name LOGIN IN ROLE "
                    + "\(role), and name it in '\(key.rawValue)'")
        }
        guard login.isMember(of: role) else {
            return .critical(
                .databaseLogin, "\(key.rawValue): the login \(login.name) is not a member of \(role)",
                do: "as an administrator of the database: GRANT \(role) TO \(login.name)")
        }
        return .ok(.databaseLogin, "\(key.rawValue): \(login.name), \(role)")
    }

    /// What the login may do and should not. An administrator's may do anything.
    static func problems(of login: DatabaseInspection.Login, as key: LoginKey) -> [String] {
        guard key != .admin else { return [] }
        // A superuser is a member of everything: that says it all.
        if login.isSuperuser { return ["is a superuser"] }
        var problems: [String] = []
        if login.ownsDatabase { problems.append("owns the database") }
        if login.isPrivileged { problems.append("may create roles or databases") }
        if login.bypassesRowSecurity { problems.append("is bound by no row-level security") }
        let others = login.groups.filter { $0 != key.role } + login.powers
        // A person may read and audit; a mail host does one thing.
        let harmful = key == .database ? others : others.filter { $0 == "lever_owner" || $0.hasPrefix("pg_") }
        if !harmful.isEmpty { problems.append("is also a member of \(harmful.joined(separator: ", "))") }
        return problems
    }

    private var adminLogin: Finding {
        guard settings.adminDatabase != nil else {
            return .ok(.databaseAdminLogin, "no administrator's login on this mail host")
        }
        return .critical(
            .databaseAdminLogin,
            "the configuration of this mail host has 'admin_database': who breaks in here is "
                + "administrator of every company",
            do: "take 'admin_database' out of \(settings.path); administrate from another machine")
    }

    // MARK: Server

    private func schema(_ facts: DatabaseProbe.Facts) -> Finding {
        let update = "run leverctl init-db on the administrator's machine"
        switch facts.schema {
        case .version(Schema.version): return .ok(.databaseSchema, "version \(Schema.version)")
        case .version(let found) where found < Schema.version:
            return .critical(.databaseSchema, "version \(found), and this program needs \(Schema.version)", do: update)
        case .version(let found):
            return .critical(
                .databaseSchema, "version \(found), newer than this program's \(Schema.version)",
                do: "install the newer lever-milter and leverctl on this host")
        case .missing: return .critical(.databaseSchema, "the database has no lever schema", do: update)
        case .hidden:
            return .notChecked(.databaseSchema, "the login may not see its version; see database.login, or it is old")
        }
    }

    private func version(_ facts: DatabaseProbe.Facts) -> Finding {
        let version = facts.server.version
        let text = "PostgreSQL \(version / 10_000).\(version % 10_000)"
        guard version >= 150_000 else {
            return .critical(.databaseServerVersion, text, do: "update PostgreSQL to 15 or later")
        }
        return .ok(.databaseServerVersion, text)
    }

    static func tls(_ transport: DatabaseInspection.Transport) -> Finding {
        guard let address = transport.address, !address.hasPrefix("127."), address != "::1" else {
            return .ok(.databaseTLS, "the server is on this host")
        }
        let advice = "add sslmode=verify-full to the connection string, and sslrootcert= if the authority is your own"
        guard transport.isEncrypted else {
            return .critical(
                .databaseTLS,
                "the connection to \(transport.host) is not encrypted: keys of companies go over it in clear",
                do: advice)
        }
        guard ["verify-ca", "verify-full"].contains(transport.sslmode) else {
            return .warning(
                .databaseTLS,
                "the connection to \(transport.host) is encrypted, and nobody checks that it is the server",
                do: advice)
        }
        return .ok(.databaseTLS, "to \(transport.host), \(transport.sslmode)")
    }

    private func durability(_ facts: DatabaseProbe.Facts) -> Finding {
        let settings = facts.server.settings
        let off = ["fsync", "full_page_writes"].filter { settings[$0] == "off" }
        guard off.isEmpty else {
            return .critical(
                .databaseDurability,
                "the server has \(off.joined(separator: " and ")) off: a crash of its host may destroy the database",
                do: "ALTER SYSTEM SET \(off[0]) = on, then SELECT pg_reload_conf()")
        }
        guard settings["synchronous_commit"] != "off" else {
            return .warning(
                .databaseDurability,
                "the server has synchronous_commit off: what leverctl changes may be lost in a crash; the daemon's own "
                    + "sessions switch it on",
                do: "ALTER SYSTEM SET synchronous_commit = on, then SELECT pg_reload_conf()")
        }
        return .ok(.databaseDurability, "a commit is on the server's disk")
    }

    // MARK: Hosts

    /// Whether the daemon works with what the database has now, told by the copy that it keeps.
    private var routing: Finding {
        guard let spool = settings.spool, let facts = probes.first(where: { $0.key == .database })?.facts,
            let rows = facts.routing
        else { return .notChecked(.databaseRouting, "what mail hosts know cannot be read; see the findings above") }
        guard case .running = daemon else { return .notChecked(.databaseRouting, "the daemon does not run") }
        do {
            guard let copy = try RoutingFile(path: "\(spool)/routing").load() else {
                return .notChecked(.databaseRouting, "the daemon has kept no copy; see spool.routing")
            }
            guard Set(copy) == Set(rows) || isTaken(rows, spool) else {
                return .warning(
                    .databaseRouting, "the daemon does not work with the newest companies, domains and keys",
                    do: "see 'routing' and 'database' lines of its log; systemctl reload lever-milter reads them now")
            }
            return .ok(.databaseRouting, "this host has the newest")
        } catch {
            return .notChecked(.databaseRouting, "\(error)")
        }
    }

    /// A change of this moment reaches the daemon within the next.
    private func isTaken(_ rows: [Routing.Row], _ spool: String) -> Bool {
        for _ in 0..<10 {
            usleep(200_000)
            if let copy = try? RoutingFile(path: "\(spool)/routing").load(), Set(copy) == Set(rows) { return true }
        }
        return false
    }

    private func hosts(_ hosts: [MailHostRecord]) -> [Finding] {
        let now = Timestamp.now().milliseconds
        var findings: [Finding] = []
        for host in hosts where !host.isGivenUp {
            guard let seen = host.seenAt else { continue }
            let age = Int((now - seen.milliseconds) / 1000)
            let advice =
                "see that lever-milter runs on \(host.host) and reaches the database; give it up with leverctl host revoke "
                + "\(host.host)"
            if age > 900 {
                findings.append(
                    .warning(.databaseHosts, "\(host.host) was last heard of \(span(age)) ago", do: advice))
            } else if !host.isCurrent, age > 120 {
                findings.append(
                    .warning(.databaseHosts, "\(host.host) works with older routing, said \(span(age)) ago", do: advice)
                )
            }
        }
        let count = hosts.count { $0.seenAt != nil && !$0.isGivenUp }
        return findings.isEmpty
            ? [.ok(.databaseHosts, "\(count) mail host\(count == 1 ? "" : "s"), all heard of")] : findings
    }
}
