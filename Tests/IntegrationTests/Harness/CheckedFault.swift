import Foundation
import Glibc
import TestSupport
import Testing

/// One fault, and how it is fixed; without `mend`, by following the advice.
struct CheckedFault: CustomTestStringConvertible {
    let testDescription: String
    let ids: Set<String>
    let make: @Sendable (CheckedHost) throws -> Void
    let mend: (@Sendable (CheckedHost) throws -> Void)?

    init(
        _ name: String, _ ids: String..., make: @escaping @Sendable (CheckedHost) throws -> Void,
        mend: (@Sendable (CheckedHost) throws -> Void)? = nil
    ) {
        testDescription = name
        self.ids = Set(ids)
        self.make = make
        self.mend = mend
    }

    typealias Step = @Sendable (CheckedHost) throws -> Void

    static func shell(_ name: String, _ id: String, make: String, mend: String? = nil) -> CheckedFault {
        let step: Step? = mend.map { mend in { @Sendable host in try host.shell(mend) } }
        return CheckedFault(name, id, make: { try $0.shell(make) }, mend: step)
    }

    /// A line of main.cf.
    static func main(_ name: String, _ id: String, _ line: String, mend: String? = nil) -> CheckedFault {
        let step: Step? = mend.map { mend in { @Sendable host in try host.postconf("-e", mend) } }
        return CheckedFault(name, id, make: { try $0.postconf("-e", line) }, mend: step)
    }

    static func configured(_ name: String, _ id: String, _ lines: String) -> CheckedFault {
        CheckedFault(name, id, make: { try $0.configure(lines) }, mend: { try $0.configure() })
    }

    /// A tmpfs over an area of the spool.
    static func mounted(_ name: String, _ id: String, options: String) -> CheckedFault {
        CheckedFault(
            name, id, "spool.file_system",
            make: { host in
                try Command.check([
                    "mount", "-t", "tmpfs", "-o", "mode=0700,\(options)", "lever-milter-test",
                    "\(host.spool)/delivered",
                ])
            }, mend: { try Command.check(["umount", "\($0.spool)/delivered"]) })
    }
}

extension CheckedFault {
    static let all: [CheckedFault] = [
        // The configuration.
        .configured("a key that is not known", "configuration.file", "sokcet: inet:1@127.0.0.1"),
        .shell("a configuration that everybody writes", "configuration.mode", make: "chmod 0666 {configuration}"),
        CheckedFault(
            "a password that everybody reads", "configuration.password",
            make: {
                try $0.configure(
                    "database: \($0.postgres.connectionString(database: "lever", user: "mx")) password=secret")
            }),
        .shell(
            "a signing key that everybody reads", "configuration.signing_key_mode", make: "chmod 0644 {signingKey}"),
        .shell(
            "a signing key that is gone", "configuration.signing_key", make: "mv {signingKey} {signingKey}.away",
            mend: "mv {signingKey}.away {signingKey}"),
        .shell(
            "a company's private key on the mail host", "configuration.private_keys",
            make: "cp {privateKey} $(dirname {configuration})/acme.pem",
            mend: "rm $(dirname {configuration})/acme.pem"),
        CheckedFault(
            "results of checks that nobody makes, and that anybody may write", "postfix.header_checks",
            "postfix.authentication_filters", make: { try $0.configure("authserv_ids: [mx.acme.example]") },
            mend: { try $0.configure() }),
        .configured(
            "kept messages that are less than one", "configuration.values", "done_limit: 1000000"),
        CheckedFault(
            "an administrator's login on the mail host", "database.admin_login",
            make: { try $0.configure("admin_database: \($0.postgres.connectionString(database: "lever"))") },
            mend: { try $0.configure() }),

        // The daemon.
        CheckedFault("no daemon", "daemon.running", make: { try $0.daemon.terminate() }, mend: { try $0.start() }),
        CheckedFault(
            "a daemon that hangs", "daemon.answers", "socket.access", make: { $0.daemon.send(SIGSTOP) },
            mend: { $0.daemon.send(SIGCONT) }),
        CheckedFault(
            "few descriptors", "daemon.descriptors",
            make: { try Command.check(["prlimit", "--pid", "\($0.daemon.pid)", "--nofile=200:200"]) },
            mend: { try $0.restart() }),
        CheckedFault(
            "a socket that was removed", "socket.exists", "daemon.answers", make: { try $0.shell("rm {socket}") },
            mend: { try $0.restart() }),

        // The socket.
        .shell("a socket of another group", "socket.access", make: "chgrp root {socket}"),
        .shell("a socket of mode 0600", "socket.access", make: "chmod 0600 {socket}"),
        .shell("a directory that Postfix may not enter", "socket.access", make: "chmod 2700 $(dirname {socket})"),
        .shell("a socket for everybody", "socket.mode", make: "chmod 0666 {socket}"),
        CheckedFault(
            "a path that does not count in the chroot", "socket.access",
            make: { host in
                for parameter in ["smtpd_milters", "non_smtpd_milters"] {
                    try host.postconf("-e", "\(parameter) = unix:\(host.socket)")
                }
            },
            mend: { host in
                for parameter in ["smtpd_milters", "non_smtpd_milters"] {
                    try host.postconf("-e", "\(parameter) = \(CheckedHost.filter)")
                }
            }),

        // Postfix.
        .main("no filter in smtpd_milters", "postfix.smtpd_milters", "smtpd_milters ="),
        .main("no filter in non_smtpd_milters", "postfix.non_smtpd_milters", "non_smtpd_milters ="),
        CheckedFault(
            "no filter at one service", "postfix.overrides",
            make: { try $0.postconf("-P", "127.0.0.1:\($0.postfix.port())/inet/smtpd_milters=") },
            mend: { try $0.postconf("-P", "-X", "127.0.0.1:\($0.postfix.port())/inet/smtpd_milters") }),
        .main(
            "default_action=accept", "postfix.default_action",
            "smtpd_milters = \(CheckedHost.filter.replacing("tempfail", with: "accept"))",
            mend: "smtpd_milters = \(CheckedHost.filter)"),
        .main(
            "a filter behind it", "postfix.order", "smtpd_milters = \(CheckedHost.filter), inet:127.0.0.1:9",
            mend: "smtpd_milters = inet:127.0.0.1:9, \(CheckedHost.filter)"),
        .main(
            "a time that is too short", "postfix.timeouts",
            "smtpd_milters = \(CheckedHost.filter.replacing("content_timeout=120s", with: "content_timeout=1s"))",
            mend: "smtpd_milters = \(CheckedHost.filter)"),
        .main("an old protocol", "postfix.protocol", "milter_protocol = 4"),
        .main("bounces that no filter sees", "postfix.bounces", "internal_mail_filter_classes ="),
        .main("bounces that name nothing", "postfix.bounces", "enable_threaded_bounces = no"),
        .main(
            "an alias in another domain", "postfix.aliases",
            "virtual_alias_maps = inline:{ {jobs@alias.example = rita@acme.example} }", mend: "virtual_alias_maps ="),
        .main(
            "a domain that becomes the company's", "postfix.aliases",
            "recipient_canonical_maps = texthash:/dev/null, inline:{ {@alias.example = @acme.example} }",
            mend: "recipient_canonical_maps ="),
        .main(
            "an extension that the filter does not know", "postfix.recipient_delimiter", "recipient_delimiter = +",
            mend: "recipient_delimiter ="),
        .main("bare line feeds", "postfix.bare_newline", "smtpd_forbid_bare_newline = no"),
        .main(
            "larger mail than the filter takes", "postfix.message_size_limit", "message_size_limit = 27000001",
            mend: "message_size_limit = 27000000"),
        .main(
            "no_milters in main.cf", "postfix.no_milters", "receive_override_options = no_milters",
            mend: "receive_override_options ="),
        .main(
            "other filters for some clients", "postfix.milter_maps", "smtpd_milter_maps = static:DISABLE",
            mend: "smtpd_milter_maps ="),

        // The database and keys.
        CheckedFault(
            "a superuser's login", "database.login",
            make: { try $0.configure("database: \($0.postgres.connectionString(database: "lever"))") },
            mend: { try $0.configure() }),
        CheckedFault(
            "a login that may read too", "database.login", make: { try $0.query("GRANT lever_operator TO mx") },
            mend: { try $0.query("REVOKE lever_operator FROM mx") }),
        CheckedFault(
            "a login that is no mail host's", "database.login",
            make: { try $0.query("REVOKE lever_ingest FROM mx") },
            mend: { try $0.query("GRANT lever_ingest TO mx") }),
        CheckedFault(
            "a login without the rights of its role", "database.login",
            make: {
                try $0.query("REVOKE lever_ingest FROM mx; ALTER ROLE mx NOINHERIT; GRANT lever_ingest TO mx")
            },
            mend: {
                try $0.query("REVOKE lever_ingest FROM mx; ALTER ROLE mx INHERIT; GRANT lever_ingest TO mx")
            }),
        CheckedFault(
            "an old schema", "database.schema",
            make: {
                try $0.query(
                    """
                    CREATE TABLE public.newest AS SELECT * FROM lever.schema_version ORDER BY version DESC LIMIT 1;
                    DELETE FROM lever.schema_version AS v USING public.newest AS n WHERE v.version = n.version
                    """)
            },
            mend: {
                try $0.query(
                    "INSERT INTO lever.schema_version SELECT * FROM public.newest; DROP TABLE public.newest")
            }),
        CheckedFault(
            "commits that do not wait for the disk", "database.durability",
            make: { try $0.query("ALTER ROLE mx SET synchronous_commit = off") },
            mend: { try $0.query("ALTER ROLE mx RESET synchronous_commit") }),
        CheckedFault(
            "no database", "database.reachable", make: { try $0.postgres.stop() }, mend: { try $0.postgres.start() }
        ),
        CheckedFault(
            "a database that hangs", "database.reachable", make: { try $0.postgres.suspend() },
            mend: { try $0.postgres.resume() }),
        CheckedFault(
            "no sealing key", "keys.sealing",
            make: { try $0.query("UPDATE lever.sealing_key SET state = 'retired'") },
            mend: { try $0.query("UPDATE lever.sealing_key SET state = 'primary'") }),
        CheckedFault(
            "a revoked signing key", "keys.signing",
            make: { try $0.query("UPDATE lever.host_key SET revoked_at = now()") },
            mend: { try $0.query("UPDATE lever.host_key SET revoked_at = NULL") }),
        .configured("another host's signing key", "keys.signing", "host_name: other.example"),

        // The spool.
        .shell("a spool that others look into", "spool.mode", make: "chmod 0755 {spool}/new"),
        .shell("a file of another user's", "spool.mode", make: "chown nobody {spool}/delivered"),
        .mounted("memory", "spool.file_system", options: "size=1g"),
        .mounted("a read-only disk", "spool.read_only", options: "ro,size=1g"),
        .mounted("no space", "spool.space", options: "size=16k"),
        .mounted("no inodes", "spool.inodes", options: "size=1g,nr_inodes=5"),
        .shell(
            "a message in quarantine", "spool.quarantine",
            make: "touch {spool}/quarantine/0198b2a4-0000-7000-8000-000000000000",
            mend: "rm {spool}/quarantine/*"),
        .shell(
            "what a crash left", "spool.leftovers", make: "touch -d '2 hours ago' {spool}/tmp/old",
            mend: "rm {spool}/tmp/old"),
        .shell(
            "no saved routing", "spool.routing", make: "mv {spool}/routing {spool}/.away",
            mend: "mv {spool}/.away {spool}/routing"),
    ]
}

extension CheckedHost {
    /// Runs a shell line in which `{spool}` and the like stand for paths of this host.
    func shell(_ line: String) throws {
        let paths = [
            "{configuration}": configuration, "{signingKey}": signingKey, "{privateKey}": privateKey, "{spool}": spool,
            "{socket}": socket,
        ]
        try Command.check(["bash", "-c", paths.reduce(line) { $0.replacing($1.key, with: $1.value) }])
    }
}
