import Core
import Spool
import TestSupport
import Testing

@testable import Store
@testable import MessageTracing

@Suite struct TraceAssemblerTests {
    private static let entry = EntryID("019ac000-0000-7000-8000-000000000001")!
    private static let other = EntryID("019ac000-0000-7000-8000-000000000002")!
    private static let start = Timestamp("2026-11-24T09:30:00Z")!

    private func time(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: Self.start.milliseconds + seconds * 1000)
    }

    private func postfix(_ seconds: Int64, _ text: String) -> String { "\(time(seconds)) mx1 postfix/\(text)" }
    private func own(_ seconds: Int64, _ text: String) -> String { "\(time(seconds)) mx1 lever-milter[1]: 4Q: \(text)" }

    private func book(_ lines: [String], _ records: [DeliveryRecord] = []) -> [MessageTrace] {
        TraceAssembler(
            queueID: "4Q", lines: lines.compactMap { MailLogLine($0) }, spool: [], records: records, host: "mx1"
        ).traces
    }

    private func record(
        _ seconds: Int64, _ outcome: Outcome, entry: EntryID = Self.other, host: String = "mx1"
    ) -> DeliveryRecord {
        DeliveryRecord(
            company: CompanyID(rawValue: 1), entry: entry, thread: ThreadID(rawValue: 7), direction: nil,
            outcome: outcome,
            matched: .references, size: nil, host: host, queueID: "4Q", acceptedAt: time(seconds), spooledAt: nil,
            storedAt: time(seconds + 1))
    }

    private func session(_ seconds: Int64) -> [String] {
        [
            postfix(seconds, "smtpd[1]: 4Q: client=x[192.0.2.1]"),
            postfix(seconds + 1, "qmgr[1]: 4Q: from=<a@b.example>, size=1"),
            postfix(seconds + 2, "qmgr[1]: 4Q: removed"),
        ]
    }

    @Test func `when Postfix reuses a queue ID, each message has a trace of its own`() {
        let lines =
            session(0) + [own(1, "spooled company=1 thread=7 entry=\(Self.entry)")] + session(60)
            + [
                own(61, "outcome=not_limited company=1 thread=7"),
                own(70, "outcome=captured company=1 thread=7 entry=\(Self.entry)"),
            ]
            + session(120)
        let stories = book(lines, [record(61, .notLimited)])
        #expect(stories.map(\.state) == [.ended(.captured), .ended(.notLimited), .notInspected])
        #expect(stories.map(\.own.count) == [2, 1, 0])
        #expect(stories.map(\.postfix.count) == [3, 3, 3])
        #expect(stories[0].record == nil && stories[1].record != nil)
        #expect(stories[0].entry == Self.entry)
        #expect(stories[0].storedAt == time(70))
    }

    @Test func `without timestamps, log lines and messages are matched in order if their numbers agree`() {
        let bare = ["4Q: outcome=bad_signature company=1 thread=7", "4Q: outcome=not_limited company=1 thread=7"]
        let matched = book(session(0) + session(60) + bare)
        #expect(matched.map(\.state) == [.ended(.badSignature), .ended(.notLimited)])
        #expect(matched.map(\.postfix.count) == [3, 3])
        #expect(
            Set(book(session(0) + bare).map(\.state)) == [.notInspected, .ended(.badSignature), .ended(.notLimited)])
    }

    @Test(arguments: [
        (Outcome.notLimited, Int64(1), "mx1", 1), (.badSignature, 1, "mx1", 2), (.notLimited, 60, "mx1", 2),
        (.notLimited, 1, "mx2", 2),
    ])
    func `a database row joins the trace of its message, or starts one`(
        outcome: Outcome, seconds: Int64, host: String, stories: Int
    ) {
        let found = book(
            session(0) + [own(1, "outcome=not_limited company=1 thread=7")], [record(seconds, outcome, host: host)])
        #expect(found.count == stories)
        #expect(found.count { $0.record != nil } == 1)
        #expect(found.first { $0.record != nil }?.host == host)
    }

    @Test func `a row joins its entry at any distance in time, or a message that only Postfix logged`() {
        let captured = book(
            session(0) + [own(1, "spooled company=1 thread=7 entry=\(Self.entry)")],
            [record(1, .captured, entry: Self.entry)])
        #expect(captured.map(\.state) == [.ended(.captured)] && captured[0].isStored && captured[0].postfix.count == 3)
        let unlogged = book(session(0), [record(1, .notLimited)])
        #expect(unlogged.map(\.state) == [.ended(.notLimited)] && unlogged[0].postfix.count == 3)
    }

    @Test func `a message whose log ends with its spooling`() {
        #expect(book([own(1, "spooled company=1 thread=7 entry=\(Self.entry)")]).map(\.state) == [.spooled])
        #expect(book([own(1, "outcome=novel company=1")]).map(\.state) == [.unknown("novel")])
    }

    @Test func `a trace belongs to a Message-ID if Postfix, or an entry found by it, says so`() {
        let id = Array("a@b.example".utf8)
        let lines = [
            postfix(0, "cleanup[1]: 4Q: message-id=<a@b.example>"), postfix(60, "smtpd[1]: 4Q: client=x"),
            postfix(61, "cleanup[1]: 4Q: message-id=<c@b.example>"),
        ]
        #expect(book(lines).map { $0.isOf(id, entries: []) } == [true, false])
        let row = book([], [record(0, .notLimited)])[0]
        #expect(row.isOf(id, entries: [Self.other]) && !row.isOf(id, entries: [Self.entry]))
    }
}
