import Core
import LibMilter
import Testing

@testable import Filter

@Suite struct AdmissionTests {
    private let marked = [("Message-ID", " <r1@home.example>"), ("References", " \(FilterFixture.marker())")]

    @Test func `a session too many brings unrelated mail alone, until there is room for it`() throws {
        let fixture = try FilterFixture { $0.sessionLimit = 2 }
        var others = [FilterSession(context: fixture.context), FilterSession(context: fixture.context)]
        let surplus = FilterSession(context: fixture.context)
        #expect(try fixture.send(surplus, to: ["<b@elsewhere.example>"], header: marked) == .acceptedAtData)
        let refusal = #expect(throws: Admission.Refusal.self) { try fixture.send(surplus, header: marked) }
        #expect(refusal?.description == "3 sessions are open, 'session_limit' is 2")
        #expect(surplus.failed(refusal!) == .overloaded)
        surplus.abort()
        #expect(
            fixture.lines.all.last
                == "4Queue1: error: outcome=spool_failed code=451 reply=4.3.2 reason=\"\(refusal!.description)\"")
        #expect(try fixture.send(others[0], header: marked) == .wentThrough, "those within the limit go on")

        others.removeFirst()
        #expect(try fixture.send(surplus, header: marked) == .wentThrough)
        _ = FilterSession(context: fixture.context)
        #expect(try fixture.send(surplus, header: marked) == .wentThrough, "it is none too many any more")
        #expect(fixture.context.admission.sessions.count == 2)
    }

    @Test func `messages under way have no more bytes than the limit, and give theirs back however they end`() throws {
        let fixture = try FilterFixture { $0.inFlightLimit = 10_000 }
        let session = FilterSession(context: fixture.context)
        let half = [UInt8](repeating: 0x61, count: 5000)
        for _ in 0..<3 { #expect(try fixture.send(session, header: marked, body: half) == .wentThrough) }

        let other = FilterSession(context: fixture.context)
        other.mail(path: "<anna@home.example>")
        other.recipient(path: "<rita@acme.example>")
        _ = try other.data(MilterMacros { _ in nil })
        for (name, value) in marked { other.header(name, value) }
        _ = try other.endOfHeader()
        try half.withUnsafeBytes { try other.body($0) }
        let refusal = #expect(throws: Admission.Refusal.self) {
            try fixture.send(session, header: marked, body: half)
        }
        #expect(refusal?.description.contains("'in_flight_limit' is 10000") == true)
        #expect(session.failed(refusal!) == .overloaded)
        session.abort()
        #expect(try fixture.send(session, header: [("Subject", " Lunch")]) == .acceptedAtHeader)
        other.abort()
        #expect(try fixture.send(session, header: marked, body: half) == .wentThrough)
        #expect(try fixture.spool.waiting().count == 4)
    }

    @Test func `a daemon that hangs up refuses what begins, with a reply that ends the SMTP session`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        session.mail(path: "<anna@home.example>")
        session.recipient(path: "<rita@acme.example>")
        _ = try session.data(MilterMacros { _ in nil })
        fixture.context.admission.hangUp()
        for (name, value) in marked { session.header(name, value) }
        _ = try session.endOfHeader()
        #expect(try session.endOfMessage(RecordedChanges().changes) == .proceed, "what began before goes on")
        let refusal = #expect(throws: Admission.Refusal.self) {
            try fixture.send(session, to: ["<b@elsewhere.example>"], header: [])
        }
        #expect(session.failed(refusal!).code == "421")
        #expect(try fixture.spool.waiting().count == 1)
    }
}

extension FilterSession {
    fileprivate func header(_ name: String, _ value: String) {
        Array(name.utf8).withUnsafeBytes { name in
            Array(value.utf8).withUnsafeBytes { header(name: name, value: $0) }
        }
    }
}
