/// Sections of the pages that programs do not describe themselves.
enum CommandText {
    struct Item {
        var term: String
        var text: String
    }

    /// Paragraphs of the section DESCRIPTION, by page.
    static let description: [String: [String]] = [
        "lever-milter": [
            """
            It runs beside Postfix and speaks the milter protocol. It sees the envelope of each message, and nothing \
            more unless a company on limited sync is sender or recipient. If the header has no signed marker of a \
            thread of that company and names no message captured before, Postfix never sends it the body. The \
            remaining messages are sealed to the company's public keys and written to the spool before Postfix is told \
            to continue, and are then stored in PostgreSQL.
            """,
            """
            It logs to standard error or to syslog, one line per event. A line about a message begins with its queue \
            ID; the last line about each message with a marker has `outcome=`.
            """,
            """
            Under a service manager it uses the inherited socket (`socket: fd:3`), reports when it is ready, reloading \
            and stopping, and sends keep-alives if asked to (`WatchdogSec`): each one means that a connection was \
            accepted and answered.
            """,
        ],
        "leverctl": [
            """
            Each command has a page of its own. Results go to standard output, errors to standard error, one line \
            each. Commands take a company by its name or its id; where there is only one, it need not be named. \
            `leverctl-settings`(1) shows the files that settings are read from.
            """
        ],
    ]

    static func sections(of program: String) -> [(String, [Item])] { program == "lever-milter" ? daemon : leverctl }

    private static func item(_ file: ConfigurationFile) -> Item {
        Item(term: file.path, text: "\(file.use) See `\(file.name)`(5).")
    }

    private static let daemon: [(String, [Item])] = [
        (
            "SIGNALS",
            [
                Item(
                    term: "SIGHUP",
                    text: "Read the configuration and routing again. If the file has a mistake, nothing changes."),
                Item(
                    term: "SIGTERM, SIGINT",
                    text: """
                        Shut down gracefully: accept no new connections, and wait up to 30 seconds for messages in \
                        progress. A second signal ends the wait.
                        """),
            ]
        ),
        (
            "EXIT STATUS",
            [
                Item(term: "0", text: "Stopped on request, or the configuration is valid."),
                Item(term: "1", text: "Failed. One line on standard error says why and what to do."),
                Item(term: "64", text: "Usage error."),
            ]
        ),
        (
            "ENVIRONMENT",
            [
                Item(
                    term: "CREDENTIALS_DIRECTORY",
                    text: """
                        The directory with the credential that `signing_key: credential:NAME` names, and with \
                        `lever-milter.pgpass`, the file with the database password, if there is one.
                        """),
                Item(
                    term: "PGPASSFILE",
                    text: "Another file with the database password, as for every PostgreSQL program."),
                Item(
                    term: "LISTEN_FDS, LISTEN_PID, NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
                    text: "Set by the service manager."),
            ]
        ),
        (
            "FILES",
            [
                item(.daemon),
                Item(term: "/var/spool/lever-milter", text: "The spool: messages waiting for the database."),
                Item(
                    term: "/var/spool/postfix/lever-milter/milter.sock",
                    text: "The socket that Postfix connects to, created by `lever-milter.socket`."),
            ]
        ),
    ]

    private static let leverctl: [(String, [Item])] = [
        (
            "EXIT STATUS",
            [
                Item(term: "0", text: "Success."),
                Item(term: "1", text: "Failed. One line on standard error says why and what to do."),
                Item(term: "2", text: "Usage error."),
            ]
        ),
        (
            "ENVIRONMENT",
            [
                Item(
                    term: "LEVER_CONFIG",
                    text: "The one configuration file to read, unless `--config` names one."),
                Item(
                    term: "LEVER_COMPANY, LEVER_PRIVATE_KEY, LEVER_FROM",
                    text: "Count before the keys `company`, `private_key` and `from`; see `leverctl.yaml`(5)."),
                Item(term: "XDG_CONFIG_HOME", text: "The directory of `lever/leverctl.yaml`; without it `~/.config`."),
                Item(
                    term: "LEVER_PASSPHRASE",
                    text: """
                        The passphrase of private keys, unless `--passphrase-file` is given. Without either, it is the \
                        one that is remembered (leverctl key remember), or leverctl asks.
                        """),
                Item(
                    term: "LEVER_PAGER, PAGER",
                    text: """
                        The program that shows long output on a terminal, run by the shell; `cat` for none. Without \
                        either it is less.
                        """),
                Item(term: "TZ", text: "Your time zone, unless `--utc` is given; else that of the machine."),
                Item(term: "NO_COLOR", text: "If it is set, there are no colours, unless `--color` asks for them."),
                Item(term: "COLUMNS", text: "The terminal's width; else what the system says."),
            ]
        ),
        (
            "FILES",
            ConfigurationFile.allCases.map(item) + [
                Item(term: "~/.config/lever/leverctl.yaml", text: "Your own settings, read last; see `leverctl.yaml`(5).")
            ]
        ),
    ]
}
