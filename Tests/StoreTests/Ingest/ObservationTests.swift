import Core
import TestSupport
import Testing

@testable import Store

@Suite struct ObservationTests {
    private let database: StoreDatabase
    private let administration: OwnerSession
    private let tenant: Tenant
    private let mailHost: IngestSession
    private let now = Timestamp.now()

    init() throws {
        database = try .installed()
        administration = try database.administration()
        tenant = try Tenant(in: administration)
        mailHost = try database.mailHost()
    }

    private func record(
        _ outcome: Outcome, _ direction: Direction? = .inbound, count: Int = 1, size: Int = 100,
        thread: ThreadID? = nil,
        ago hours: Int64 = 1, host: String = "mx1"
    ) throws {
        let time = Timestamp(milliseconds: now.milliseconds - hours * 3_600_000)
        _ = try mailHost.ingest(
            (0..<count).map { _ in
                IngestEntry(
                    company: tenant.company.id, thread: thread ?? tenant.thread, entry: .make(at: time),
                    direction: direction, acceptedAt: time, size: size, host: host, queueID: "q",
                    matched: .references, spooledAt: nil, messageIDIndex: nil, payload: .record(outcome))
            })
    }

    private func hostIsCurrent(_ host: String = "mx1") throws {
        try mailHost.acknowledgeRouting(generation: mailHost.routingGeneration(), host: host)
    }

    private func observe(hours: Int64 = 24) throws -> Observation {
        try administration.observation(
            of: administration.company(tenant.company.name), seconds: hours * 3600, now: now)
    }

    private func kinds() throws -> [Observation.Obstacle.Kind] { try observe().obstacles.map(\.kind) }

    /// All that going live takes.
    private func beReady() throws {
        try record(.observeOnly, .inbound)
        try record(.observeOnly, .outbound)
        try hostIsCurrent()
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

    @Test func `where nothing stands in the way, it says how to go live`() throws {
        try beReady()
        var change = CompanyChange()
        change.capture = .observe
        change.name = "Acme's \"Ltd\""
        let company = try administration.change(tenant.company.id, change)
        try hostIsCurrent()
        let observation = try administration.observation(of: company, seconds: 86_400, now: .now())
        #expect(observation.obstacles.isEmpty, "\(observation.obstacles)")
        #expect(
            observation.verdict
                == #"Nothing stands in the way: leverctl company set 'Acme'\''s "Ltd"' --capture store"#)
        change.capture = .storeAndForward
        change.forward = .to(ForwardAddress("in@x.example")!)
        let live = try administration.change(tenant.company.id, change)
        try hostIsCurrent()
        #expect(
            try administration.observation(of: live, seconds: 86_400, now: .now()).verdict.contains(
                "live, and there is"))
    }

    @Test func `without mail, and in one direction alone`() throws {
        try hostIsCurrent()
        #expect(try kinds() == [.noMessages])
        try record(.badSignature, count: 3)
        #expect(try kinds() == [.noMessages])
        try record(.observeOnly, .internal)
        #expect(try kinds() == [.noInbound])
        try record(.observeOnly, .inbound)
        #expect(try kinds() == [.noOutbound])
        try record(.observeOnly, .outbound)
        #expect(try kinds() == [])
    }

    @Test func `without a key to seal to, and with a company that is not on limited sync`() throws {
        try beReady()
        _ = try database.query("UPDATE lever.sealing_key SET state = 'old'")
        try hostIsCurrent()
        #expect(try kinds() == [.noSealingKey])
        _ = try database.query("UPDATE lever.company SET sync = 'off'")
        try hostIsCurrent()
        let obstacles = try observe().obstacles
        #expect(obstacles.map(\.kind) == [.notLimited, .noSealingKey])
        #expect(obstacles[0].advice == "leverctl company set \(tenant.company.name) --sync limited")
    }

    @Test func `hosts: none, one that is behind, one that fell silent, one that never spoke, one that was given up`()
        throws
    {
        try record(.observeOnly, .inbound)
        try record(.observeOnly, .outbound)
        #expect(try kinds() == [.noHost])
        try hostIsCurrent("mx1")
        try hostIsCurrent("mx2")
        try administration.addHostKey(.random(32), keyID: .random(20), host: "mx3")
        _ = try database.query("UPDATE lever.mail_host SET seen_at = now() - interval '3 hours' WHERE host = 'mx1'")
        _ = try database.query("UPDATE lever.mail_host SET generation = generation - 1 WHERE host = 'mx2'")
        let obstacles = try observe().obstacles
        #expect(obstacles.map(\.kind) == [.hostSilent, .hostBehind, .hostSilent])
        #expect(obstacles[0].problem.hasPrefix("mx1 was last heard of at 20"))
        #expect(obstacles[2].problem == "mx3 was never heard of")
        for host in ["mx1", "mx3"] { _ = try administration.revokeHost(host) }
        #expect(try kinds() == [.hostBehind])
    }

    @Test(
        arguments: [
            (Outcome.notParticipant, 1, Observation.Obstacle.Kind.notParticipant), (.spoolFailed, 1, .spoolFailed),
            (.forwardFailed, 1, .forwardFailed), (.ingestRejected, 1, .ingestRejected), (.tooLarge, 1, .tooLarge),
            (.badSignature, 10, .badSignature), (.unknownKey, 10, .unknownKey), (.badSignature, 9, nil),
            (.unknownKey, 9, nil), (.neverLog, 100, nil), (.notLimited, 100, nil), (.alreadyForwarded, 100, nil),
        ] as [(Outcome, Int, Observation.Obstacle.Kind?)])
    func `what failed or would fail`(outcome: Outcome, count: Int, expected: Observation.Obstacle.Kind?) throws {
        try beReady()
        try record(outcome, count: count)
        let obstacles = try observe().obstacles
        #expect(obstacles.map(\.kind) == [expected].compactMap(\.self))
        #expect(obstacles.allSatisfy { $0.problem.hasPrefix("\(count) message\(count == 1 ? "" : "s") ") })
    }

    @Test func `a few forgeries among much mail are no obstacle; a thread that is not known is one`() throws {
        try beReady()
        try record(.observeOnly, count: 150)
        try record(.badSignature, count: 14)
        #expect(try kinds() == [])
        try record(.observeOnly, thread: .random())
        #expect(try kinds() == [.unknownThread])
    }
}
