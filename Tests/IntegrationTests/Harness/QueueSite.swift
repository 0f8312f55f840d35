import Glibc
import TestSupport
import Testing

/// A private daemon, with or without its database, and leverctl with its configuration.
struct QueueSite {
    let host: MailHost
    let daemon: OwnDaemon
    let ctl: LeverCtl
    private let settings: String

    /// `user` is the daemon's user, if not root.
    init(as user: String? = nil, spool: String? = nil) throws {
        host = try MailHost.shared.get()
        settings = spool.map { "spool: \($0)\n" } ?? ""
        daemon = try OwnDaemon(settings, under: user.map(Self.becoming) ?? [])
        ctl = LeverCtl(configuration: daemon.directory.file("lever-milter.yaml"))
    }

    func takeDatabaseAway() async throws {
        try daemon.configure(settings + "database: host=127.0.0.1 port=1 dbname=lever user=mx1")
        daemon.current.send(SIGHUP)
        try await daemon.current.line(with: "database unavailable")
    }

    func bringDatabaseBack() throws {
        try daemon.configure(settings)
        daemon.current.send(SIGHUP)
    }

    func send(_ ids: String...) throws {
        let client = try daemon.connect()
        for id in ids {
            #expect(try client.transfer(.marked(by: host.acme), queueID: id) == .proceed)
        }
    }

    func items(delivered: Bool = false) throws -> [LeverCtlJSON.QueueItem] {
        delivered ? try ctl.json("queue", "list", "--delivered") : try ctl.json("queue", "list")
    }

    func stored(_ entry: String) throws -> Int {
        Int(try host.query("SELECT count(*) FROM lever.message WHERE entry_id = '\(entry)'"))!
    }

    /// The prefix of a command that another user runs.
    static func becoming(_ user: String) -> [String] {
        ["setpriv", "--reuid=\(user)", "--regid=nogroup", "--clear-groups"]
    }

    /// A queue ID in Postfix's form.
    static func queueID() -> String { "4" + Letter.unique().prefix(11) }
}
