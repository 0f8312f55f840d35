import Core
import Foundation
import TestSupport
import Testing

@testable import MessageTracing

@Suite struct MailLogLineTests {
    private func summary(_ line: String) -> String? {
        guard let line = MailLogLine(line, now: Timestamp("2026-11-25T00:00:00Z")!) else { return nil }
        let content =
            switch line.content {
            case .own(let event):
                "\(event.kind) \(event.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))"
            case .postfix(let event): "\(event)"
            }
        return "\(line.queueID) \(line.time?.description ?? "-") \(content)"
    }

    private static let entry = "019ac000-0000-7000-8000-000000000001"

    @Test(
        arguments: [
            (
                "4Q: spooled company=1 thread=7 direction=inbound matched=references size=99 entry=\(entry)",
                "4Q - spooled company=1 direction=inbound entry=\(entry) matched=references size=99 thread=7"
            ),
            (
                "2026-11-24T10:30:00.123456+01:00 mx1 lever-milter[12]: 4Q: outcome=bad_signature company=1 thread=7",
                "4Q 2026-11-24T09:30:00.123Z ended company=1 outcome=bad_signature thread=7"
            ),
            (
                "Nov 24 09:30:00 mx1 lever-milter[12]: 4Q: error: outcome=spool_failed code=451 reason=\"cannot \"x\" y=z\"",
                "4Q 2026-11-24T09:30:00.000Z ended code=451 outcome=spool_failed reason=cannot \"x\" y=z"
            ),
            (
                "Dec 31 23:59:59 mx1 lever-milter[1]: 4Q: outcome=captured",
                "4Q 2025-12-31T23:59:59.000Z ended outcome=captured"
            ),
            (
                "<5>4Q: erased company=1 thread=7 removed=delivered/\(entry)",
                "4Q - erased company=1 removed=delivered/\(entry) thread=7"
            ),
            (
                #"{"time":"2026-11-24T09:30:00.123Z","level":"notice","event":"passed","queue_id":"4Q","company":1,"outcome":"not_limited"}"#,
                "4Q 2026-11-24T09:30:00.123Z ended company=1 outcome=not_limited"
            ),
            (
                #"2026-11-24T10:30:00+0100 mx1 lever-milter[12]: {"event":"spooled","queue_id":"4Q","entry":"e"}"#,
                "4Q 2026-11-24T09:30:00.000Z spooled entry=e"
            ),
            ("started socket=unix:/x companies=1 routing=database", nil),
            ("database connected", nil),
            (#"{"event":"started","socket":"x"}"#, nil),
            ("{", nil), ("", nil), ("4Q:", nil), ("NOQUEUE: error: outcome=spool_failed code=451", nil),
        ] as [(String, String?)])
    func `lever-milter's lines are parsed in every log format`(line: String, expected: String?) {
        setenv("TZ", "UTC", 1)
        tzset()
        #expect(summary(line) == expected)
    }

    @Test(
        arguments: [
            ("smtpd[1]: 4Q: client=localhost[127.0.0.1]", PostfixEvent.arrived(local: false)),
            ("pickup[1]: 4Q: uid=0 from=<root>", .arrived(local: true)),
            ("cleanup[1]: 4Q: message-id=<a@b.example>", .messageID("<a@b.example>")),
            ("cleanup[1]: 4Q: resent-message-id=<a@b.example>", nil),
            (
                "cleanup[1]: 4Q: milter-reject: END-OF-MESSAGE from x[192.0.2.1]: 4.7.1 Not archived; from=<a@b.example>",
                .rejected(stage: "END-OF-MESSAGE", code: "4.7.1")
            ),
            (
                "qmgr[1]: 4Q: from=<Anna@Home.example>, size=1, nrcpt=1 (queue active)",
                .queued(senderDomain: "home.example")
            ),
            ("qmgr[1]: 4Q: from=<>, size=1, nrcpt=1 (queue active)", .queued(senderDomain: nil)),
            (
                "smtp[1]: 4Q: to=<r@acme.example>, orig_to=<x>, relay=none, delay=1, dsn=4.4.1, status=deferred (no)",
                .delivery(status: "deferred", recipientDomain: "acme.example")
            ),
            ("qmgr[1]: 4Q: removed", .removed),
            ("smtpd[1]: connect from x[192.0.2.1]", nil), ("smtpd[1]: warning: x: y", nil),
        ] as [(String, PostfixEvent?)])
    func `Postfix's lines give events, and of addresses only the domains`(line: String, expected: PostfixEvent?) {
        guard let read = MailLogLine("2026-11-24T09:30:00+00:00 mx1 postfix/\(line)"),
            case .postfix(let event) = read.content
        else {
            #expect(expected == nil)
            return
        }
        #expect(event == expected && read.queueID == "4Q")
    }

    @Test(
        arguments: [
            ("2026-11-24", "2026-11-24T00:00:00.000Z"), ("2026-11-24T09:30", "2026-11-24T09:30:00.000Z"),
            ("2026-11-24 09:30:05", "2026-11-24T09:30:05.000Z"),
            ("2026-11-24T09:30:05.12Z", "2026-11-24T09:30:05.120Z"),
            ("2026-11-24T09:30:05.123456-0130", "2026-11-24T11:00:05.123Z"), ("2026-02-30", nil), ("2026-13-01", nil),
            ("2026-11-24T25:00", nil), ("2026-11-24T09:30:05.Z", nil), ("2026-11-24T09:30+1", nil),
            ("2026-11-24x", nil),
            ("1h", nil), ("", nil),
        ] as [(String, String?)])
    func `timestamps are parsed with and without a time zone`(text: String, expected: String?) {
        #expect(Timestamp(text)?.description == expected)
    }

    @Test func `plain and compressed logs are searched, and an unreadable one says why`() throws {
        let directory = try TemporaryDirectory("maillog")
        let text = """
            2026-11-24T09:30:00+00:00 mx1 postfix/cleanup[1]: 4Q: message-id=<a@b.example>
            2026-11-24T09:30:01+00:00 mx1 postfix/cleanup[1]: 4R: message-id=<aa@b.example>
            2026-11-24T09:30:02+00:00 mx1 postfix/qmgr[1]: 4Q: removed
            2026-11-24T09:30:02+00:00 mx1 postfix/qmgr[1]: 4QQ: removed
            4Q: outcome=not_limited

            """
        let path = try directory.write("it's a log", text)
        try Command.check(["sh", "-c", "gzip -k \"$0\"", path])
        for log in [MailLog.file(path), .file(path + ".gz")] {
            #expect(try log.queueIDs(messageID: Array("a@b.example".utf8)) == ["4Q"])
            #expect(try log.lines(of: ["4Q"]).count == 3)
            #expect(try log.lines(of: []).isEmpty)
        }
        for missing in ["/nonexistent", "/nonexistent.gz"] {
            #expect { _ = try MailLog.file(missing).lines(of: ["4Q"]) } throws: {
                "\($0)" == "No such file or directory"
            }
        }
        let broken = try directory.write("broken.gz", text)
        #expect { _ = try MailLog.file(broken).lines(of: ["4Q"]) } throws: {
            "\($0)".contains("not compressed by gzip")
        }
    }

    @Test(arguments: [("4XyZ1k2J", true), ("0A1B", true), ("", false), ("4X Z", false), ("4X;Z", false)])
    func `queue IDs are recognised by their form`(text: String, isOne: Bool) {
        #expect(MailLogLine.isQueueID(text) == isOne)
    }
}
