import Core
import LibMilter
import Sealing
import Spool
import Testing

@testable import Filter

/// A message of threads of several companies, through a session: it is stored for each, or asked for again.
@Suite struct SeveralCompaniesTests {
    private static let recipients = ["<rita@acme.example>", "<ines@initech.example>"]
    private let both = [
        ("Message-ID", " <r1@home.example>"), ("From", " Anna <anna@home.example>"),
        ("References", " \(FilterFixture.marker(thread: 6)) \(FilterFixture.marker(FilterFixture.initech, thread: 7))"),
    ]

    private func records(_ fixture: FilterFixture) throws -> [MessageRecord] {
        try fixture.spool.waiting().map { try fixture.spool.open($0).record }.sorted {
            $0.company.rawValue < $1.company.rawValue
        }
    }

    @Test func `it is stored for each company under its own keys, with a line of the log each`() throws {
        let fixture = try FilterFixture(further: FilterFixture.initechRows)
        let session = FilterSession(context: fixture.context)
        let body = [UInt8](repeating: 0x61, count: 200_000)
        #expect(try fixture.send(session, to: Self.recipients, header: both, body: body) == .wentThrough)
        let stored = try records(fixture)
        #expect(stored.map(\.company) == [FilterFixture.acme, FilterFixture.initech])
        #expect(stored.map(\.thread.rawValue) == [6, 7])
        #expect(Set(stored.map(\.entry)).count == 2 && Set(stored.map(\.dedupeKeys)).count == 2)
        #expect(Set(stored.map(\.size)).count == 1)
        let spooled = fixture.lines.all.filter { $0.hasPrefix("4Queue1: spooled") }
        #expect(spooled.count == 2)
        for record in stored { #expect(spooled.contains { $0.contains("entry=\(record.entry)") }) }
        #expect(fixture.context.admission.bytesInFlight == 0)
    }

    @Test func `its bytes are counted once, however many companies it is stored for`() throws {
        let fixture = try FilterFixture(further: FilterFixture.initechRows) { $0.inFlightLimit = 250_000 }
        let body = [UInt8](repeating: 0x61, count: 200_000)
        let session = FilterSession(context: fixture.context)
        #expect(try fixture.send(session, to: Self.recipients, header: both, body: body) == .wentThrough)
    }

    @Test func `if it cannot be stored for one, the sender tries again, and no file is left of what is not durable`()
        throws
    {
        // Initech's sealing key is lost; then the spool's disk fills up.
        for fixture in [
            try FilterFixture(further: FilterFixture.initechRows.filter { $0.item != .sealingKey }),
            try FilterFixture(further: FilterFixture.initechRows, spoolSize: 400),
        ] {
            let session = FilterSession(context: fixture.context)
            let body = [UInt8](repeating: 0x61, count: 300_000)
            var failure: (any Error)?
            do { _ = try fixture.send(session, to: Self.recipients, header: both, body: body) } catch {
                failure = error
            }
            let error = try #require(failure)
            #expect(session.failed(error).code == "451")
            #expect(fixture.lines.final.count == 1 && fixture.lines.final[0].contains("outcome=spool_failed"))
            let ended = fixture.context.dispositions.take(10)
            #expect(ended.map(\.outcome) == [.spoolFailed, .spoolFailed])
            #expect(Set(ended.map(\.company)) == [FilterFixture.acme, FilterFixture.initech])
            #expect(try fixture.spool.waiting() == [])
            #expect(fixture.context.admission.bytesInFlight == 0)
        }
    }

    @Test func `each company's mode counts for itself`() throws {
        let fixture = try FilterFixture(further: FilterFixture.initechRows + FilterFixture.capture(.forward))
        let changes = RecordedChanges()
        let session = FilterSession(context: fixture.context)
        #expect(
            try fixture.send(session, to: Self.recipients, header: both, changes: changes) == .wentThrough)
        #expect(try records(fixture).map(\.company) == [FilterFixture.initech])
        #expect(changes.made.count == 2 && changes.made[1] == "RCPT TO:<\(FilterFixture.forwardAddress)> NOTIFY=NEVER")
        #expect(fixture.lines.final.count == 1)
        #expect(fixture.lines.final[0].contains("outcome=forwarded company=1"))
        // The forwarding that fails is Acme's; Initech's message is stored, and the next attempt a duplicate.
        let second = try FilterFixture(further: FilterFixture.initechRows + FilterFixture.capture(.forward))
        let refusing = RecordedChanges()
        refusing.takes = 0
        let again = FilterSession(context: second.context)
        var failure: (any Error)?
        do { _ = try second.send(again, to: Self.recipients, header: both, changes: refusing) } catch {
            failure = error
        }
        #expect(again.failed(try #require(failure)).code == "451")
        #expect(try records(second).map(\.company) == [FilterFixture.initech])
        #expect(second.lines.final.count == 1 && second.lines.final[0].contains("outcome=forward_failed"))
        #expect(second.lines.all.contains { $0.contains("error: not forwarded") })
        #expect(second.context.dispositions.take(10).map(\.company) == [FilterFixture.acme])
    }
}
