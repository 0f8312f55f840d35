import Core
import TestSupport
import Testing

@testable import Store

@Suite struct DeliveryLogTests: StoreSuite {
    let fixture: StoreFixture
    private let other: Tenant

    init() throws {
        fixture = try StoreFixture(.installed())
        other = try Tenant(in: fixture.administration)
    }

    private func log(_ role: OperatorSession.Role) throws -> OperatorSession {
        let company = tenant.company.id
        let login =
            switch role {
            case .administrator: "administrator"
            case .reader: try database.newUser(of: company, administration, .admin)
            default: try database.newService(role.rawValue, of: company, administration)
            }
        return try OperatorSession(database.conninfo(user: login), as: role)
    }

    private func stray() -> IngestEntry {
        var entry = tenant.record(.unknownKey)
        entry.record.company = CompanyID(rawValue: .max)
        return entry
    }

    @Test(arguments: [
        (OperatorSession.Role.operator, ["captured", "unknown_key"]),
        (.administrator, ["captured", "too_large", "unknown_key"]),
        (.auditor, ["captured"]), (.reader, ["captured"]),
    ])
    func `each role sees what is its own`(role: OperatorSession.Role, expected: [String]) throws {
        _ = try mailHost.ingest([tenant.message(), other.record(.tooLarge), stray()])
        let log = try log(role)
        #expect(try log.records(.init(), atMost: 10).compactMap(\.outcome?.rawValue).sorted() == expected)
        #expect(try log.company(tenant.company.name) == tenant.company.id)
        #expect(try log.company("\(tenant.company.id)") == tenant.company.id)
        if role != .administrator {
            #expect(try storeError { try log.company(other.company.name) } == .unknownCompany(other.company.name))
        }
    }

    @Test func `a message is found by its queue ID, and by the index of its Message-ID where the role may see that`()
        throws
    {
        let message = tenant.message()
        let index = try #require(message.messageIDIndex)
        var foreign = other.record(.tooLarge)
        foreign.messageIDIndex = index
        foreign.record.queueID = message.record.queueID
        _ = try mailHost.ingest([message, tenant.message(), foreign])
        for (role, mine, byID) in [
            (OperatorSession.Role.operator, 2, 1), (.administrator, 3, 1), (.auditor, 2, nil), (.reader, 2, nil),
        ] {
            let log = try log(role)
            #expect(try log.records(queueID: message.record.queueID).count == mine)
            #expect(try log.records(queueID: "4Other").isEmpty)
            #expect(try log.records(messageID: [tenant.company.id: [index]])?.count == byID)
        }
        let log = try log(.operator)
        let found = try #require(try log.records(messageID: [tenant.company.id: [index]])?.first)
        #expect(
            found.entry == message.entry && found.matched == .references && found.spooledAt == message.record.spooledAt)
        // The version counts, and so does the company.
        #expect(try log.records(messageID: [tenant.company.id: [BlindIndex(version: 2, bytes: index.bytes)]]) == [])
        #expect(try log.records(messageID: [other.company.id: [index]]) == [])
        #expect(try log.records(messageID: [:]) == [])
    }

    @Test
    func `rows are chosen by time, company, outcome, direction and host; the newest of them, in the order of time`()
        throws
    {
        let base = Timestamp.now().milliseconds - 100_000
        var entries = (0..<6).map { number in
            tenant.message(acceptedAt: Timestamp(milliseconds: base + Int64(number) * 1000))
        }
        entries[1].record.host = "mx2"
        entries[2].record.direction = .outbound
        entries += [stray()]
        _ = try mailHost.ingest(entries)
        let log = try log(.operator)
        func chosen(_ limit: Int = 10, _ change: (inout OperatorSession.Filter) -> Void) throws -> [Int] {
            var filter = OperatorSession.Filter()
            change(&filter)
            return try log.records(filter, atMost: limit).map { found in entries.firstIndex { $0.entry == found.entry }!
            }
        }
        #expect(try chosen { _ in } == [0, 1, 2, 3, 4, 5, 6])
        #expect(try chosen(2) { _ in } == [5, 6])
        #expect(try chosen { $0.host = "mx2" } == [1])
        #expect(try chosen { $0.direction = .outbound } == [2])
        #expect(try chosen { $0.outcome = .unknownKey } == [6])
        #expect(try chosen { $0.company = tenant.company.id } == [0, 1, 2, 3, 4, 5])
        #expect(
            try chosen {
                $0.since = Timestamp(milliseconds: base + 2000)
                $0.until = Timestamp(milliseconds: base + 4000)
            } == [2, 3])
    }

    @Test func `a row that is refused at first and stored later says so, with the time of that`() throws {
        var message = tenant.message(thread: .random())
        #expect(try mailHost.ingest([message]) == [.unknownThread])
        let log = try log(.operator)
        let refused = try #require(try log.records(queueID: message.record.queueID).first)
        message.thread = tenant.thread
        #expect(try mailHost.ingest([message]) == [.captured])
        #expect(try mailHost.ingest([message]) == [.captured])
        let stored = try log.records(queueID: message.record.queueID)
        #expect(stored.map(\.outcome) == [.captured])
        #expect(stored[0].storedAt >= refused.storedAt)
        // What a host records without content changes nothing.
        var record = tenant.record(.tooLarge)
        record.entry = message.entry
        _ = try mailHost.ingest([record])
        #expect(try log.records(queueID: message.record.queueID).map(\.outcome) == [.captured])
        let new = try log.records(.init(), storedSince: stored[0].storedAt)
        #expect(new.map(\.entry) == [message.entry])
    }
}
