extension SettingsKey {
    /// Every key, in the order of the manual. A new one is a row here, a property of `Settings`, and a row in the table
    /// of docs/reference/configuration.md, which a test compares with this one.
    public static let all = connections + databases + reading + mail + delivery + log

    private static let connections: [SettingsKey] = [
        SettingsKey(
            "socket", \.socket, .address, of: .daemon, absent: "required", example: "fd:3",
            """
            where Postfix connects: `unix:/path`, `inet:8891@127.0.0.1` (or `inet:127.0.0.1:8891`), `inet6:8891@::1`, \
            or `fd:3` for a socket inherited from the service manager
            """),
        SettingsKey(
            "socket_mode", \.socketMode, .octalMode, of: .daemon, default: "0660",
            """
            permission bits of a `unix:` socket, in octal. Its group is that of its directory: make the directory \
            setgid and give it Postfix's group
            """),
        SettingsKey(
            "metrics", \.metrics, .localAddress, of: .daemon, absent: "none", example: "inet:9870@127.0.0.1",
            """
            where Prometheus and health checks connect: `inet:9415@127.0.0.1`, `inet6:9415@::1` or \
            `unix:/run/lever-milter/metrics.sock`; local addresses only
            """),
    ]

    private static let databases: [SettingsKey] = [
        SettingsKey(
            "database", \.database, .text, of: .daemonAndReplay, absent: "required",
            example: "host=db.example dbname=lever user=mx1 sslmode=verify-full",
            """
            libpq connection string, for a login in `lever_ingest`. Name several hosts for failover, `host=db1,db2`: \
            the daemon uses the one that accepts writes
            """),
        SettingsKey(
            "insecure_database", \.allowsInsecureDatabase, .yesOrNo, of: .both, default: "no",
            """
            `yes` allows connection strings without `sslmode=verify-full` to databases on other hosts. Without it they \
            are refused, in each key of this file: whoever is on the way could read markers' and index keys, or pose as \
            the database. A unix socket and loopback addresses need no TLS
            """),
        SettingsKey(
            "database_timeout", \.databaseTimeout, .number(1...3600), of: .daemonAndReplay, default: "90",
            """
            seconds to wait for an answer from the database; then the connection is closed and the messages are \
            retried on a new one. It also sets the server's limits: two thirds of it for a statement, one third for a \
            lock
            """),
        SettingsKey(
            "host_name", \.hostName, .hostName, of: .daemonAndReplay, absent: "the system's name", example: "mx1",
            """
            name of this mail host in the database: the one given to `leverctl host add`, and no other host's. Up to \
            255 visible ASCII characters
            """),
        SettingsKey(
            "signing_key", \.signingKey, .secretFile, of: .daemonAndReplay, absent: "none",
            example: "credential:lever-milter.signing-key",
            """
            absolute path of the Ed25519 key (PEM, unencrypted) with which the host signs what it stores, or \
            `credential:NAME` for one provided by the service manager (systemd's `LoadCredential=`). `leverctl host \
            add` makes one. Only the daemon's user may be able to read it. Without a key messages are stored, and \
            shown as `unsigned`
            """),
        SettingsKey(
            "admin_database", \.adminDatabase, .text, of: .leverctl, absent: "required for administration",
            example: "host=db.example dbname=lever user=admin sslmode=verify-full",
            "libpq connection string, for a login in `lever_owner`. Does not belong on a mail host"),
        SettingsKey(
            "reader_database", \.readerDatabase, .text, of: .leverctl, absent: "required for its commands",
            example: "host=db.example dbname=lever user=reader sslmode=verify-full",
            "connection string for reading: a login in `lever_reader` that is a user (`leverctl user add`)"),
        SettingsKey(
            "rekey_database", \.rekeyDatabase, .text, of: .leverctl, absent: "required for its commands",
            example: "host=db.example dbname=lever user=rekey sslmode=verify-full",
            "connection string for `key rewrap`: a login in `lever_rekey` with `leverctl access grant`"),
        SettingsKey(
            "retention_database", \.retentionDatabase, .text, of: .leverctl, absent: "required for its commands",
            example: "host=db.example dbname=lever user=retention sslmode=verify-full",
            "connection string for `retention run`: a login in `lever_retention` with `leverctl access grant`"),
        SettingsKey(
            "auditor_database", \.auditorDatabase, .text, of: .leverctl, absent: "required for its commands",
            example: "host=db.example dbname=lever user=auditor sslmode=verify-full",
            """
            connection string for `audit` and `access list --auditor`: a login in `lever_auditor` with \
            `leverctl access grant`
            """),
        SettingsKey(
            "operator_database", \.operatorDatabase, .text, of: .leverctl, absent: "required for its commands",
            example: "host=db.example dbname=lever user=operator sslmode=verify-full",
            """
            connection string for `trace` and `deliveries`: a login in `lever_operator` with `leverctl access grant`. \
            Safe to keep on a mail host
            """),
    ]

    /// What a reader's commands take if no option says otherwise.
    private static let reading: [SettingsKey] = [
        SettingsKey(
            "company", \.company, .text, of: .leverctl, variable: .init(name: "LEVER_COMPANY"),
            absent: "the only one that the login sees", example: "Acme",
            """
            name or id of the company that commands work on without `--company`. The environment variable \
            `LEVER_COMPANY` counts before it
            """),
        SettingsKey(
            "private_key", \.privateKeys, .files, of: .leverctl,
            variable: .init(name: "LEVER_PRIVATE_KEY", separator: ":"), default: "[]",
            example: "~/lever/acme.key",
            """
            file of the company's private key, or a list of files, for commands without `--private-key`. `~` is your \
            home, and a relative path starts at this file's directory. The environment variable `LEVER_PRIVATE_KEY` \
            counts before it; colons separate its paths. Does not belong on a mail host
            """),
        SettingsKey(
            "from", \.from, .text, of: .leverctl, variable: .init(name: "LEVER_FROM"),
            absent: "the login of `reader_database`", example: "rita",
            """
            user whom `leverctl send` writes as without `--from`, which must be the login of `reader_database`. The \
            environment variable `LEVER_FROM` counts before it
            """),
        SettingsKey(
            "passphrase_store", \.passphraseStore, .choice, of: .leverctl, default: "none",
            """
            where passphrases of private keys are remembered: `none`; `keyring`, the user's keyring in the kernel, for \
            `passphrase_timeout` seconds after they were typed; or `desktop`, the keyring of the desktop's session \
            (Secret Service, by secret-tool), for good after `leverctl key remember`
            """),
        SettingsKey(
            "passphrase_timeout", \.passphraseTimeout, .number(1...604_800), of: .leverctl, default: "3600",
            "seconds that the kernel's keyring remembers a passphrase"),
        SettingsKey(
            "unconfirmed_addresses", \.unconfirmedAddresses, .choice, of: .leverctl, default: "send",
            """
            what `leverctl send` does with a candidate's address that nobody has confirmed with the company's key: \
            `send` if it is the one that the audit says was added, or `refuse`
            """),
        SettingsKey(
            "smime_authorities", \.smimeAuthorities, .absolutePath, of: .leverctl, absent: "none",
            example: "/etc/lever-milter/smime-authorities.pem",
            """
            file of the certificates (PEM) of authorities that a reader trusts for S/MIME signatures of mail. Without \
            it signatures are said to be not checked
            """),
    ]

    private static let mail: [SettingsKey] = [
        SettingsKey(
            "spool", \.spool, .absolutePath, of: .both, absent: "required", example: "/var/spool/lever-milter",
            """
            directory of messages that wait for the database; created with mode 0700 if missing. Use a local file \
            system with room for the longest database outage that you plan for
            """),
        SettingsKey(
            "marker_domains", \.markerDomains, .domains, of: .both, default: "[hire.lever.co, hire.eu.lever.co]",
            "domains of the message ids that mark a thread"),
        SettingsKey(
            "authserv_ids", \.authservIDs, .authservIDs, of: .daemonAndReplay, default: "[]",
            example: "[mx.acme.example]",
            """
            authserv-ids of the hosts whose Authentication-Results fields are trusted. Postfix must drop such fields \
            from incoming mail before its first filter (`header_checks`). Without any, nobody checks who writes: \
            whoever puts a colleague's address in From is taken for the colleague
            """),
        SettingsKey(
            "internal_hosts", \.internalHosts, .networks, of: .daemon, default: "[127.0.0.0/8, \"::1\"]",
            """
            IP addresses and networks of hosts whose mail is the companies' own without SMTP AUTH: the hub, Exchange \
            server or smart host that relays outgoing mail through this one. A trusted result that says otherwise \
            counts more
            """),
        SettingsKey(
            "message_size_limit", \.messageSizeLimit, .number(1...1_073_741_824), of: .daemonAndReplay,
            default: "52428800",
            """
            bytes of the largest message that is captured. Postfix delivers a larger marked message as usual; it is \
            not stored, and recorded as `too_large`
            """),
        SettingsKey(
            "session_limit", \.sessionLimit, .number(1...100_000), of: .daemon, default: "1000",
            """
            Postfix connections that may carry mail of companies on limited sync at one time. Such mail on further \
            connections is deferred; other mail passes
            """),
        SettingsKey(
            "in_flight_limit", \.inFlightLimit, .number(1...Int(Int32.max) * 64), of: .daemon, default: "1073741824",
            """
            bytes of marked messages that may be in transfer at one time, each counted once, for however many companies \
            it is stored; at least `message_size_limit`
            """),
    ]

    private static let delivery: [SettingsKey] = [
        SettingsKey(
            "routing_poll_interval", \.routingPollInterval, .number(1...86_400), of: .daemon, default: "60",
            "seconds after which companies and keys are read again even if the database announced no change"),
        SettingsKey(
            "delivery_batch", \.deliveryBatch, .number(1...1000), of: .daemonAndReplay, default: "64",
            "messages stored in one transaction, at most"),
        SettingsKey(
            "retry_min", \.retryMinimum, .number(1...3600), of: .daemon, default: "1",
            "seconds before the first retry while the database is unavailable"),
        SettingsKey(
            "retry_max", \.retryMaximum, .number(1...86_400), of: .daemon, default: "300",
            "seconds between retries, at most. The wait doubles up to it, with jitter"),
        SettingsKey(
            "done_retention", \.doneRetention, .number(0...604_800), of: .daemon, default: "3600",
            """
            seconds that delivered messages stay in the spool, sealed, so that they can be redelivered if the database \
            loses them. 0 keeps none
            """),
        SettingsKey(
            "done_limit", \.doneLimit, .number(0...1_099_511_627_776), of: .daemon, default: "1073741824",
            """
            bytes on disk that delivered messages take up, at most. They also never take more than is left free, and \
            are removed for new mail when the disk is full
            """),
    ]

    private static let log: [SettingsKey] = [
        SettingsKey(
            "log_level", \.logLevel, .word(of: ["debug", "info", "notice", "warning", "error"]), of: .daemon,
            default: "info", "`debug`, `info`, `notice`, `warning` or `error`"),
        SettingsKey(
            "log_format", \.logFormat, .choice, of: .daemon, default: "text", "form of a log line: `text` or `json`"),
        SettingsKey(
            "log_to", \.logDestination, .choice, of: .daemon, default: "stderr",
            """
            where the log goes: `stderr`, which journald or another supervisor collects, or `syslog`, facility mail of \
            the host's syslog
            """),
    ]
}
