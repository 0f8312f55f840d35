/// What programs do not tell of themselves.
enum CommandText {
    struct Item {
        var term: String
        var text: String
    }

    /// Paragraphs of the section DESCRIPTION, by page.
    static let description: [String: [String]] = [
        "lever-milter": [
            """
            It stands beside Postfix and speaks the milter protocol. It sees the envelope of a message; if no company on \
            limited sync takes part, nothing more. If the header has no signed marker of a thread of that company, Postfix \
            never sends it the body. What is left is sealed to the company's public keys and kept in the spool before \
            Postfix hears that it is accepted, and from there stored in PostgreSQL.
            """,
            """
            It logs to standard error or to syslog, one line an event. A line about a message begins with its queue ID, and \
            each message with a marker ends in one line with `outcome=`.
            """,
            """
            Under a service manager it takes the socket that is handed over (`socket: fd:3`), tells when it accepts mail, \
            when it reads its configuration again and when it stops, and gives signs of life if they are waited for \
            (`WatchdogSec`): each says that a connection was accepted and answered.
            """,
        ],
        "leverctl": [
            """
            Each command has a page of its own. Results go to standard output, errors in one line to standard error. A \
            company is named by its name or its id.
            """
        ],
    ]

    static func sections(of program: String) -> [(String, [Item])] { program == "lever-milter" ? daemon : leverctl }

    private static let configuration = Item(
        term: "/etc/lever-milter/lever-milter.yaml", text: "The configuration, which `lever-milter.yaml`(5) describes.")

    private static let daemon: [(String, [Item])] = [
        (
            "SIGNALS",
            [
                Item(
                    term: "SIGHUP",
                    text: "Read the configuration and routing again. A file with a mistake changes nothing."),
                Item(
                    term: "SIGTERM, SIGINT",
                    text: """
                        End in good order: accept no new connection, wait for messages under way, 30 seconds at most. Once \
                        more ends the wait.
                        """),
            ]
        ),
        (
            "EXIT STATUS",
            [
                Item(term: "0", text: "Ended as it was told to, or the configuration is good."),
                Item(term: "1", text: "Failed. One line on standard error says why and what to do."),
                Item(term: "64", text: "Wrong usage."),
            ]
        ),
        (
            "ENVIRONMENT",
            [
                Item(
                    term: "CREDENTIALS_DIRECTORY",
                    text: "Where the service manager puts what `signing_key: credential:NAME` names."),
                Item(
                    term: "PGPASSFILE", text: "The file of the database's password, as for every program of PostgreSQL."
                ),
                Item(
                    term: "LISTEN_FDS, LISTEN_PID, NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
                    text: "Set by a service manager."),
            ]
        ),
        (
            "FILES",
            [
                configuration,
                Item(term: "/var/spool/lever-milter", text: "The spool: messages that wait for the database."),
                Item(
                    term: "/var/spool/postfix/lever-milter/milter.sock",
                    text: "The socket that Postfix connects to, which `lever-milter.socket` holds."),
            ]
        ),
    ]

    private static let leverctl: [(String, [Item])] = [
        (
            "EXIT STATUS",
            [
                Item(term: "0", text: "Done."),
                Item(term: "1", text: "Failed. One line on standard error says why and what to do."),
                Item(term: "2", text: "Wrong usage."),
            ]
        ),
        (
            "ENVIRONMENT",
            [
                Item(term: "LEVER_CONFIG", text: "The configuration file, if `--config` names none."),
                Item(
                    term: "LEVER_PASSPHRASE",
                    text: "The passphrase of private keys, if `--passphrase-file` names none; else leverctl asks."),
            ]
        ),
        ("FILES", [configuration]),
    ]
}
