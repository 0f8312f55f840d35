import Core
import SettingsFile
import TestSupport
import Testing

@testable import Diagnostics

@Suite struct PostfixTests {
    @Test(arguments: [
        ("", []),
        ("unix:a.sock, inet:localhost:8891", ["unix:a.sock", "inet:localhost:8891"]),
        ("unix:a.sock\tinet:[::1]:8891", ["unix:a.sock", "inet:[::1]:8891"]),
        ("{ unix:a.sock, default_action=accept }, unix:b", ["unix:a.sock accept", "unix:b"]),
        ("{unix:a.sock,default_action=accept}", ["unix:a.sock accept"]),
        ("{ unix:a.sock, { default_action = accept } }", ["unix:a.sock accept"]),
        ("{ unix:a.sock", ["{ unix:a.sock"]),
    ])
    func `milter lists are parsed as Postfix parses them`(_ text: String, _ expected: [String]) {
        let read = MilterReference.list(text).map { milter in
            milter.address + (milter.settings["default_action"].map { " \($0)" } ?? "")
        }
        #expect(read == expected)
    }

    @Test(
        arguments: [
            ("unix:lever/m.sock", false, "unix:/queue/lever/m.sock"),
            ("unix:lever/m.sock", true, "unix:/queue/lever/m.sock"),
            ("unix:/run/m.sock", false, "unix:/run/m.sock"), ("unix:/run/m.sock", true, "unix:/queue/run/m.sock"),
            ("inet:127.0.0.1:8891", true, "inet:127.0.0.1:8891"), ("inet:[::1]:8891", false, "inet:[::1]:8891"),
            ("inet:8891", false, nil), ("smtp:a", false, nil),
        ] as [(String, Bool, String?)])
    func `an address resolves as it does for a Postfix program, chrooted or not`(
        _ text: String, _ isChrooted: Bool, _ expected: String?
    ) {
        let endpoint = MilterReference.list(text)[0].endpoint(queueDirectory: "/queue", isChrooted: isChrooted)
        #expect(endpoint?.description == expected)
    }

    @Test(arguments: [("y", "3.6", true), ("n", "0", false), ("-", "3.6", false), ("-", "0", true)])
    func `a service's chroot field decides whether it is chrooted, and the default if the field is a dash`(
        _ field: String, _ level: String, _ expected: Bool
    ) {
        let setup = PostfixSetup(
            parameters: ["compatibility_level": level],
            master: "smtp       inet  n       -       \(field)       -       -       smtpd -o a=b\n",
            overrides: [
                "smtp/inet/smtpd_milters": "", "smtp/unix/smtpd_milters": "x", "smtps/inet/smtpd_milters": "y",
            ])
        #expect(setup.services.map(\.isChrooted) == [expected])
        #expect(setup.services[0].overrides == ["smtpd_milters": ""])
        #expect(setup.value("smtpd_milters", setup.services[0]) == "")
    }

    @Test(arguments: [("30", 30), ("30s", 30), ("2m", 120), ("1h", 3600), ("x", nil), ("", nil)] as [(String, Int?)])
    func `times are parsed with their units`(_ text: String, _ expected: Int?) {
        #expect(PostfixSetup.seconds(text) == expected)
    }

    @Test(arguments: [
        ("127.0.0.1", "localhost", true), ("0.0.0.0", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
        ("::1", "127.0.0.1", false),
    ])
    func `addresses are compared by value, not by spelling`(_ one: String, _ other: String, _ expected: Bool) {
        #expect(Endpoint.tcp(host: one, port: 1).isReached(by: .tcp(host: other, port: 1)) == expected)
        #expect(!Endpoint.tcp(host: one, port: 1).isReached(by: .tcp(host: other, port: 2)))
    }

    @Test(arguments: [("127.0.0.1", true), ("::1", true), ("0.0.0.0", false), ("192.0.2.1", false), ("::", false)])
    func `an address that others can reach is told from a local one`(_ host: String, _ expected: Bool) {
        #expect(Endpoint.tcp(host: host, port: 1).isLocal == expected)
    }

    /// Milters found in a main.cf and in -o options of services.
    private func problems(
        _ main: [String: String], _ overrides: [String: String] = [:], configuration: String = "",
        routing: Routing? = nil, lookUp: @escaping @Sendable (String, String) -> String? = { _, _ in nil },
        list: @escaping @Sendable (RewritingTable) -> [RewritingTable.Entry]? = { _ in nil }
    ) throws -> [CheckID] {
        try findings(main, overrides, configuration: configuration, routing: routing, lookUp: lookUp, list: list)
            .filter { $0.status > .notChecked }.map(\.id)
    }

    private func findings(
        _ main: [String: String], _ overrides: [String: String] = [:], configuration: String = "",
        routing: Routing? = nil, lookUp: @escaping @Sendable (String, String) -> String? = { _, _ in nil },
        list: @escaping @Sendable (RewritingTable) -> [RewritingTable.Entry]? = { _ in nil }
    ) throws -> [Finding] {
        let directory = try TemporaryDirectory("postfixfindings")
        let settings = try Settings.load(
            path: directory.write("lever-milter.yaml", "socket: unix:/queue/lever/m.sock\n\(configuration)"))
        let usual = [
            "mail_version": "3.7.11", "compatibility_level": "3.6", "queue_directory": "/queue",
            "smtpd_milters": "unix:lever/m.sock", "non_smtpd_milters": "unix:lever/m.sock",
            "milter_default_action": "tempfail", "milter_protocol": "6", "milter_connect_timeout": "30s",
            "milter_command_timeout": "30s", "milter_content_timeout": "300s",
            "smtpd_forbid_bare_newline": "normalize", "message_size_limit": "10240000",
        ]
        let master = """
            smtp       inet  n       -       y       -       -       smtpd
            127.0.0.1:10025 inet n   -       y       -       -       smtpd
            pickup     unix  n       -       y       60      1       pickup
            cleanup    unix  n       -       y       -       0       cleanup
            bounce     unix  -       -       y       -       0       bounce
            """
        let setup = PostfixSetup(
            parameters: usual.merging(main) { $1 }, master: master, overrides: overrides, lookUp: lookUp, list: list)
        guard let routing else {
            return PostfixCheck(
                settings: settings, postfix: .found(setup), endpoint: .unix("/queue/lever/m.sock")
            ).findings()
        }
        return PostfixFindings(
            settings: settings, setup: setup, endpoint: .unix("/queue/lever/m.sock"), routing: routing
        ).all
    }

    @Test(
        arguments: [
            (["enable_threaded_bounces": "yes", "internal_mail_filter_classes": "bounce"], [:], []),
            (["enable_threaded_bounces": "yes", "internal_mail_filter_classes": "notify, bounce"], [:], []),
            (["enable_threaded_bounces": "no", "internal_mail_filter_classes": "bounce"], [:], [.postfixBounces]),
            (["enable_threaded_bounces": "yes", "internal_mail_filter_classes": ""], [:], [.postfixBounces]),
            (["enable_threaded_bounces": "yes", "internal_mail_filter_classes": "notify"], [:], [.postfixBounces]),
            (
                ["enable_threaded_bounces": "no", "internal_mail_filter_classes": ""], [:],
                [.postfixBounces, .postfixBounces]
            ),
            // Before 3.6.
            (["internal_mail_filter_classes": "bounce"], [:], [.postfixBounces]),
            (
                ["enable_threaded_bounces": "no", "internal_mail_filter_classes": ""],
                ["bounce/unix/enable_threaded_bounces": "yes", "bounce/unix/internal_mail_filter_classes": "bounce"], []
            ),
        ] as [([String: String], [String: String], [CheckID])])
    func `bounces that Postfix writes pass the filter and name what came back`(
        _ main: [String: String], _ overrides: [String: String], _ expected: [CheckID]
    ) throws {
        #expect(try problems(main, overrides) == expected)
    }

    private static let companies = try! Routing(rows: [
        Routing.Row(company: CompanyID(rawValue: 1), item: .company, name: "limited"),
        Routing.Row(company: CompanyID(rawValue: 1), item: .domain, name: "acme.example"),
        Routing.Row(company: CompanyID(rawValue: 1), item: .domain, name: "acme.test"),
        Routing.Row(company: CompanyID(rawValue: 2), item: .company, name: "full"),
        Routing.Row(company: CompanyID(rawValue: 2), item: .domain, name: "globex.example"),
    ])

    @Test(
        arguments: [
            ("", "", true), ("jobs@acme.example", "rita@acme.example", true),
            ("jobs@acme.test", "rita@acme.example", true), ("jobs@alias.example", "x@home.example", true),
            ("jobs@alias.example", "rita@globex.example", true), ("postmaster", "rita@acme.example", true),
            ("jobs@globex.example", "rita@acme.example", true),
            ("jobs@alias.example", "rita@acme.example", false),
            ("JOBS@Alias.Example", "x@y.example, RITA@ACME.example", false),
            ("@alias.example", "@acme.example", false), ("jobs@alias.example", "rita", false),
        ])
    func `an address of another domain that becomes a company's is a warning`(
        _ key: String, _ value: String, _ isWell: Bool
    ) throws {
        for parameter in ["virtual_alias_maps", "canonical_maps", "recipient_canonical_maps", "sender_canonical_maps"] {
            let found = try problems(
                [parameter: "hash:/etc/postfix/empty, hash:/etc/postfix/virtual", "myorigin": "acme.example"],
                routing: Self.companies,
                list: {
                    $0.name == "hash:/etc/postfix/virtual"
                        ? RewritingTable.entries(listing: "\(key)\t\(value)\n") : []
                })
            #expect(found == (isWell ? [] : [.postfixAliases]), "\(parameter)")
        }
    }

    @Test(arguments: [
        ("/^(.*)@alias\\.example$/ $1@acme.example", false),
        ("/^(.*)@alias\\.example$/i\n   x@y.example\n  $1@acme.example", false),
        ("# /x@alias.example/ a@acme.example", true), ("/^(.*)@acme\\.example$/ rita@acme.example", true),
        ("/^postmaster@/ rita@acme.example", false), ("if /x/\nendif", true),
    ])
    func `a table of patterns is read from its file`(_ text: String, _ isWell: Bool) throws {
        let found = try problems(
            ["virtual_alias_maps": "regexp:/etc/postfix/virtual.regexp"], routing: Self.companies,
            list: { table in
                #expect(table.patternFile == "/etc/postfix/virtual.regexp")
                return RewritingTable.entries(patterns: text)
            })
        #expect(found == (isWell ? [] : [.postfixAliases]))
    }

    @Test func `a table that cannot be listed is asked for the other domains, and reported as not checked`() throws {
        let main = [
            "virtual_alias_maps": "proxy:ldap:/etc/postfix/ldap.cf",
            "virtual_alias_domains": "alias.example, acme.example",
            "mydestination": "mx.acme.example localhost",
        ]
        func aliases(_ answer: String?) throws -> Finding? {
            try findings(
                main, routing: Self.companies,
                lookUp: { table, key in
                    #expect(table == "proxy:ldap:/etc/postfix/ldap.cf")
                    return key == "@alias.example" ? answer : nil
                }
            ).first { $0.id == .postfixAliases }
        }
        #expect(try aliases("@acme.example\n")?.status == .warning)
        let unknown = try #require(try aliases(nil))
        #expect(unknown.status == .notChecked && unknown.text.contains("ldap:/etc/postfix/ldap.cf"))
    }

    static let again = "127.0.0.1:10025/inet/"

    @Test(
        arguments: [
            ([:], [:], []),
            ([:], [again + "smtpd_milters": ""], [.postfixOverrides]),
            ([:], [again + "smtpd_milters": "", again + "content_filter": ""], [.postfixOverrides]),
            (
                ["content_filter": "smtp:[127.0.0.1]:10024"],
                [again + "smtpd_milters": "", again + "content_filter": ""], []
            ),
            ([:], [again + "receive_override_options": "no_milters"], [.postfixNoMilters]),
            (
                ["content_filter": "smtp:[127.0.0.1]:10024"],
                [again + "content_filter": "", again + "receive_override_options": "no_address_mappings,no_milters"],
                []
            ),
            ([:], ["pickup/unix/receive_override_options": "no_milters"], [.postfixNoMilters]),
            ([:], ["cleanup/unix/non_smtpd_milters": ""], [.postfixNonSMTPDMilters]),
            ([:], ["smtp/inet/milter_default_action": "accept"], [.postfixDefaultAction]),
            // Of smtpd and of cleanup.
            (["milter_default_action": "quarantine"], [:], [.postfixDefaultAction, .postfixDefaultAction]),
            (["milter_content_timeout": "10m"], [:], [.postfixTimeouts, .postfixTimeouts]),
            ([:], ["smtp/inet/milter_command_timeout": "1s"], [.postfixTimeouts]),
            ([:], ["smtp/inet/smtpd_forbid_bare_newline": "no"], [.postfixBareNewline]),
            (["smtpd_milters": "{ unix:lever/m.sock, protocol=2 }"], [:], [.postfixProtocol]),
            (["smtpd_milters": "unix:other.sock"], [:], [.postfixSMTPDMilters]),
            (["mail_version": "2.11.3"], [:], [.postfixVersion]),
            (["message_size_limit": "0"], [:], [.postfixMessageSizeLimit]),
        ] as [([String: String], [String: String], [CheckID])])
    func `a service's -o options count, and a second pass behind a content filter is not a mistake`(
        _ main: [String: String], _ overrides: [String: String], _ expected: [CheckID]
    ) throws {
        #expect(try problems(main, overrides) == expected)
    }

    @Test(
        arguments: [
            // Who trusts nobody needs neither.
            ("", "unix:lever/m.sock", "regexp:none", [:], []),
            ("mx", "unix:dkim.sock, unix:lever/m.sock", "regexp:good", [:], []),
            ("mx", "unix:opendkim.sock, unix:opendmarc.sock, unix:lever/m.sock", "regexp:other, regexp:good", [:], []),
            ("mx", "inet:localhost:11332, unix:lever/m.sock", "regexp:good", [:], []),
            // Nothing is dropped, or too little.
            ("mx", "unix:dkim.sock, unix:lever/m.sock", "", [:], [.postfixHeaderChecks]),
            ("mx", "unix:dkim.sock, unix:lever/m.sock", "regexp:none", [:], [.postfixHeaderChecks]),
            ("mx", "unix:dkim.sock, unix:lever/m.sock", "regexp:plain", [:], [.postfixHeaderChecks]),
            ("mx", "unix:dkim.sock, unix:lever/m.sock", "regexp:dunno, regexp:good", [:], [.postfixHeaderChecks]),
            ("mx, mx2", "unix:dkim.sock, unix:lever/m.sock", "regexp:good", [:], [.postfixHeaderChecks]),
            (
                "mx", "unix:dkim.sock, unix:lever/m.sock", "regexp:good",
                ["smtp/inet/receive_override_options": "no_header_body_checks"], [.postfixHeaderChecks]
            ),
            (
                "mx", "unix:dkim.sock, unix:lever/m.sock", "regexp:good",
                ["cleanup/unix/header_checks": "regexp:none"], [.postfixHeaderChecks]
            ),
            (
                "mx", "unix:dkim.sock, unix:lever/m.sock", "regexp:none",
                ["cleanup/unix/header_checks": "regexp:good"], []
            ),
            // Nobody checks, or in the wrong order.
            ("mx", "unix:lever/m.sock", "regexp:good", [:], [.postfixAuthenticationFilters]),
            (
                "mx", "unix:lever/m.sock, unix:dkim.sock", "regexp:good", [:],
                [.postfixAuthenticationFilters, .postfixOrder]
            ),
            (
                "mx", "unix:opendmarc.sock, unix:opendkim.sock, unix:lever/m.sock", "regexp:good", [:],
                [.postfixAuthenticationFilters]
            ),
        ] as [(String, String, String, [String: String], [CheckID])])
    func `results of trusted hosts count where nobody outside can have written them, and somebody here does`(
        _ ids: String, _ milters: String, _ checks: String, _ overrides: [String: String], _ expected: [CheckID]
    ) throws {
        // As postmap(1) answers.
        let tables: [String: @Sendable (String) -> String?] = [
            "regexp:good": { $0.lowercased().contains("mx") && !$0.lowercased().contains("mx2") ? "IGNORE\n" : nil },
            "regexp:plain": { $0.hasPrefix("Authentication-Results: mx") ? "IGNORE" : nil },
            "regexp:dunno": { _ in "DUNNO" },
        ]
        let found = try problems(
            ["smtpd_milters": milters, "header_checks": checks], overrides, configuration: "authserv_ids: [\(ids)]\n"
        ) { table, field in tables[table]?(field) }
        #expect(found == expected)
    }
}
