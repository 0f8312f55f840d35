import Testing

@testable import SettingsFile

@Suite struct SettingsTests {
    private func settings(_ text: String) throws -> Settings {
        try Settings(Array(text.utf8), path: "test.yaml")
    }

    @Test func `every key is read`() throws {
        let settings = try settings(
            """
            # A comment.
            socket: inet:8891@127.0.0.1
            socket_mode: 0666
            metrics: unix:/run/lever-milter/metrics.sock
            database: "host=db.example dbname=lever user=mx1"
            admin_database: dbname=lever
            reader_database: user=reader
            rekey_database: user=rekey
            retention_database: user=retention
            auditor_database: user=auditor
            operator_database: user=operator
            company: Acme
            private_key: /etc/lever/acme.key
            from: rita
            passphrase_store: keyring
            passphrase_timeout: 60
            insecure_database: yes
            signing_key: /etc/lever-milter/mx1.key
            host_name: mx1.example
            spool: /var/spool/lever-milter
            marker_domains:
              - Hire.Example
              - hire.eu.example
            message_size_limit: 1000
            routing_poll_interval: 5
            delivery_batch: 7
            retry_min: 2
            retry_max: 9
            database_timeout: 12
            done_retention: 0
            done_limit: 4096
            log_level: debug
            log_format: json
            log_to: syslog
            """)
        #expect(settings.socket == .internet(host: "127.0.0.1", port: 8891, isIPv6: false))
        #expect(settings.socketMode == 0o666)
        #expect(settings.metrics == .unix(path: "/run/lever-milter/metrics.sock"))
        #expect(settings.database == "host=db.example dbname=lever user=mx1")
        #expect(settings.adminDatabase == "dbname=lever")
        #expect(settings.readerDatabase == "user=reader")
        #expect(settings.rekeyDatabase == "user=rekey")
        #expect(settings.retentionDatabase == "user=retention")
        #expect(settings.auditorDatabase == "user=auditor")
        #expect(settings.operatorDatabase == "user=operator")
        #expect(settings.company == "Acme" && settings.privateKeys == ["/etc/lever/acme.key"])
        #expect(settings.from == "rita")
        #expect(settings.passphraseStore == .keyring && settings.passphraseTimeout == 60)
        #expect(settings.allowsInsecureDatabase && settings.allowsInsecureDatabase(in: "database"))
        #expect(settings.databases.map(\.key).count == 7)
        #expect(settings.signingKey == "/etc/lever-milter/mx1.key")
        #expect(settings.hostName == "mx1.example")
        #expect(settings.spool == "/var/spool/lever-milter")
        #expect(settings.markerDomains == ["hire.example", "hire.eu.example"])
        #expect(settings.messageSizeLimit == 1000)
        #expect(settings.routingPollInterval == 5)
        #expect(settings.deliveryBatch == 7)
        #expect(settings.retryMinimum == 2)
        #expect(settings.retryMaximum == 9)
        #expect(settings.databaseTimeout == 12)
        #expect(settings.doneRetention == 0)
        #expect(settings.doneLimit == 4096)
        #expect(settings.logLevel == "debug")
        #expect(settings.logFormat == .json)
        #expect(settings.logDestination == .syslog)
    }

    @Test func `an empty file gives the defaults, and a missing required key is named`() throws {
        let settings = try settings("")
        #expect(settings.markerDomains == ["hire.lever.co", "hire.eu.lever.co"])
        #expect(throws: ConfigurationError.self) { try settings.require("socket", \.socket) }
        let error = #expect(throws: ConfigurationError.self) { try settings.require("spool", \.spool) }
        #expect(error?.description == "test.yaml: 'spool' is missing; add it")
    }

    @Test func `the table's defaults are those of an empty file`() throws {
        let defaults = SettingsKey.all.compactMap { key in
            if case .value(let value) = key.default { "\(key.name): \(value)" } else { nil }
        }
        #expect(defaults.count > 15)
        var given = try settings(defaults.joined(separator: "\n"))
        #expect(given.given.count == defaults.count)
        given.given = [:]
        #expect(String(describing: given) == String(describing: try settings("")))
    }

    @Test(arguments: [
        ("spol", "did you mean 'spool'?"),
        ("log-level", "did you mean 'log_level'?"),
        ("Socket_Mode", "did you mean 'socket_mode'?"),
        ("authserv_id", "did you mean 'authserv_ids'?"),
        ("retry_mix", "did you mean 'retry_min' or 'retry_max'?"),
        ("milter", "lever-milter.yaml(5) lists the known ones"),
        ("x", "lever-milter.yaml(5) lists the known ones"),
        (String(repeating: "spool", count: 100), "lever-milter.yaml(5) lists the known ones"),
    ])
    func `for an unknown key the error suggests the closest known one`(_ key: String, _ advice: String) {
        let error = #expect(throws: ConfigurationError.self) { try settings("\(key): x") }
        #expect(error?.description == "test.yaml:1: '\(key)' is not a known key; \(advice)")
    }

    @Test(arguments: [
        ("spol: /x", "test.yaml:1: 'spol' is not a known key"),
        ("\n\nspool: /x\nspool: /y", "test.yaml:4: 'spool' is given twice"),
        ("spool: relative", "test.yaml:1: 'spool' must be an absolute path"),
        ("signing_key: mx1.key", "test.yaml:1: 'signing_key' must be an absolute path, or credential:NAME"),
        ("signing_key: credential:../key", "test.yaml:1: 'signing_key' must be credential:NAME"),
        ("signing_key: 'credential:'", "test.yaml:1: 'signing_key' must be credential:NAME"),
        ("host_name: mx 1", "test.yaml:1: 'host_name' must be a name such as mx1.example"),
        ("spool: [/a, /b]", "test.yaml:1: 'spool' must have one value"),
        ("spool:", "test.yaml:1: 'spool' must have one value"),
        ("spool: {a: b}", "test.yaml:1: 'spool' must be a value or a list"),
        (
            "socket: unix:/" + String(repeating: "x", count: 107),
            "test.yaml:1: 'socket' is a path longer than 107 bytes"
        ),
        ("socket: tcp:1", "test.yaml:1: 'socket' must be unix:/path"),
        ("socket_mode: 888", "test.yaml:1: 'socket_mode' must be an octal mode"),
        ("metrics: 9415", "test.yaml:1: 'metrics' must be unix:/path, inet:port@127.0.0.1 or inet6:port@::1"),
        ("metrics: inet:9415@0.0.0.0", "test.yaml:1: 'metrics' must be unix:/path, inet:port@127.0.0.1"),
        ("metrics: inet:9415@mx1.example", "test.yaml:1: 'metrics' must be unix:/path, inet:port@127.0.0.1"),
        ("metrics: \"inet6:9415@::\"", "test.yaml:1: 'metrics' must be unix:/path, inet:port@127.0.0.1"),
        ("metrics: fd:4", "test.yaml:1: 'metrics' must be unix:/path, inet:port@127.0.0.1"),
        ("metrics: unix:/" + String(repeating: "x", count: 107), "test.yaml:1: 'metrics' is a path longer than 107"),
        ("message_size_limit: 50MB", "test.yaml:1: 'message_size_limit' must be a number from 1 to"),
        ("delivery_batch: 0", "test.yaml:1: 'delivery_batch' must be a number from 1 to"),
        ("retry_min: 10\nretry_max: 5", "test.yaml: 'retry_min' is larger than 'retry_max'"),
        ("marker_domains: []", "test.yaml:1: 'marker_domains' must be a list of domains"),
        ("marker_domains: [under_score.example]", "test.yaml:1: 'marker_domains' must be a list of domains"),
        ("internal_hosts: [mx.example]", "test.yaml:1: 'internal_hosts' must be a list of addresses and networks"),
        ("internal_hosts: [192.0.2.1/24]", "test.yaml:1: 'internal_hosts' must be a list of addresses and networks"),
        ("log_level: loud", "test.yaml:1: 'log_level' must be one of debug"),
        ("passphrase_store: wallet", "test.yaml:1: 'passphrase_store' must be one of none, desktop, keyring"),
        ("log_format: xml", "test.yaml:1: 'log_format' must be one of text, json"),
        ("log_to: file", "test.yaml:1: 'log_to' must be one of stderr, syslog"),
        ("- a\n- b", "test.yaml:1: expected lines of the form 'key: value'"),
        ("a: \"unclosed", "test.yaml:1: "),
        ("? [a]\n: b", "test.yaml:1: a key must be a word"),
    ])
    func `a mistake is reported with its line and what to do`(_ text: String, _ expected: String) {
        let error = #expect(throws: ConfigurationError.self) { try settings(text) }
        #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "no error")")
    }

    @Test func `a missing file is reported with its path`() {
        let error = #expect(throws: ConfigurationError.self) { try Settings.load(path: "/nonexistent/lever.yaml") }
        #expect(
            error?.description
                == "/nonexistent/lever.yaml: No such file or directory; give the file's path with --config")
    }

    @Test(arguments: [
        ("unix:/run/a.sock", "unix:/run/a.sock"),
        ("local:/run/a.sock", "unix:/run/a.sock"),
        ("inet:8891@127.0.0.1", "inet:8891@127.0.0.1"),
        ("inet:127.0.0.1:8891", "inet:8891@127.0.0.1"),
        ("inet6:8891@::1", "inet6:8891@::1"),
        ("inet6:[::1]:8891", "inet6:8891@::1"),
        ("fd:3", "fd:3"),
    ])
    func `a socket is parsed in libmilter's form and in Postfix's`(_ text: String, _ libmilter: String) {
        #expect(SocketAddress(text)?.description == libmilter)
    }

    @Test(arguments: [
        ("unix:/run/a.sock", true), ("inet:1@127.0.0.1", true), ("inet:1@127.8.9.1", true), ("inet:1@localhost", true),
        ("inet6:1@::1", true), ("inet6:1@localhost", true), ("inet6:[::1]:1", true), ("inet:1@128.0.0.1", false),
        ("inet:1@0.0.0.0", false), ("inet:1@127.0.0.1.example", false), ("inet:1@127.1", false), ("inet6:1@::", false),
        ("inet6:1@::2", false), ("inet6:1@127.0.0.1", false), ("inet:1@::1", false), ("fd:3", false),
    ])
    func `unix sockets and loopback addresses are local to this host`(_ text: String, _ isLocal: Bool) {
        #expect(SocketAddress(text)?.isLocal == isLocal)
    }

    @Test(arguments: [
        "", "unix:", "unix:relative", "inet:", "inet:host", "inet:0@host", "inet:99999@host", "fd:x", "fd:-1", "x:y",
    ])
    func `other sockets are refused`(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }
}
