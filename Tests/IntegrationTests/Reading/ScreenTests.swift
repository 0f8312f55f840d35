import TestSupport
import Testing

/// What leverctl does on a terminal that it does not do in a pipe: pager and colours; and times on the reader's clock.
/// The command is `trace` with a log file, which needs no database; its exit status is 1, because the filter left no
/// record.
@Suite struct ScreenTests {
    private let directory: TemporaryDirectory
    private let log: String

    init() throws {
        directory = try TemporaryDirectory("screen")
        try directory.write("leverctl.yaml", "marker_domains: [hire.lever.co]\n")
        log = try directory.write(
            "mail.log", "2026-07-24T09:30:00.000000+00:00 mx1 postfix/qmgr[1]: 4QABC1: from=<a@b.example>, size=1\n")
    }

    private var command: [String] { [Products.path("leverctl"), "trace", "4QABC1", "--log", log] }

    private func environment(_ variables: [String: String]) -> [String: String] {
        let base = ["LEVER_CONFIG": directory.file("leverctl.yaml"), "LEVER_PASSPHRASE": "secret-word", "TERM": "xterm"]
        return base.merging(variables) { $1 }
    }

    /// What the terminal shows, and the exit status.
    private func screen(
        _ options: [String] = [], _ variables: [String: String] = [:]
    ) throws -> (text: String, status: Int32) {
        let terminal = try Terminal(command + options, environment: environment(variables))
        let status = try terminal.exitStatus()
        return (terminal.screen, status)
    }

    /// A log with so many lines of the message that neither a pipe nor the pager's memory holds what is printed.
    private func fillLog() throws {
        let line = "2026-07-24T09:30:00.000000+00:00 mx1 postfix/qmgr[1]: 4QABC1: from=<a@b.example>, size=1\n"
        try directory.write("mail.log", String(repeating: line, count: 20_000))
    }

    // MARK: Pager

    @Test(arguments: [["LEVER_PAGER": "sed s/^/paged:/"], ["PAGER": "sed s/^/paged:/"]])
    func `on a terminal a pager shows the output, and the exit status is the command's`(
        pager: [String: String]
    ) throws {
        let (text, status) = try screen([], pager)
        #expect(status == 1 && text.contains("paged:4QABC1") && text.contains("paged:Searched"))
    }

    @Test func `LEVER_PAGER counts before PAGER`() throws {
        let (text, _) = try screen([], ["LEVER_PAGER": "sed s/^/mine:/", "PAGER": "sed s/^/paged:/"])
        #expect(text.contains("mine:Searched"))
    }

    @Test(arguments: [
        (["--no-pager"], [:]), (["--json"], [:]), ([], ["TERM": "dumb"]), ([], ["TERM": ""]),
        ([], ["LEVER_PAGER": "cat"]),
    ] as [([String], [String: String])])
    func `without one where none is wanted`(options: [String], variables: [String: String]) throws {
        let (text, status) = try screen(options, ["PAGER": "sed s/^/paged:/"].merging(variables) { $1 })
        #expect(status == 1 && !text.contains("paged:"))
        #expect(text.contains("Searched") || text.contains("\"sources\""), "as text or as JSON")
    }

    @Test func `in a pipe there is no pager`() throws {
        let piped = try Command.run(command, environment: environment(["PAGER": "sed s/^/paged:/"]))
        #expect(piped.status == 1 && piped.text.hasPrefix("4QABC1"))
    }

    @Test(arguments: ["/nonexistent/pager", "exit 3", "head -c 10 >/dev/null; exit 3", "kill -9 $$"])
    func `what a pager that fails did not read is printed plainly`(pager: String) throws {
        try fillLog()
        let (text, status) = try screen([], ["PAGER": pager])
        #expect(status == 1)
        #expect(text.count { $0 == "\r\n" } > 20_000, "each line of the log has one")
        #expect(text.contains("Searched"))
    }

    @Test func `without less, which is the pager by default, the output is plain`() throws {
        let empty = directory.file("empty")
        try Command.check(["mkdir", empty])
        let (text, status) = try screen([], ["PATH": empty])
        #expect(status == 1 && text.hasPrefix("4QABC1") && text.contains("Searched"))
    }

    @Test func `leaving the pager early ends the command quietly with status 0`() throws {
        try fillLog()
        let (text, status) = try screen([], ["PAGER": "head -n 1"])
        #expect(status == 0)
        #expect(text.split(separator: "\r\n").count == 1, "\(text.prefix(1000))")
    }

    @Test func `the pager cannot start programs, and does not get the passphrase`() throws {
        let (text, _) = try screen([], ["PAGER": "cat >/dev/null; env"])
        #expect(text.contains("LESSSECURE=1") && text.contains("LESS=FRX") && text.contains("LESSCHARSET=utf-8"))
        #expect(!text.contains("secret-word"))
        #expect(try screen([], ["PAGER": "cat >/dev/null; env", "LESS": "S"]).text.contains("LESS=S"))
    }

    // MARK: Times

    @Test(arguments: [
        ("Europe/Berlin", [], "2026-07-24 11:30:00.000 +02:00"),
        ("America/New_York", [], "2026-07-24 05:30:00.000 -04:00"),
        ("UTC", [], "2026-07-24 09:30:00.000 UTC"), ("Europe/Berlin", ["--utc"], "2026-07-24 09:30:00.000 UTC"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", [], "2026-07-24 11:30:00.000 +02:00"),
    ])
    func `times are in the reader's zone, or in UTC`(zone: String, options: [String], shown: String) throws {
        let text = try Command.run(command + options, environment: environment(["TZ": zone])).text
        #expect(text.contains(shown))
    }

    @Test func `JSON has UTC whatever the zone`() throws {
        let text = try Command.run(command + ["--json"], environment: environment(["TZ": "Europe/Berlin"])).text
        #expect(text.contains("\"2026-07-24T09:30:00.000Z\""))
    }
}
