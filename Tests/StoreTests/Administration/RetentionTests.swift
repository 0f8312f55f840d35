import Core
import TestSupport
import Testing

@testable import Store

@Suite struct RetentionTests: StoreSuite {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.installed())
    }

    private func ago(days: Double) -> Timestamp {
        Timestamp(milliseconds: Timestamp.now().milliseconds - Int64(days * 86_400_000))
    }

    private func keep(_ days: Int) throws {
        var change = CompanyChange()
        change.retentionDays = days
        _ = try administration.change(company, change)
    }

    private func retention() throws -> RetentionSession {
        try RetentionSession(
            database.conninfo(user: database.newService("lever_retention", of: company, administration)))
    }

    private func rows(_ table: String, _ company: CompanyID) throws -> String {
        try database.query("SELECT count(*) FROM lever.\(table) WHERE company_id = \(company)")
    }

    @Test
    func `what is older than the company keeps goes in batches, with its records; younger and others' things stay`()
        throws
    {
        let other = try Tenant(in: administration)
        let ages = [10, 29.9, 30.1, 40, 400]
        #expect(
            try mailHost.ingest(ages.map { tenant.message(acceptedAt: ago(days: $0)) }).allSatisfy { $0 == .captured })
        #expect(try mailHost.ingest([other.message(acceptedAt: ago(days: 400))]) == [.captured])
        var records = (0..<5).map { _ in tenant.record(.badSignature) }
        for index in records.indices { records[index].record.acceptedAt = ago(days: index == 0 ? 1 : 50) }
        _ = try mailHost.ingest(records)

        let retention = try retention()
        #expect(try retention.deleteExpired(of: company, atMost: 2).messages == nil)  // For ever.
        #expect(try rows("message", company) == "5")
        try keep(30)
        // 3 messages and 6 records are expired; the record of the oldest went by the limit that the log has by itself.
        var batches: [[Int]] = []
        repeat {
            let deleted = try retention.deleteExpired(of: company, atMost: 2)
            batches.append([try #require(deleted.messages), deleted.records])
        } while batches.last! != [0, 0] && batches.count < 10
        #expect(batches == [[2, 2], [1, 2], [0, 2], [0, 0]])
        for table in ["message", "message_key", "message_part", "message_dedupe"] {
            #expect(try rows(table, company) == "2", "\(table)")
            #expect(try rows(table, other.company.id) == "1", "\(table)")
        }
        #expect(try rows("delivery", company) == "3")
        #expect(try rows("delivery", other.company.id) == "1")
        let reasons = try database.lines(
            "SELECT reason FROM lever.audit WHERE company_id = \(company) AND action = 'retention' ORDER BY seq")
        #expect(reasons == ["2 messages older than 30 days", "1 messages older than 30 days"])
    }

    @Test func `the delivery log has a time of its own, for companies too that keep messages for ever`() throws {
        let ages = [10.0, 89, 91, 400]
        var records = ages.map { _ in tenant.record(.badSignature) }
        for (index, age) in ages.enumerated() { records[index].record.acceptedAt = ago(days: age) }
        _ = try mailHost.ingest(records + [tenant.message(acceptedAt: ago(days: 400))])
        func deleted() throws -> [Int?] {
            let deleted = try retention().deleteExpired(of: company, atMost: 9)
            return [deleted.messages, deleted.records]
        }
        #expect(try deleted() == [nil, 3])
        #expect(try rows("message", company) == "1")
        var change = CompanyChange()
        change.deliveryDays = 60
        #expect(try administration.change(company, change).deliveryDays == 60)
        #expect(try deleted() == [nil, 1])
        // Nothing is known of a message for longer than there may be the message.
        try keep(5)
        #expect(try deleted() == [1, 1])
        #expect(try rows("delivery", company) == "0")
    }

    @Test func `rows that name no company there is go too, whoever works for a company; others' and younger ones stay`()
        throws
    {
        var records = (0..<4).map { _ in tenant.record(.unknownKey) }
        for index in records.indices {
            records[index].record.company = CompanyID(rawValue: Int64.max - Int64(index))
            records[index].record.acceptedAt = ago(days: index == 0 ? 89 : 91)
        }
        _ = try mailHost.ingest(records + [tenant.record(.unknownKey)])
        func strays() throws -> String { try database.query("SELECT count(*) FROM lever.delivery WHERE is_stray") }
        #expect(try strays() == "4")
        let nobody = try RetentionSession(database.conninfo(user: database.newLogin(in: "lever_retention")))
        #expect(try nobody.deleteStrayRecords(atMost: 9) == 0)
        let retention = try retention()
        #expect(try (0..<3).map { _ in try retention.deleteStrayRecords(atMost: 2) } == [2, 1, 0])
        #expect(try strays() == "1")
        #expect(try rows("delivery", company) == "1")
    }

    @Test
    func
        `a login without access to the company deletes nothing of it; that it tried is in the audit of its own company, if it has one`()
        throws
    {
        #expect(try mailHost.ingest([tenant.message(acceptedAt: ago(days: 40))]) == [.captured])
        try keep(30)
        let nobody = try database.newLogin(in: "lever_retention")
        #expect {
            _ = try RetentionSession(database.conninfo(user: nobody)).deleteExpired(of: company, atMost: 9)
        } throws: {
            ($0 as? DatabaseError)?.sqlState == "42501"
        }
        let other = try Tenant(in: administration).company.id
        let login = try database.newService("lever_retention", of: other, administration)
        #expect(
            try storeError {
                try RetentionSession(database.conninfo(user: login)).deleteExpired(of: company, atMost: 9) as Any
            }
                == .refused("no right in this company"))
        #expect(try rows("message", company) == "1")
        #expect(
            try database.query(
                "SELECT company_id, action, allowed FROM lever.audit WHERE login = '\(login)'")
                == "\(other)|retention|f")
        #expect(try retention().deleteExpired(of: company, atMost: 9).messages == 1)
    }

    @Test func `a message older than the company keeps is not stored, and a host that holds it is told`() throws {
        try keep(30)
        let (old, young) = (tenant.message(acceptedAt: ago(days: 31)), tenant.message(acceptedAt: ago(days: 29)))
        func held(_ entry: IngestEntry) -> IngestSession.HeldMessage {
            .init(company: company, entry: entry.entry, thread: entry.thread, acceptedAt: entry.record.acceptedAt)
        }
        #expect(try mailHost.erased([held(old), held(young)]) == [true, false])
        #expect(try mailHost.ingest([old, young]) == [.erased, .captured])
        #expect(try rows("message", company) == "1")
        try keep(0)
        #expect(try mailHost.erased([held(old)]) == [false])

        try database.timeline(of: tenant).removeMessage(young.entry, company: company, reason: "")
        let fresh = tenant.message()
        #expect(try mailHost.erased([held(old), held(young), held(fresh)]) == [false, true, false])
        try database.timeline(of: tenant, .superAdmin).anonymize(tenant.candidate, company: company, reason: "")
        #expect(try mailHost.erased([held(fresh)]) == [true])
        #expect(try mailHost.erased([]) == [])
    }

    @Test func `a host is told that its copy of a removed message is erased, under whatever entry it has it`() throws {
        let key = [UInt8].random(32)
        let (stored, copy) = (tenant.message(dedupeKey: key), tenant.message(dedupeKey: key))
        #expect(try mailHost.ingest([stored, copy]) == [.captured, .duplicate])
        func held(_ message: IngestEntry) -> IngestSession.HeldMessage {
            IngestSession.HeldMessage(
                company: company, entry: message.entry, thread: tenant.thread, acceptedAt: .now())
        }
        #expect(try mailHost.erased([held(stored), held(copy)]) == [false, false])
        try database.timeline(of: tenant).removeMessage(stored.entry, company: company, reason: "")
        #expect(try mailHost.erased([held(stored), held(copy)]) == [true, true])
        let later = tenant.message(dedupeKey: key)
        #expect(try mailHost.ingest([later]) == [.duplicate])
        #expect(try mailHost.erased([held(later)]) == [true])
    }
}
