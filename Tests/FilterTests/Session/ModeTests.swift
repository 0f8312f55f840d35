import Core
import Foundation
import LibMilter
import Observability
import Sealing
import Testing

@testable import Filter

/// What a session does in each capture mode.
@Suite struct ModeTests {
    private let marked = [
        ("Message-ID", " <r1@home.example>"), ("From", " Anna <anna@home.example>"),
        ("References", " \(FilterFixture.marker())"),
    ]
    private var headerSize: Int { marked.reduce(2) { $0 + $1.0.utf8.count + $1.1.utf8.count + 3 } }

    private func fixture(_ mode: CaptureMode, change: (inout FilterOptions) -> Void = { _ in }) throws -> FilterFixture
    {
        try FilterFixture(further: FilterFixture.capture(mode), change: change)
    }

    private func files(_ fixture: FilterFixture) throws -> [String] {
        try ["tmp", "new", "quarantine"].flatMap {
            try FileManager.default.contentsOfDirectory(atPath: fixture.directory.file("spool/\($0)"))
        }
    }

    @Test(arguments: [0, 1, 200_000])
    func `an observed message is recorded with direction and size, and nothing is kept of it at any time`(
        size: Int
    ) throws {
        let fixture = try fixture(.observe)
        let session = FilterSession(context: fixture.context)
        let changes = RecordedChanges()
        session.mail(path: "<anna@home.example>")
        session.recipient(path: "<rita@acme.example>")
        _ = try session.data(MilterMacros { $0 == "i" ? "4Queue1" : nil })
        for (name, value) in marked {
            Array(name.utf8).withUnsafeBytes { name in
                Array(value.utf8).withUnsafeBytes { session.header(name: name, value: $0) }
            }
        }
        #expect(try session.endOfHeader() == .proceed)
        #expect(try files(fixture) == [])
        for start in stride(from: 0, to: size, by: 65_000) {
            try [UInt8](repeating: 0x61, count: min(65_000, size - start)).withUnsafeBytes { try session.body($0) }
            #expect(try files(fixture) == [])
        }
        #expect(try session.endOfMessage(changes.changes) == .proceed)
        #expect(try files(fixture) == [] && changes.made == [])
        #expect(
            fixture.lines.all == [
                "4Queue1: outcome=observe_only company=1 thread=77 direction=inbound matched=references"
            ])
        let report = try #require(fixture.context.dispositions.take(10).first)
        #expect(report.outcome == .observeOnly && report.direction == .inbound && report.size == headerSize + size)
    }

    @Test func `observing takes no sealing key, and of what is too large says so`() throws {
        let rows = [Routing.Row(company: FilterFixture.keyless, item: .capture, name: "observe")]
        let fixture = try FilterFixture(further: rows + FilterFixture.capture(.observe)) { $0.messageSizeLimit = 1000 }
        let session = FilterSession(context: fixture.context)
        let keyless = [("References", FilterFixture.marker(FilterFixture.keyless))]
        #expect(try fixture.send(session, to: ["<k@keyless.example>"], header: keyless) == .wentThrough)
        let body = [UInt8](repeating: 0x61, count: 1000 - headerSize)
        #expect(try fixture.send(session, header: marked, body: body) == .wentThrough)
        #expect(try fixture.send(session, header: marked, body: body + [0x61], chunk: 100) == .wentThrough)
        let padding = (0..<100).map { ("X-Padding", " \($0)") }
        #expect(try fixture.send(session, header: padding + marked) == .acceptedAtHeader)
        let outcomes = fixture.context.dispositions.take(10).map(\.outcome)
        #expect(outcomes == [.observeOnly, .observeOnly, .tooLarge, .tooLarge])
        #expect(try files(fixture) == [])
    }

    @Test func `forwarding alone adds a field and a recipient of whom the sender never hears, and stores nothing`()
        throws
    {
        let fixture = try fixture(.forward) { $0.messageSizeLimit = 5000 }
        let session = FilterSession(context: fixture.context)
        let changes = RecordedChanges()
        // The limit is for what is stored.
        #expect(
            try fixture.send(session, header: marked, body: [UInt8](repeating: 0x61, count: 9000), changes: changes)
                == .wentThrough)
        try #require(changes.made.count == 2)
        #expect(changes.made[0].hasPrefix("X-Lever-Forwarded: lvf1."))
        #expect(changes.made[1] == "RCPT TO:<acme@inbox.example> NOTIFY=NEVER")
        #expect(try files(fixture) == [])
        #expect(
            fixture.lines.all == [
                "4Queue1: outcome=forwarded company=1 thread=77 direction=inbound matched=references forwarded=yes"
            ])
        let report = try #require(fixture.context.dispositions.take(10).first)
        #expect(report.outcome == .forwarded && report.size == headerSize + 9000)
    }

    @Test func `what is not to be forwarded again is let through before its body where nothing is stored`() throws {
        let fixture = try fixture(.forward)
        let session = FilterSession(context: fixture.context)
        let changes = RecordedChanges()
        _ = try fixture.send(session, header: marked, changes: changes)
        let token = try String(#require(changes.made.first).dropFirst("X-Lever-Forwarded:".count))
        #expect(try fixture.send(session, header: marked + [("X-Lever-Forwarded", token)]) == .acceptedAtHeader)
        #expect(
            try fixture.send(session, to: ["<rita@acme.example>", "<acme@inbox.example>"], header: marked)
                == .acceptedAtHeader)
        #expect(
            fixture.lines.final.dropFirst().map { $0.replacing("4Queue1: outcome=already_forwarded ", with: "") } == [
                "company=1 thread=77 direction=inbound matched=references forwarded=before",
                "company=1 thread=77 direction=inbound matched=references forwarded=recipient",
            ])
    }

    @Test func `storing and forwarding: in the spool first, then the changes`() throws {
        let fixture = try fixture(.storeAndForward)
        let session = FilterSession(context: fixture.context)
        let changes = RecordedChanges()
        #expect(try fixture.send(session, header: marked, changes: changes) == .wentThrough)
        #expect(changes.made.count == 2)
        #expect(try fixture.spool.open(fixture.spool.waiting()[0]).record.forwarded == .yes)
        #expect(fixture.lines.all.count == 1)
        #expect(fixture.lines.all[0].hasPrefix("4Queue1: spooled ") && fixture.lines.all[0].hasSuffix(" forwarded=yes"))
        // The copy that comes back is stored, if the database does not have it; and not forwarded.
        let token = try String(#require(changes.made.first).dropFirst("X-Lever-Forwarded:".count))
        #expect(
            try fixture.send(session, header: marked + [("X-Lever-Forwarded", token)], changes: changes) == .wentThrough
        )
        #expect(changes.made.count == 2)
        let messages = try fixture.spool.waiting().map { try fixture.spool.open($0) }
        #expect(messages.map(\.record.forwarded) == [.yes, .before])
        #expect(Set(messages.map(\.record.dedupeKeys)).count == 1)
    }

    @Test func `what is too large to be stored is forwarded all the same`() throws {
        let fixture = try fixture(.storeAndForward) { $0.messageSizeLimit = 1000 }
        let changes = RecordedChanges()
        let session = FilterSession(context: fixture.context)
        #expect(
            try fixture.send(session, header: marked, body: [UInt8](repeating: 0x61, count: 2000), changes: changes)
                == .wentThrough)
        #expect(changes.made.count == 2)
        #expect(
            fixture.lines.all == [
                "4Queue1: outcome=too_large company=1 thread=77 direction=inbound matched=references forwarded=yes"
            ])
        #expect(try files(fixture) == [])
    }

    @Test(arguments: [CaptureMode.forward, .storeAndForward], [1, 2])
    func `a change that the server does not take is a tempfail`(mode: CaptureMode, failing: Int) throws {
        let fixture = try fixture(mode)
        let session = FilterSession(context: fixture.context)
        let changes = RecordedChanges()
        changes.takes = failing - 1
        let error = try #require(throws: ForwardFailure.self) {
            try fixture.send(session, header: marked, changes: changes)
        }
        #expect(session.failed(error).status == "4.7.1")
        // What is in the spool has a story that ends there; what is not, ended here.
        #expect(fixture.lines.final.count == (mode.stores ? 0 : 1))
        #expect(
            fixture.lines.all.last?.contains(mode.stores ? "error: not forwarded" : "outcome=forward_failed") == true)
        #expect(try fixture.spool.waiting().count == (mode.stores ? 1 : 0))
        #expect(fixture.lines.all.allSatisfy { !$0.contains("@") })
        session.abort()
        #expect(try fixture.send(session, header: marked, changes: RecordedChanges()) == .wentThrough)
    }

    @Test(arguments: [(false, true), (true, false), (false, false)], CaptureMode.allCases)
    func `a server that cannot add recipients and fields serves all but those who forward`(
        abilities: (recipients: Bool, fields: Bool), mode: CaptureMode
    ) throws {
        let fixture = try fixture(mode)
        let session = FilterSession(context: fixture.context)
        session.negotiated(
            MilterAbilities(
                addsRecipients: abilities.recipients, addsHeaderFields: abilities.fields, changesHeaderFields: true))
        guard mode.forwards else {
            #expect(try fixture.send(session, header: marked) == .wentThrough)
            return
        }
        let error = try #require(throws: ForwardFailure.self) { try fixture.send(session, header: marked) }
        #expect(session.failed(error).status == "4.7.1")
        #expect(fixture.lines.final.count == 1 && fixture.lines.final[0].contains("outcome=forward_failed"))
        #expect(try files(fixture) == [])
        session.abort()
        // Other mail of the company, and others' mail, passes.
        #expect(try fixture.send(session, header: [("Subject", " Lunch")]) == .acceptedAtHeader)
        #expect(
            try fixture.send(
                session, to: ["<rita@acme.example>", "<acme@inbox.example>"], header: marked)
                == (mode.stores ? .wentThrough : .acceptedAtHeader))
    }
}
