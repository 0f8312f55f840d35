import Core
import TestSupport
import Testing

@testable import Store

@Suite struct TimelineTests: StoreSuite {
    let fixture: StoreFixture
    private let timeline: ReaderSession

    init() throws {
        fixture = try StoreFixture(.common())
        timeline = try fixture.database.timeline(of: fixture.tenant)
    }

    private func open(
        _ entry: EntryID, _ company: CompanyID, _ reader: ReaderSession? = nil
    ) throws -> SealedMessage {
        try (reader ?? timeline).open(entry: entry, company: company, .init(.open, reason: "a test")).sealed
    }

    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000 + milliseconds) }

    @Test func `a candidate's messages are in the order of time, over all of the candidate's threads`() throws {
        let second = ThreadID.random()
        try administration.startThread(
            second, candidate: tenant.candidate, company: tenant.company.id, markerVersion: 1)
        let times: [Int64] = [30, 10, 20, 40]
        let messages = times.enumerated().map { index, time in
            tenant.message(thread: index.isMultiple(of: 2) ? second : nil, acceptedAt: at(time))
        }
        #expect(try mailHost.ingest(messages) == [.captured, .captured, .captured, .captured])
        let entries = try timeline.entries(company: tenant.company.id, candidate: tenant.candidate)
        #expect(entries.map(\.acceptedAt) == [at(10), at(20), at(30), at(40)])
        #expect(entries.map(\.entry) == [1, 2, 0, 3].map { messages[$0].entry })
        #expect(entries.map(\.thread) == [tenant.thread, second, second, tenant.thread])
        func selected(_ selection: TimelineSelection) throws -> [TimelineEntry] {
            try timeline.entries(company: tenant.company.id, candidate: tenant.candidate, selection)
        }
        for count in [1, 3, 4, 5] { #expect(try selected(TimelineSelection(last: count)) == entries.suffix(count)) }
        // From a time on, before a time, of one thread; the newest of those.
        #expect(try selected(TimelineSelection(since: at(20))) == Array(entries[1...]))
        #expect(try selected(TimelineSelection(until: at(20))) == Array(entries[..<1]))
        #expect(try selected(TimelineSelection(since: at(41))) == [])
        #expect(try selected(TimelineSelection(thread: second)) == Array(entries[1...2]))
        #expect(
            try selected(TimelineSelection(since: at(10), until: at(40), thread: second, last: 1)) == [entries[2]])
        // A thread of nobody, and so one of another candidate.
        let other = ThreadID.random()
        #expect(throws: StoreError.unknownThread(other)) { try selected(TimelineSelection(thread: other)) }
    }

    @Test func `an entry has what the message came with, and the binding to open it`() throws {
        let message = tenant.message(acceptedAt: at(123))
        #expect(try mailHost.ingest([message]) == [.captured])
        let entry = try #require(try timeline.find(entry: message.entry, company: tenant.company.id))
        #expect(entry.company == tenant.company.id)
        #expect(entry.candidate == tenant.candidate)
        #expect(entry.direction == .inbound)
        #expect(entry.size == message.record.size)
        #expect(entry.host == message.record.host)
        #expect(entry.queueID == message.record.queueID)
        #expect(entry.keyIDs == message.record.sealingKeyIDs)
        #expect(entry.storedAt > entry.acceptedAt)
        #expect(
            entry.binding
                == Binding(message: message.entry, company: tenant.company.id, thread: tenant.thread, time: at(123)))
    }

    @Test func `nothing of one company shows in another`() throws {
        let other = try Tenant(in: administration)
        let message = tenant.message()
        #expect(try mailHost.ingest([message]) == [.captured])
        #expect(try timeline.find(entry: message.entry, company: other.company.id) == nil)
        for candidate in [tenant.candidate, other.candidate] {
            #expect { _ = try timeline.entries(company: other.company.id, candidate: candidate) } throws: {
                $0 as? StoreError == .unknownCandidate(candidate)
            }
        }
        #expect { _ = try open(message.entry, other.company.id) } throws: {
            $0 as? StoreError == .refused("no right in this company")
        }
        let others = try database.timeline(of: other)
        #expect { _ = try open(message.entry, other.company.id, others) } throws: {
            $0 as? StoreError == .refused("no such message")
        }
        #expect(try timeline.companies().map(\.id) == [tenant.company.id])
        #expect(throws: StoreError.unknownCompany(other.company.name)) { try timeline.company(other.company.name) }
        #expect(try timeline.find(entry: message.entry, company: tenant.company.id) != nil)
    }

    @Test func `an unknown entry is in no company`() throws {
        #expect(try timeline.find(entry: .make(at: .now()), company: tenant.company.id) == nil)
    }

    @Test func `a shredded message, and one with parts missing, are told from one another`() throws {
        let messages = [tenant.message(), tenant.message(SealedMessage(head: [1], tail: .random(1_200_000)))]
        #expect(try mailHost.ingest(messages) == [.captured, .captured])
        _ = try database.query(
            """
            DELETE FROM lever.message_key WHERE entry_id = '\(messages[0].entry)';
            DELETE FROM lever.message_part WHERE entry_id = '\(messages[1].entry)' AND part = 1;
            """)
        #expect { _ = try open(messages[0].entry, tenant.company.id) } throws: {
            $0 as? StoreError == .refused("shredded")
        }
        #expect { _ = try open(messages[1].entry, tenant.company.id) } throws: {
            $0 as? StoreError == .incomplete(messages[1].entry)
        }
    }

    @Test func `deleting a message takes its head and parts along`() throws {
        let messages = [tenant.message(), tenant.message()]
        #expect(try mailHost.ingest(messages) == [.captured, .captured])
        let left = try database.query(
            """
            DELETE FROM lever.message WHERE entry_id = '\(messages[0].entry)';
            SELECT entry_id FROM lever.message_key WHERE company_id = \(tenant.company.id);
            SELECT entry_id FROM lever.message_part WHERE company_id = \(tenant.company.id);
            """)
        #expect(left == "\(messages[1].entry)\n\(messages[1].entry)")
    }

    @Test func `the candidate has the sealed profile`() throws {
        let candidate = try timeline.candidate(tenant.candidate, company: tenant.company.id)
        #expect(try candidate == administration.candidates(of: tenant.company.id)[0])
    }
}
