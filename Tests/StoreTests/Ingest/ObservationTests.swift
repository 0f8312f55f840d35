import Core
import TestSupport
import Testing

@testable import Store

@Suite struct ObservationTests: StoreSuite {
    let fixture: StoreFixture
    private let now = Timestamp.now()

    init() throws {
        fixture = try StoreFixture(.installed())
    }

    private func record(
        _ outcome: Outcome, _ direction: Direction? = .inbound, count: Int = 1, size: Int = 100,
        thread: ThreadID? = nil,
        ago hours: Int64 = 1, host: String = "mx1"
    ) throws {
        let time = Timestamp(milliseconds: now.milliseconds - hours * 3_600_000)
        _ = try mailHost.ingest(
            (0..<count).map { _ in
                var record = MessageRecord(
                    company: tenant.company.id, thread: thread ?? tenant.thread, entry: .make(at: time),
                    acceptedAt: time, host: host, queueID: "q")
                record.direction = direction
                record.size = size
                record.matched = .references
                return IngestEntry(record, .outcome(outcome))
            })
    }

    private func hostIsCurrent(_ host: String = "mx1") throws {
        try mailHost.acknowledgeRouting(snapshot: mailHost.routingSnapshot(), host: host)
    }

    private func observe(hours: Int64 = 24) throws -> Observation {
        try administration.observation(
            of: administration.company(tenant.company.name), seconds: hours * 3600, now: now)
    }

    @Test func `it counts by outcome and direction in the period and in the one before, with bytes, days and hosts`()
        throws
    {
        try record(.observeOnly, .inbound, count: 3, size: 1000)
        try record(.observeOnly, .outbound, count: 2, size: 10, host: "mx2")
        try record(.neverLog, nil)
        try record(.observeOnly, .inbound, size: 7, ago: 30)
        try record(.observeOnly, .inbound, ago: 49)
        let observation = try observe()
        #expect(
            Set(observation.period.counts) == [
                .init(outcome: .observeOnly, direction: .inbound, messages: 3, bytes: 3000),
                .init(outcome: .observeOnly, direction: .outbound, messages: 2, bytes: 20),
                .init(outcome: .neverLog, direction: nil, messages: 1, bytes: 100),
            ])
        #expect(
            observation.before.counts == [.init(outcome: .observeOnly, direction: .inbound, messages: 1, bytes: 7)])
        #expect(observation.days.map(\.messages).reduce(0, +) == 6)
        #expect(Set(observation.days.map(\.host)) == ["mx1", "mx2"])
        #expect(observation.days.allSatisfy { now.description.hasPrefix($0.day) || $0.day < now.description })
        #expect(try observe(hours: 48).before.counts.map(\.messages) == [1])
    }

    @Test func `threads are counted, and those that the database does not know`() throws {
        let lost = ThreadID.random()
        try record(.observeOnly, count: 2)
        try record(.observeOnly, count: 3, thread: lost)
        try record(.tooLarge, thread: .random())
        // Anybody may claim a thread.
        try record(.badSignature, count: 5, thread: .random())
        let observation = try observe()
        #expect(observation.threads == .init(threads: 3, messages: 6))
        #expect(observation.unknownThreads == .init(threads: 2, messages: 4))
    }

    @Test func `another company's records are none of it`() throws {
        let other = try Tenant(in: administration)
        _ = try mailHost.ingest([other.record(.observeOnly)])
        let observation = try observe()
        #expect(observation.period.counts.isEmpty && observation.threads.messages == 0)
    }

    @Test func `keys that would be sealed to are counted`() throws {
        #expect(try observe().sealingKeys == 1)
        _ = try database.query("UPDATE lever.sealing_key SET state = 'old'")
        #expect(try observe().sealingKeys == 0)
    }

    @Test func `hosts come with when they were seen, whether they are current, and whether they were revoked`() throws {
        #expect(try observe().hosts == [])
        try hostIsCurrent("mx1")
        try hostIsCurrent("mx2")
        try administration.addHostKey(.random(32), keyID: .random(20), host: "mx3")
        _ = try database.query("UPDATE lever.mail_host SET snapshot = '3:3:' WHERE host = 'mx2'")
        let hosts = try observe().hosts
        #expect(hosts.map(\.host) == ["mx1", "mx2", "mx3"])
        #expect(hosts.map { $0.seenAt != nil } == [true, true, false])
        #expect(hosts.map(\.isCurrent) == [true, false, false])
        #expect(hosts.map(\.keys.count) == [0, 0, 1])
        for host in ["mx1", "mx3"] { _ = try administration.revokeHost(host) }
        let revoked = try observe().hosts
        #expect(revoked.map(\.isGivenUp) == [true, false, false])
        #expect(revoked[2].keys.allSatisfy { $0.revokedAt != nil })
    }
}
