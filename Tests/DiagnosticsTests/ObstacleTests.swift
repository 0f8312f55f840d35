import Core
import Testing

@testable import Diagnostics
@testable import Store

/// What stands in the way of storing a company's mail, told from its delivery log.
@Suite struct ObstacleTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private static func hours(ago count: Int64) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds - count * 3_600_000)
    }

    private static func host(
        _ name: String = "mx1", seen: Timestamp? = now, isCurrent: Bool = true, isGivenUp: Bool = false,
        keys: [(revokedAt: Timestamp?, Void)] = []
    ) -> MailHostRecord {
        MailHostRecord(
            host: name,
            keys: keys.map { .init(keyID: [], publicKey: [], addedAt: hours(ago: 50), revokedAt: $0.revokedAt) },
            seenAt: seen, isCurrent: isCurrent, isGivenUp: isGivenUp)
    }

    /// A message in each direction: all that going live takes.
    private static let ready: [(Outcome, Direction?, Int)] = [
        (.observeOnly, .inbound, 1), (.observeOnly, .outbound, 1),
    ]

    private func observation(
        _ counts: [(Outcome, Direction?, Int)] = ready, unknownThreads: Int = 0, hosts: [MailHostRecord] = [host()],
        sealingKeys: Int = 1, sync: SyncLevel = .limited, name: String = "acme", capture: CaptureMode = .observe
    ) -> Observation {
        var period = Observation.Period(from: Self.hours(ago: 24), until: Self.now)
        period.counts = counts.map { .init(outcome: $0, direction: $1, messages: $2, bytes: 100) }
        return Observation(
            company: CompanyRecord(
                id: CompanyID(rawValue: 1), name: name, provider: .google, sync: sync, domains: ["acme.example"],
                createdAt: Self.hours(ago: 100), retentionDays: nil, deliveryDays: 90, capture: capture,
                forwardAddress: nil, stamps: false, unsignedMarkers: .refuse, recipientDelimiters: nil,
                markerDays: nil, isFullSyncReady: false),
            period: period, before: .init(from: Self.hours(ago: 48), until: Self.hours(ago: 24)), days: [],
            threads: .init(threads: 1, messages: counts.reduce(0) { $0 + $1.2 }),
            unknownThreads: .init(threads: unknownThreads, messages: unknownThreads), sealingKeys: sealingKeys,
            hosts: hosts)
    }

    private func kinds(_ observation: Observation) -> [Observation.Obstacle.Kind] { observation.obstacles.map(\.kind) }

    @Test func `without an obstacle the verdict is how to go live`() {
        #expect(observation().obstacles.isEmpty)
        #expect(
            observation(name: "Acme's \"Ltd\"").verdict.hasSuffix(
                #": leverctl company set 'Acme'\''s "Ltd"' --capture store"#))
        #expect(observation(capture: .storeAndForward).verdict.contains("is live"))
    }

    @Test(
        arguments: [
            ([], .noMessages), ([(.badSignature, .inbound, 3)], .noMessages),
            ([(.observeOnly, .internal, 1)], .noInbound),
            ([(.observeOnly, .outbound, 1)], .noInbound), ([(.observeOnly, .inbound, 1)], .noOutbound), (ready, nil),
        ] as [([(Outcome, Direction?, Int)], Observation.Obstacle.Kind?)])
    func `mail must come in and go out`(counts: [(Outcome, Direction?, Int)], expected: Observation.Obstacle.Kind?) {
        #expect(kinds(observation(counts)) == [expected].compactMap(\.self))
    }

    @Test func `the company must be on limited sync and have a sealing key`() {
        #expect(kinds(observation(sealingKeys: 0)) == [.noSealingKey])
        let obstacles = observation(sealingKeys: 0, sync: .off).obstacles
        #expect(obstacles.map(\.kind) == [.notLimited, .noSealingKey])
        #expect(obstacles[0].advice == "leverctl company set acme --sync limited")
    }

    @Test func `every host must be heard from and have the newest routing, unless it was revoked`() {
        #expect(kinds(observation(hosts: [])) == [.noHost])
        let mute = Self.host("mx3", seen: nil, isCurrent: false, keys: [(nil, ())])
        let obstacles = observation(
            hosts: [Self.host("mx1", seen: Self.hours(ago: 3)), Self.host("mx2", isCurrent: false), mute]
        ).obstacles
        #expect(obstacles.map(\.kind) == [.hostSilent, .hostBehind, .hostSilent])
        #expect(obstacles[0].problem.hasPrefix("mx1 was last heard from at 20"))
        #expect(obstacles[2].problem == "mx3 was never heard from")
        let revoked = [
            Self.host("mx1", seen: Self.hours(ago: 3), isGivenUp: true),
            Self.host("mx3", seen: nil, isCurrent: false, keys: [(Self.now, ())]),
        ]
        #expect(kinds(observation(hosts: revoked + [Self.host("mx2", isCurrent: false)])) == [.hostBehind])
    }

    @Test(
        arguments: [
            (Outcome.notParticipant, 1, Observation.Obstacle.Kind.notParticipant), (.spoolFailed, 1, .spoolFailed),
            (.forwardFailed, 1, .forwardFailed), (.ingestRejected, 1, .ingestRejected), (.tooLarge, 1, .tooLarge),
            (.badSignature, 10, .badSignature), (.unknownKey, 10, .unknownKey), (.badSignature, 9, nil),
            (.unknownKey, 9, nil), (.neverLog, 100, nil), (.notLimited, 100, nil), (.alreadyForwarded, 100, nil),
        ] as [(Outcome, Int, Observation.Obstacle.Kind?)])
    func `what failed or would fail is an obstacle`(outcome: Outcome, count: Int, expected: Observation.Obstacle.Kind?)
    {
        let obstacles = observation(Self.ready + [(outcome, .inbound, count)]).obstacles
        #expect(obstacles.map(\.kind) == [expected].compactMap(\.self))
        #expect(obstacles.allSatisfy { $0.problem.hasPrefix("\(count) message\(count == 1 ? "" : "s") ") })
    }

    @Test func `a few forgeries among much mail are no obstacle; a thread that is not in the database is one`() {
        let counts = Self.ready + [(.observeOnly, .inbound, 148), (.badSignature, .inbound, 14)]
        #expect(kinds(observation(counts)) == [])
        #expect(kinds(observation(counts, unknownThreads: 1)) == [.unknownThread])
    }
}
