import Core
import SettingsFile
import TestSupport
import Testing

@testable import Diagnostics

/// Findings at the services of master.cf, by real postconf(1) on private configurations.
@Suite struct PostfixServiceTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// Added to a main.cf on which all is well.
        var main = ""
        /// In the place of a master.cf on which all is well.
        var master = Case.usual
        var configuration = ""
        var stamps = false
        var tables: [String: String] = [:]
        let expected: [Expected]

        struct Expected: Sendable {
            let id: CheckID
            /// Occurs in the finding's text.
            let text: String
            /// The whole advice, without `&& postfix reload`.
            let advice: String

            init(_ id: CheckID, _ text: String, _ advice: String) {
                (self.id, self.text, self.advice) = (id, text, advice)
            }
        }

        static let usual = """
            smtp inet n - n - 1 postscreen
            smtpd pass - - n - - smtpd
            submission inet n - n - - smtpd
              -o syslog_name=postfix/submission -o smtpd_sasl_auth_enable=yes
            submissions inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes
            """
        static let rest = """

            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce

            """
    }

    private static let own = "connect_timeout=10s,command_timeout=30s,content_timeout=120s,default_action=tempfail"
    private static let line =
        "{unix:lever/m.sock,command_timeout=30s,connect_timeout=10s,content_timeout=120s,"
        + "default_action=tempfail}"
    private static let dkim = "unix:opendkim/opendkim.sock"

    /// A directory with the case's configuration.
    private func directory(_ one: Case) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory("postfixservices")
        try directory.makeDirectory("queue")
        for (name, text) in one.tables { try directory.write(name, text) }
        try directory.write(
            "main.cf",
            """
            compatibility_level = 3.6
            queue_directory = \(directory.file("queue"))
            lever_milter = { unix:lever/m.sock, \(Self.own) }
            smtpd_milters = ${lever_milter}
            non_smtpd_milters = ${lever_milter}
            smtpd_forbid_bare_newline = normalize
            enable_threaded_bounces = yes
            internal_mail_filter_classes = bounce
            message_size_limit = 10240000
            \(one.main.replacing("{dir}", with: directory.path))

            """)
        try directory.write("master.cf", one.master.replacing("{dir}", with: directory.path) + Case.rest)
        return directory
    }

    private func findings(_ one: Case, _ directory: TemporaryDirectory) throws -> [Finding] {
        guard case .found(let setup) = PostfixSetup.find(directory: directory.path) else {
            Issue.record("postconf cannot read the configuration")
            return []
        }
        let endpoint = Endpoint.unix("\(directory.file("queue"))/lever/m.sock")
        let settings = try Settings.load(
            path: directory.write("lever-milter.yaml", "socket: \(endpoint)\n\(one.configuration)"))
        let company = CompanyID(rawValue: 1)
        var rows = [
            Routing.Row(company: company, item: .company, name: "limited"),
            Routing.Row(company: company, item: .domain, name: "acme.example"),
        ]
        if one.stamps { rows.append(Routing.Row(company: company, item: .stamp, name: "")) }
        return PostfixFindings(settings: settings, setup: setup, endpoint: endpoint, routing: try Routing(rows: rows))
            .all
    }

    @Test(arguments: cases)
    func `each service with a fault is named with the command that corrects it, and the command does`(
        _ one: Case
    ) throws {
        let directory = try directory(one)
        let found = try findings(one, directory).filter { $0.status > .notChecked }
        let expected = one.expected
        #expect(found.map(\.id) == expected.map(\.id), "\(found)")
        guard found.count == expected.count else { return }
        for (finding, expected) in zip(found, expected) {
            #expect(finding.text.contains(expected.text))
            let advice = try #require(finding.advice).replacing(" && postfix reload", with: "")
                .replacing(directory.path, with: "{dir}")
            #expect(advice == expected.advice)
        }
        let commands = found.compactMap(\.advice).filter { $0.hasPrefix("postconf ") }
        for command in commands {
            let private_ = command.replacing("postconf ", with: "postconf -c \(directory.path) ")
                .replacing(" && postfix reload", with: "")
            try Command.check(["bash", "-c", private_])
        }
        guard commands.count == found.count else { return }
        let left = try findings(one, directory).filter { $0.status > .notChecked }
        #expect(left == [], "after \(commands)")
    }

    static let cases: [Case] = [
        Case(testDescription: "nothing", expected: []),
        Case(
            testDescription: "no filter at two of the services",
            master: """
                smtp inet n - n - - smtpd
                submission inet n - n - - smtpd -o smtpd_milters=
                submissions inet n - n - - smtpd -o { smtpd_milters = { \(dkim), { default_action = accept } } }
                """,
            expected: [
                .init(
                    .postfixOverrides,
                    "submission/inet does not pass this filter (unix:lever/m.sock): smtpd_milters "
                        + "there is empty", "postconf -P 'submission/inet/smtpd_milters=${lever_milter}'"),
                .init(
                    .postfixOverrides,
                    "submissions/inet does not pass this filter (unix:lever/m.sock): smtpd_milters "
                        + "there has \(dkim)",
                    "postconf -P 'submissions/inet/smtpd_milters={\(dkim),default_action=accept},${lever_milter}'"),
            ]),
        Case(
            testDescription: "a filter at submission alone, and none of the manual's name",
            main: "lever_milter =\nsmtpd_milters =\nnon_smtpd_milters = unix:lever/m.sock",
            master: """
                smtp inet n - n - 1 postscreen
                smtpd pass - - n - - smtpd
                2525 inet n - n - - smtpd
                submission inet n - n - - smtpd -o smtpd_milters=unix:lever/m.sock
                """,
            expected: [
                .init(
                    .postfixOverrides, "smtpd/pass, 2525/inet does not pass", "postconf -e 'smtpd_milters = \(line)'")
            ]),
        Case(
            testDescription: "no filter anywhere", main: "smtpd_milters =",
            expected: [
                .init(
                    .postfixSMTPDMilters, "smtpd/pass, submission/inet, submissions/inet does not pass",
                    "postconf -e 'smtpd_milters = ${lever_milter}'")
            ]),
        Case(
            testDescription: "a filter that a service's own $name empties",
            master: "smtp inet n - n - - smtpd\nsubmission inet n - n - - smtpd -o lever_milter=unix:other.sock",
            expected: [
                .init(
                    .postfixOverrides, "submission/inet does not pass",
                    "postconf -P 'submission/inet/smtpd_milters=unix:other.sock,\(line)'")
            ]),
        Case(
            testDescription: "an smtpd behind a content filter, with the option and without",
            main: "content_filter = smtp:[127.0.0.1]:10024",
            master: """
                smtp inet n - n - - smtpd
                127.0.0.1:10025 inet n - n - - smtpd -o content_filter= -o smtpd_milters=
                127.0.0.1:10026 inet n - n - - smtpd -o content_filter= -o receive_override_options=no_milters
                """,
            expected: []),
        Case(
            testDescription: "no_milters in front of a content filter, and at two services",
            master: """
                smtp inet n - n - - smtpd -o content_filter=smtp:[127.0.0.1]:10024
                  -o receive_override_options=no_address_mappings,no_milters
                submission inet n - n - - smtpd -o receive_override_options=no_milters
                127.0.0.1:10025 inet n - n - - smtpd -o receive_override_options=no_milters
                """,
            expected: [
                .init(
                    .postfixNoMilters, "smtp/inet has no_milters",
                    "postconf -P 'smtp/inet/receive_override_options=no_address_mappings'"),
                .init(
                    .postfixNoMilters, "submission/inet has no_milters",
                    "postconf -P 'submission/inet/receive_override_options='"),
            ]),
        Case(
            testDescription: "a filter in front of smtpd_proxy_filter, and none behind it",
            master: """
                smtp inet n - n - - smtpd -o smtpd_proxy_filter=127.0.0.1:10024
                127.0.0.1:10025 inet n - n - - smtpd -o smtpd_proxy_filter= -o smtpd_milters=
                """,
            expected: [
                .init(
                    .postfixOverrides, "127.0.0.1:10025/inet does not pass",
                    "postconf -P '127.0.0.1:10025/inet/smtpd_milters=${lever_milter}'"),
                .init(
                    .postfixOverrides, "smtp/inet passes mail to 127.0.0.1:10024 before a filter sees its content",
                    "set smtpd_milters at the smtpd that takes it back, and empty it here: postconf -P "
                        + "'smtp/inet/smtpd_milters='"),
            ]),
        Case(
            testDescription: "a filter behind smtpd_proxy_filter",
            master: """
                smtp inet n - n - - smtpd -o smtpd_proxy_filter=127.0.0.1:10024
                127.0.0.1:10025 inet n - n - - smtpd -o smtpd_proxy_filter=
                """, expected: []),
        Case(
            testDescription: "filters behind this one, in main.cf and at a service",
            main: "smtpd_milters = ${lever_milter}, { \(dkim), default_action=accept }",
            master: """
                smtp inet n - n - - smtpd
                2525 inet n - n - - smtpd -o { smtpd_milters = unix:lever/m.sock, inet:localhost:11332 }
                10025 inet n - n - - smtpd
                """,
            expected: [
                .init(
                    .postfixOrder, "smtpd_milters at smtp/inet, 10025/inet: this filter is followed by \(dkim)",
                    "postconf -e 'smtpd_milters = {\(dkim),default_action=accept},${lever_milter}'"),
                .init(
                    .postfixOrder, "smtpd_milters at 2525/inet: this filter is followed by inet:localhost:11332",
                    "postconf -P '2525/inet/smtpd_milters=inet:localhost:11332,unix:lever/m.sock'"),
            ]),
        Case(
            testDescription: "submission signs before the stamp, as main.cf has it for port 25",
            main: "smtpd_milters = \(dkim), ${lever_milter}\nnon_smtpd_milters = \(dkim), ${lever_milter}",
            stamps: true,
            expected: [
                .init(
                    .postfixOrder, "smtpd_milters at submission/inet: \(dkim) signs before this filter stamps",
                    "postconf -P 'submission/inet/smtpd_milters=${lever_milter},\(dkim)'"),
                .init(
                    .postfixOrder, "smtpd_milters at submissions/inet: \(dkim) signs before this filter stamps",
                    "postconf -P 'submissions/inet/smtpd_milters=${lever_milter},\(dkim)'"),
                .init(
                    .postfixOrder, "non_smtpd_milters at cleanup/unix: \(dkim) signs before this filter stamps",
                    "postconf -P 'cleanup/unix/non_smtpd_milters=${lever_milter},\(dkim)'"),
            ]),
        Case(
            testDescription: "the order that the manual prescribes where a company stamps",
            main: "smtpd_milters = \(dkim), ${lever_milter}\nnon_smtpd_milters = ${lever_milter}, \(dkim)",
            master: """
                smtp inet n - n - - smtpd
                submission inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes
                  -o smtpd_milters=${lever_milter},\(dkim)
                """, stamps: true, expected: []),
        Case(
            testDescription: "the same order where no company stamps",
            main: "smtpd_milters = \(dkim), ${lever_milter}",
            master: """
                smtp inet n - n - - smtpd
                submission inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes
                  -o smtpd_milters=${lever_milter},\(dkim)
                """,
            expected: [
                .init(
                    .postfixOrder, "smtpd_milters at submission/inet: this filter is followed by \(dkim)",
                    "postconf -P 'submission/inet/smtpd_milters=\(dkim),${lever_milter}'")
            ]),
        Case(
            testDescription: "the action and times of one service, of one filter and of main.cf",
            main: "milter_default_action = accept\nnon_smtpd_milters = unix:lever/m.sock",
            master: """
                smtp inet n - n - - smtpd
                submission inet n - n - - smtpd -o smtpd_milters=unix:lever/m.sock -o milter_default_action=quarantine
                submissions inet n - n - - smtpd
                  -o { smtpd_milters = { unix:lever/m.sock, content_timeout=1s, command_timeout=10m, default_action=tempfail } }
                """,
            expected: [
                .init(
                    .postfixDefaultAction, "smtpd_milters at submission/inet: default_action is quarantine",
                    "postconf -P 'submission/inet/smtpd_milters={unix:lever/m.sock,default_action=tempfail}'"),
                .init(
                    .postfixDefaultAction, "non_smtpd_milters at cleanup/unix: default_action is accept",
                    "postconf -e 'non_smtpd_milters = {unix:lever/m.sock,default_action=tempfail}'"),
                .init(
                    .postfixTimeouts,
                    "smtpd_milters at submissions/inet: command_timeout is 10m: clients time out before Postfix does, "
                        + "and send again; content_timeout is 1s: under a short load Postfix gives up on the filter",
                    "postconf -P 'submissions/inet/smtpd_milters={unix:lever/m.sock,command_timeout=30s,"
                        + "content_timeout=120s,default_action=tempfail}'"),
            ]),
        Case(
            testDescription: "the manual's own parameter, with another action",
            main: "lever_milter = { unix:lever/m.sock, default_action=reject }",
            expected: [
                .init(
                    .postfixDefaultAction,
                    "smtpd_milters at smtpd/pass, submission/inet, submissions/inet: "
                        + "default_action is reject",
                    "postconf -e 'lever_milter = {unix:lever/m.sock,default_action=tempfail}'"),
                .init(
                    .postfixDefaultAction, "non_smtpd_milters at cleanup/unix: default_action is reject",
                    "postconf -e 'lever_milter = {unix:lever/m.sock,default_action=tempfail}'"),
            ]),
        Case(
            testDescription: "an old protocol at a service",
            master: "smtp inet n - n - - smtpd -o smtpd_milters=unix:lever/m.sock -o milter_protocol=2",
            expected: [
                .init(
                    .postfixProtocol, "smtpd_milters at smtp/inet: Postfix speaks milter protocol 2",
                    "postconf -P 'smtp/inet/smtpd_milters={unix:lever/m.sock,protocol=6}'")
            ]),
        Case(
            testDescription: "sizes and line ends at services", main: "smtpd_forbid_bare_newline = note",
            master: """
                smtp inet n - n - - smtpd
                submission inet n - n - - smtpd -o message_size_limit=0 -o smtpd_forbid_bare_newline=no
                submissions inet n - n - - smtpd
                """,
            expected: [
                .init(
                    .postfixMessageSizeLimit, "any size at submission/inet",
                    "postconf -P 'submission/inet/message_size_limit=52428800'"),
                .init(
                    .postfixBareNewline, "at smtp/inet, submissions/inet",
                    "postconf -e 'smtpd_forbid_bare_newline = normalize'"),
                .init(
                    .postfixBareNewline, "at submission/inet",
                    "postconf -P 'submission/inet/smtpd_forbid_bare_newline=normalize'"),
            ]),
        Case(
            testDescription: "results that nobody drops and nobody writes, at two services",
            main: "header_checks = regexp:{dir}/checks",
            master: """
                smtp inet n - n - - smtpd -o receive_override_options=no_header_body_checks
                2525 inet n - n - - smtpd -o { smtpd_milters = unix:opendmarc.sock, \(dkim), unix:lever/m.sock }
                """, configuration: "authserv_ids: [mx.acme.example]\n",
            tables: ["checks": "/^Authentication-Results[[:space:]]*:.*mx\\.acme\\.example/ IGNORE\n"],
            expected: [
                .init(
                    .postfixHeaderChecks, "smtp/inet has no_header_body_checks",
                    "postconf -P 'smtp/inet/receive_override_options='"),
                .init(
                    .postfixAuthenticationFilters, "smtpd_milters at smtp/inet: 'authserv_ids' is set",
                    "put the filters that check SPF, DKIM and DMARC first: postconf -e 'smtpd_milters = \(dkim),"
                        + "unix:opendmarc/opendmarc.sock,${lever_milter}'"),
                .init(
                    .postfixAuthenticationFilters, "smtpd_milters at 2525/inet: OpenDMARC comes before OpenDKIM",
                    "postconf -P '2525/inet/smtpd_milters=\(dkim),unix:opendmarc.sock,unix:lever/m.sock'"),
            ]),
        Case(
            testDescription: "lines of smtpd_milter_maps that lack the filter",
            main: "smtpd_milter_maps = cidr:{dir}/clients",
            tables: [
                "clients": """
                # the monitoring host
                192.0.2.1 DISABLE
                192.0.2.0/25 { unix:lever/m.sock, default_action=tempfail }
                192.0.2.128/25 \(dkim)
                198.51.100.1 ${lever_milter}
                0.0.0.0/0 DISABLE

                """
            ],
            expected: [
                .init(
                    .postfixMilterMaps, "mail from 192.0.2.128/25 is not captured: that line names \(dkim) instead",
                    "give 192.0.2.128/25 this line in cidr:{dir}/clients: \(dkim),\(line); then postfix reload"),
                .init(
                    .postfixMilterMaps,
                    "mail from 198.51.100.1 is not captured: Postfix takes ${lever_milter} as it "
                        + "stands, and puts nothing in the place of a $name in a table",
                    "give 198.51.100.1 this line in cidr:{dir}/clients: \(line); then postfix reload"),
                .init(
                    .postfixMilterMaps, "mail from every client is not captured: DISABLE is no filter at all",
                    "give every client this line in cidr:{dir}/clients: \(line); then postfix reload; or empty "
                        + "smtpd_milter_maps"),
            ]),
        Case(
            testDescription: "a line of smtpd_milter_maps of one service with another action, and one that stamps",
            master: """
                smtp inet n - n - - smtpd
                  -o { smtpd_milter_maps = inline:{ {192.0.2.1 = { unix:lever/m.sock, default_action=accept }, \(dkim)} } }
                """, stamps: true,
            expected: [
                .init(
                    .postfixDefaultAction, "the line of 192.0.2.1 in smtpd_milter_maps",
                    "give 192.0.2.1 this line in inline:{ {192.0.2.1 = { unix:lever/m.sock, default_action=accept }, "
                        + "\(dkim)} }: {unix:lever/m.sock,default_action=tempfail},\(dkim); then postfix reload")
            ]),
    ]

    @Test(arguments: [
        ("3.7.11", false), ("3.7.20", true), ("3.8.15", true), ("3.9.8", false), ("3.10.7", false), ("3.10.13", true),
        ("3.11.0", true), ("3.12-20270101", true), ("3.6.99", false), ("2.11.3", false), ("4.0.0", true),
    ])
    func `the action shutdown is well in those versions of Postfix that have it`(
        _ version: String, _ expected: Bool
    ) {
        #expect(PostfixVersion(version)?.knowsShutdown == expected)
    }
}
