import Core
import Foundation
import Sealing
import TestSupport
import Testing

/// A letter and its expected outcome.
struct TracedLetter: Sendable {
    let name: String
    let letter: Letter
    let messageID: String
    var from = "anna@home.example"
    let to: [String]
    /// Nil if the filter logs nothing.
    let outcome: String?
    let matched: String?
    /// The outcome as far as the mail host decides it without the database.
    var decided: String {
        ["duplicate", "unknown_thread"].contains(outcome) ? "captured" : outcome ?? "no_marker"
    }

    init(
        _ name: String, _ change: (Letter) -> Letter = { $0 }, answering marker: String? = nil,
        id: String = Letter.unique(),
        from: String = "anna@home.example", to: [String], outcome: String?, matched: String? = nil
    ) {
        self.name = name
        let letter = Letter("Private words", id: id)
        self.letter = change(marker.map(letter.answering) ?? letter)
        messageID = "<\(id)@home.example>"
        self.from = from
        self.to = to
        self.outcome = outcome
        self.matched = matched
    }
}

/// A test's own company, an operator with access to it, and the logs of the shared mail host.
struct TracedCompany: Sendable {
    /// The sources that leverctl can reach.
    enum Access: CaseIterable {
        case everything, spoolAndLog, logAlone, databaseAlone
    }

    let own: OwnCompany
    let thread: OwnCompany.Thread
    let operatorLogin: String
    private let spool: String

    init(spool: String? = nil) async throws {
        own = try await OwnCompany()
        self.spool = spool ?? own.host.spool
        operatorLogin = "operator_\(own.word)"
        thread = try own.startThread()
        try own.host.postgres.query("CREATE ROLE \(operatorLogin) LOGIN IN ROLE lever_operator")
        try own.ctl.check("access", "grant", operatorLogin, "--company", own.name)
        try own.ctl.check("never-log", "add", "press.example", "--company", own.name)
        try await own.changesAreKnown()
        let database = own.host.postgres.connectionString(database: MailHost.database, user: operatorLogin)
        for access in Access.allCases {
            let down = "host=127.0.0.1 port=1 dbname=nowhere"
            try own.directory.write(
                "\(access).yaml",
                """
                database: \(own.host.ingestDatabase)
                operator_database: \([.everything, .databaseAlone].contains(access) ? database : down)
                spool: \([.everything, .spoolAndLog].contains(access) ? self.spool : "/nonexistent/spool")
                message_size_limit: \(MailHost.messageSizeLimit)

                """)
        }
    }

    func ctl(_ access: Access) -> LeverCtl { LeverCtl(configuration: own.directory.file("\(access).yaml")) }

    /// The daemon's log, without timestamps, and Postfix's.
    func logs() throws -> [String] {
        try own.directory.write("lever.log", try own.host.log().joined(separator: "\n") + "\n")
        try own.directory.write("mail.log", try own.host.postfix.mailLog())
        return ["--log", own.directory.file("lever.log"), "--log", own.directory.file("mail.log")]
    }

    func trace(
        _ query: [String], _ access: Access = .everything, logs: [String]? = nil
    ) throws -> (status: Int32, text: String, record: LeverCtlJSON.Trace?) {
        let none = ["--log", "/dev/null"]
        let logs = try access == .databaseAlone ? none : logs.map { $0.isEmpty ? none : $0 } ?? self.logs()
        let command = try ctl(access).run(["trace", "--json"] + query + logs, timeout: 60)
        return (command.status, command.text + command.errors, try? LeverCtl.decode(command.output))
    }

    func explain(_ sent: TracedLetter, routingFrom source: String = "spool") throws -> LeverCtlJSON.Explanation {
        let path = try own.directory.write("message.eml", sent.letter.bytes)
        let command = try ctl(.everything).run(
            ["trace", "--file", path, "--envelope-from", sent.from, "--routing-from", source, "--json"]
                + sent.to.flatMap { ["--envelope-to", $0] }, timeout: 60)
        guard command.status == 0 else { throw HarnessError("trace --file: \(command.errors)") }
        return try LeverCtl.decode(command.output)
    }

    /// A valid marker of any thread of a company.
    func marker(of company: String, thread: Int64) throws -> String {
        let fields = try own.host.query(
            """
            SELECT company_id, encode(secret, 'hex') FROM lever.company_secret JOIN lever.company USING (company_id)
            WHERE name = '\(company)' AND kind = 'marker'
            """
        ).split(separator: "|")
        return try Self.marker(CompanyID(rawValue: Int64(fields[0])!), thread, HMACKey([UInt8](hex: fields[1])!))
    }

    private static func marker(_ company: CompanyID, _ thread: Int64, _ key: HMACKey) throws -> String {
        try Marker.issue(
            company: company, thread: ThreadID(rawValue: thread), domain: "hire.lever.co", keyID: 1, key: key
        ).messageID
    }

    /// A letter for every outcome of a company on limited sync.
    func cases() throws -> [TracedLetter] {
        let to = [own.address]
        let key = HMACKey(Array(repeating: 9, count: 32))
        let id = CompanyID(rawValue: own.id)
        let twice = Letter.unique()
        let first = TracedLetter(
            "captured", answering: thread.messageId, id: twice, to: to, outcome: "captured", matched: "in_reply_to")
        return [
            first,
            TracedLetter(
                "duplicate", answering: thread.messageId, id: twice, to: to, outcome: "duplicate",
                matched: "in_reply_to"),
            TracedLetter(
                "by References", { $0.with("References", "<x@y.example> \(thread.messageId)") }, to: to,
                outcome: "captured",
                matched: "references"),
            TracedLetter(
                "by X-Lever-Thread", { $0.with("X-Lever-Thread", thread.messageId) }, from: own.address,
                to: ["anna@home.example"], outcome: "captured", matched: "x_lever_thread"),
            TracedLetter(
                "bad_signature", answering: try Self.marker(id, 7, key), to: to, outcome: "bad_signature",
                matched: "in_reply_to"
            ),
            TracedLetter(
                "unknown_key", answering: try Self.marker(CompanyID(rawValue: Int64.max - id.rawValue), 7, key), to: to,
                outcome: "unknown_key", matched: "in_reply_to"),
            TracedLetter(
                "unknown_thread", answering: try marker(of: own.name, thread: 4711), to: to, outcome: "unknown_thread",
                matched: "in_reply_to"),
            TracedLetter(
                "not_participant", answering: thread.messageId, to: ["rita@acme.example"], outcome: "not_participant",
                matched: "in_reply_to"),
            TracedLetter(
                "never_log", answering: thread.messageId, from: "x@press.example", to: to, outcome: "never_log",
                matched: "in_reply_to"),
            TracedLetter(
                "too_large",
                // A header of more than 1 MiB, counting each field's overhead in memory.
                { letter in (0..<15_000).reduce(into: letter) { letter, _ in letter.fields.append(("X", "y")) } },
                answering: thread.messageId, to: to, outcome: "too_large", matched: "in_reply_to"),
            TracedLetter("no marker", to: to, outcome: nil),
            TracedLetter("no company", answering: thread.messageId, to: ["x@home.example"], outcome: nil),
        ]
    }

    var notLimited: TracedLetter {
        TracedLetter(
            "not_limited", answering: thread.messageId, to: [own.address, "rita@acme.example"], outcome: "not_limited",
            matched: "in_reply_to")
    }
}
