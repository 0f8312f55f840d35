import Core
import Glibc
import SettingsFile
import Spool
import Store

/// Whether the database is reachable, has the right schema and settings, and has heard from every mail host.
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
        // Any login can examine the server; the mail host's own comes first.
        if let facts = probes.lazy.compactMap(\.facts).first {
            findings += [schema(facts), version(facts), Self.tls(facts.transport), durability(facts)]
            findings += Self.limits(facts.limits)
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
                do: "check that PostgreSQL is running, accepts connections from this host (pg_hba.conf, firewall), and "
                    + "that '\(probe.key.rawValue)' names it; captured messages wait in the spool meanwhile")
        case .reached(let facts):
            .ok(.databaseReachable, "\(probe.key.rawValue): as \(facts.login.name) at \(facts.transport.host)")
        }
    }

    // MARK: Server

    private func schema(_ facts: DatabaseProbe.Facts) -> Finding {
        let update = "run leverctl init-db on the administrator's machine"
        switch facts.schema {
        case .version(Schema.version): return .ok(.databaseSchema, "version \(Schema.version)")
        case .version(let found) where found < Schema.version:
            return .critical(.databaseSchema, "version \(found), but this program needs \(Schema.version)", do: update)
        case .version(let found):
            return .critical(
                .databaseSchema, "version \(found), newer than this program's \(Schema.version)",
                do: "install the newer lever-milter and leverctl on this host")
        case .missing: return .critical(.databaseSchema, "the database has no lever schema", do: update)
        case .hidden:
            return .notChecked(
                .databaseSchema,
                "the login cannot see its version, or the schema is too old to have "
                    + "one; see database.login")
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
                "the connection to \(transport.host) is not encrypted: companies' keys cross it in the clear",
                do: advice)
        }
        guard transport.sslmode == "verify-full" else {
            return .warning(
                .databaseTLS,
                "the connection to \(transport.host) is encrypted, but nothing verifies that the server is the database "
                    + "(sslmode=\(transport.sslmode))",
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
                "the server has synchronous_commit off: changes made by leverctl may be lost in a crash; the "
                    + "daemon's own "
                    + "sessions turn it on",
                do: "ALTER SYSTEM SET synchronous_commit = on, then SELECT pg_reload_conf()")
        }
        return .ok(.databaseDurability, "commits are durable on the server's disk")
    }

    /// Whether one login could hold up or starve all others.
    static func limits(_ limits: DatabaseInspection.Limits) -> [Finding] {
        let installAgain = "run leverctl init-db as the owner of the database, or as a superuser, which sets them"
        var findings: [Finding] = []
        if !limits.unlimited.isEmpty {
            findings.append(
                .warning(
                    .databaseLimits, "sessions have no \(limits.unlimited.joined(separator: ", no "))", do: installAgain
                ))
        }
        if !limits.liberties.isEmpty {
            findings.append(
                .warning(
                    .databaseLimits,
                    "every login may make \(limits.liberties.joined(separator: " and ")), and fill the disk",
                    do: "run leverctl init-db as a superuser, which takes that away"))
        }
        if limits.allowsPreparedTransactions {
            findings.append(
                .warning(
                    .databaseLimits,
                    "the server has max_prepared_transactions above 0: a login can leave a transaction behind that "
                        + "holds its locks without end",
                    do: "ALTER SYSTEM SET max_prepared_transactions = 0, then restart the server"))
        }
        if limits.notificationQueueUsage > 0.2 {
            findings.append(
                .warning(
                    .databaseLimits,
                    "the queue of notifications is \(Int(limits.notificationQueueUsage * 100)) % full: once it is full, no "
                        + "change of routing can be committed",
                    do:
                        "end the oldest transaction of a session that listens: pg_stat_activity shows them by xact_start"
                ))
        }
        return findings.isEmpty ? [.ok(.databaseLimits, "no session is without limits")] : findings
    }

    // MARK: Hosts

    /// Whether the daemon has the current routing, judged by the copy that it keeps.
    private var routing: Finding {
        guard let spool = settings.spool, let facts = probes.first(where: { $0.key == .database })?.facts,
            let rows = facts.routing
        else { return .notChecked(.databaseRouting, "the mail hosts' routing cannot be read; see the findings above") }
        guard case .running = daemon else { return .notChecked(.databaseRouting, "the daemon is not running") }
        do {
            guard let copy = try RoutingFile(path: "\(spool)/routing").load() else {
                return .notChecked(.databaseRouting, "the daemon has saved no copy; see spool.routing")
            }
            guard Set(copy) == Set(rows) || isTaken(rows, spool) else {
                return .warning(
                    .databaseRouting, "the daemon does not have the current companies, domains and keys",
                    do: "see the 'routing' and 'database' lines in its log; systemctl reload lever-milter reads them "
                        + "now")
            }
            return .ok(.databaseRouting, "this host has the current routing")
        } catch {
            return .notChecked(.databaseRouting, "\(error)")
        }
    }

    /// Waits for a change that was made just now to reach the daemon.
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
                "check that lever-milter runs on \(host.host) and reaches the database; if the host is decommissioned: "
                + "leverctl host revoke \(host.host)"
            if age > 900 {
                findings.append(
                    .warning(.databaseHosts, "\(host.host) was last heard from \(span(age)) ago", do: advice))
            } else if !host.isCurrent, age > 120 {
                findings.append(
                    .warning(
                        .databaseHosts, "\(host.host) has older routing, as it reported \(span(age)) ago", do: advice)
                )
            }
        }
        let count = hosts.count { $0.seenAt != nil && !$0.isGivenUp }
        return findings.isEmpty
            ? [.ok(.databaseHosts, "\(count) mail host\(count == 1 ? "" : "s"), all heard from")] : findings
    }
}
