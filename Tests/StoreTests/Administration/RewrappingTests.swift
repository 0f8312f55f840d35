import Core
import Sealing
import TestSupport
import Testing

@testable import Store

/// Heads are exchanged by one audited function, which checks them and keeps the old ones.
@Suite struct RewrappingTests: StoreSuite {
    let fixture: StoreFixture
    let (old, new): (PublicSealingKey, PublicSealingKey)
    let rekeying: RekeySession
    let login: String

    /// The company seals to `new`; `old` was in use before.
    init() throws {
        fixture = try StoreFixture(.installed())
        (old, new) = (try PublicSealingKey(), try PublicSealingKey())
        let company = fixture.tenant.company.id
        _ = try fixture.database.query("UPDATE lever.sealing_key SET state = 'retired'")
        for key in [old, new] {
            try fixture.administration.addSealingKey(key.publicKey, keyID: key.id, to: company)
        }
        _ = try fixture.database.query(
            "UPDATE lever.sealing_key SET state = 'old' WHERE key_id = '\\x\(old.id.hex)'")
        login = try fixture.database.newService("lever_rekey", of: company, fixture.administration)
        rekeying = try RekeySession(fixture.database.conninfo(user: login))
    }

    private func sealed(_ keys: PublicSealingKey...) throws -> SealedMessage {
        try .sealed(to: keys, for: company)
    }

    /// Stores messages that are sealed to the old key.
    private func store(_ count: Int) throws -> [IngestEntry] {
        let messages = try (0..<count).map { _ in tenant.message(try sealed(old), sender: .random(16), keyIDs: [old.id]) }
        #expect(try mailHost.ingest(messages).allSatisfy { $0 == .captured })
        return messages
    }

    private func rows(of action: String = "rewrap") throws -> [(allowed: Bool, reason: String)] {
        try database.audit(of: company, administration).records(of: company, after: 0, limit: 1000)
            .filter { $0.action == action }.map { (allowed: $0.allowed, reason: $0.reason) }
    }

    private func former() throws -> String { try database.query("SELECT count(*) FROM lever.former_head") }

    @Test
    func `heads are exchanged a few at a time, and one that changed meanwhile is left alone; tails stay out of sight`()
        throws
    {
        let messages = try store(5)
        #expect(try mailHost.ingest([tenant.message(try sealed(new), keyIDs: [new.id])]) == [.captured])
        func pending() throws -> Int { try rekeying.count(sealedTo: old.id, target: [new.id], of: company) }
        func next(_ limit: Int, after: EntryID? = nil) throws -> [MessageHead] {
            try rekeying.heads(sealedTo: old.id, target: [new.id], of: company, after: after, limit: limit)
        }
        func replace(_ heads: [MessageHead]) throws -> Int {
            try rekeying.replace(
                heads.map { HeadReplacement($0, with: try $0.head.head(wronglyFor: [new])) }, of: company)
        }
        #expect(try pending() == 5)
        let first = try next(2)
        #expect(first.count == 2)
        // Somebody else was quicker with the first of them.
        let other = try first[0].head.head(wronglyFor: [old])
        _ = try database.query(
            "UPDATE lever.message_key SET head = '\\x\(other.hex)' WHERE entry_id = '\(first[0].entry)'")
        #expect(try replace(first) == 1)
        #expect(try pending() == 4)
        let rest = try next(9, after: first[1].entry)
        #expect(try replace(rest) == 3)
        // From the start again: what was left is found.
        let left = try next(9)
        #expect(left.map(\.entry) == [first[0].entry] && left[0].head == other)
        #expect(try replace(left) == 1)
        #expect(try rekeying.messagesByKey(of: company) == [new.id: 6])
        #expect(
            try database.query("SELECT DISTINCT key_ids FROM lever.message WHERE company_id = \(company)")
                == "{\"\\\\x\(new.id.hex)\"}")

        #expect(try rows().map(\.allowed) == [true, true, true])
        #expect(try rows().map(\.reason) == ["1 heads exchanged", "3 heads exchanged", "1 heads exchanged"])
        #expect(try former() == "5")
        let connection = try database.connection(user: login)
        try connection.actFor(company)
        #expect(try sqlState { try connection.query("SELECT head FROM lever.message_key") } == nil)
        for denied in [
            "bytes FROM lever.message_part", "tail FROM lever.candidate", "tail FROM lever.address",
            "head FROM lever.former_head",
        ] {
            #expect(try sqlState { try connection.query("SELECT \(unescaped: denied)") } == "42501")
        }
        for table in ["message_key", "candidate", "address", "mail_account", "outbox"] {
            #expect(try sqlState { try connection.query("UPDATE lever.\(unescaped: table) SET head = '\\x00'") } == "42501")
        }
        #expect(try sqlState { try connection.query("UPDATE lever.message SET key_ids = '{}'") } == "42501")
        _ = messages
    }

    /// Everything that has a head, sealed to the old key.
    private func sealEverything() throws -> [HeadReplacement] {
        _ = try store(1)
        let user = try database.newUser(of: company, administration, .admin)
        let content = try sealed(old)
        let head = "'\\x\(content.head.hex)'"
        _ = try database.query(
            """
            UPDATE lever.candidate SET head = \(head);
            UPDATE lever.address SET head = \(head);
            INSERT INTO lever.mail_account (company_id, login, entry_id, head, tail, bound_at)
            VALUES (\(company), '\(user)', gen_random_uuid(), \(head), '\\x00', now());
            WITH waiting AS (INSERT INTO lever.outbox SELECT o.* FROM jsonb_populate_record(NULL::lever.outbox,
                (SELECT to_jsonb(m) FROM lever.message AS m) || jsonb_build_object('login', '\(user)', 'attempts', 1,
                    'is_answer', false, 'signature', repeat('s', 70)::bytea, 'entry_id', gen_random_uuid(),
                    'dedupe_keys', '{}', 'head', \(head))) AS o RETURNING company_id, entry_id)
            INSERT INTO lever.outbox_part SELECT p.company_id, w.entry_id, p.part, p.bytes
            FROM waiting AS w JOIN lever.message_part AS p ON p.company_id = w.company_id;
            """)
        let message = try rekeying.heads(sealedTo: old.id, target: [], of: company, after: nil, limit: 9)[0]
        return [HeadReplacement(message, with: [])] + (try rekeying.profiles(of: company)).map {
            HeadReplacement($0, with: [])
        }
    }

    private func replacing(_ item: HeadReplacement, with head: [UInt8]) -> HeadReplacement {
        HeadReplacement(kind: item.kind, entry: item.entry, old: item.old, new: head)
    }

    @Test func `a head that is not what re-wrapping makes is refused with a row, whatever it belongs to`() throws {
        let items = try sealEverything()
        #expect(Set(items.map(\.kind)) == ["message_key", "candidate", "address", "mail_account", "outbox"])
        let stranger = try PublicSealingKey()
        let before = try heads()
        var refusals = 0
        for item in items {
            let good = try item.old.head(wronglyFor: [new])
            var otherNonce = good
            otherNonce[good.count - 8] ^= 1
            let wrong: [[UInt8]] = [
                [0], [], item.old, Array(good.dropLast()), good + [0], otherNonce,
                try sealed(new).head, try item.old.head(wronglyFor: [old, new]), try item.old.head(wronglyFor: [stranger]),
                try item.old.head(wronglyFor: [new, stranger]), try item.old.head(wronglyFor: [new, new]),
                try item.old.head(wronglyFor: []),
            ]
            for head in wrong {
                #expect(
                    try storeError { try rekeying.replace([replacing(item, with: head)], of: company) }
                        == .refused("a head is not what re-wrapping makes"), "\(item.kind) \(head.hex)")
                refusals += 1
            }
            // One of several is enough.
            let others = items.filter { $0 != item }.map { try? replacing($0, with: $0.old.head(wronglyFor: [new])) }
            #expect(
                try storeError {
                    try rekeying.replace(others.compactMap(\.self) + [replacing(item, with: [0])], of: company)
                } != nil)
            refusals += 1
        }
        #expect(try heads() == before)
        #expect(try rows().count { !$0.allowed } == refusals)
        let good = try items.map { replacing($0, with: try $0.old.head(wronglyFor: [new])) }
        #expect(try rekeying.replace(good, of: company) == items.count)
        #expect(try heads() != before)
    }

    private func heads() throws -> [String] {
        try ["message_key", "candidate", "address", "mail_account", "outbox"].map {
            try database.query("SELECT entry_id, head FROM lever.\($0) ORDER BY 1")
        }
    }

    @Test func `an exchange that opens nothing is taken back, and what it put there is kept`() throws {
        let items = try sealEverything()
        let before = try heads()
        for _ in 0..<2 {
            let now = try rekeying.profiles(of: company).map { HeadReplacement($0, with: try $0.head.head(wronglyFor: [new])) }
            #expect(try rekeying.replace(now, of: company) == items.count - 1)
        }
        let message = try rekeying.heads(sealedTo: old.id, target: [new.id], of: company, after: nil, limit: 9)
        try rekeying.replace(
            message.map { HeadReplacement($0, with: try $0.head.head(wronglyFor: [new])) }, of: company)
        let broken = try heads()
        let exchanges = try administration.exchanges(of: company)
        #expect(exchanges.map(\.login) == [login, login, login])
        #expect(try administration.restoreHeads(from: exchanges[0].row, of: company) == items.count)
        #expect(try heads() == before)
        #expect(try rekeying.messagesByKey(of: company) == [old.id: 1])
        // Taken back in turn.
        let last = try #require(try administration.exchanges(of: company).last)
        #expect(try administration.restoreHeads(from: last.row, of: company) == items.count)
        #expect(try heads() == broken)
        #expect(
            try sqlState {
                try database.connection(user: login).query("SELECT lever.restore_heads(\(company), 1, 99, 1)")
            } == "42501")
    }

    @Test func `forged key ids mislead nobody: whom a message is sealed to is what its head says`() throws {
        let claimsNew = tenant.message(try sealed(old), keyIDs: [new.id])
        let claimsOld = tenant.message(try sealed(new), keyIDs: [old.id])
        let both = tenant.message(try sealed(old, new), keyIDs: [old.id])
        #expect(try mailHost.ingest([claimsNew, claimsOld, both]) == [.captured, .captured, .captured])
        #expect(try rekeying.messages(sealedOnlyTo: [old.id], of: company) == 1)
        #expect(try rekeying.messagesByKey(of: company) == [old.id: 2, new.id: 2])
        let pending = try rekeying.heads(sealedTo: old.id, target: [new.id], of: company, after: nil, limit: 9)
        #expect(Set(pending.map(\.entry)) == [claimsNew.entry, both.entry])
        #expect(try administration.shredMessages(sealedOnlyTo: [old.id], of: company) == 1)
        #expect(
            try database.lines("SELECT entry_id FROM lever.message_key ORDER BY 1")
                == [claimsOld.entry, both.entry].map(\.description).sorted())
    }

    @Test func `former heads go with what they opened, and with a key that they name`() throws {
        let items = try sealEverything()
        func exchange() throws {
            _ = try rekeying.replace(
                try items.map { item in
                    let current = try database.query(
                        "SELECT head FROM lever.\(item.kind) WHERE entry_id = '\(item.entry)'")
                    let head = [UInt8](hex: current.dropFirst(2))!
                    return HeadReplacement(
                        kind: item.kind, entry: item.entry, old: head, new: try head.head(wronglyFor: [new]))
                }, of: company)
        }
        try exchange()
        #expect(try former() == "\(items.count)")
        let message = try #require(items.first { $0.kind == "message_key" })
        try database.timeline(of: tenant).removeMessage(message.entry, company: company, reason: "")
        #expect(try former() == "\(items.count - 1)")
        try database.timeline(of: tenant, .superAdmin).anonymize(tenant.candidate, company: company, reason: "")
        #expect(
            Set(try database.lines("SELECT DISTINCT kind FROM lever.former_head")) == ["address", "mail_account"])
        _ = try database.query("UPDATE lever.mail_account SET entry_id = gen_random_uuid()")
        #expect(try database.lines("SELECT DISTINCT kind FROM lever.former_head") == ["address"])
        try administration.shredFormerHeads(sealedTo: [new.id], of: company)
        #expect(try former() != "0")
        try administration.shredFormerHeads(sealedTo: [old.id], of: company)
        #expect(try former() == "0")
    }

    @Test func `an administrator takes recipients away, and a head that names a destroyed key is not kept`() throws {
        let message = tenant.message(try sealed(old, new), keyIDs: [old.id, new.id])
        #expect(try mailHost.ingest([message]) == [.captured])
        try administration.destroy(.sealing, key: old.id.hex, of: company)
        let found = try administration.rekeying.heads(sealedTo: old.id, target: [], of: company, after: nil, limit: 9)
        var head = try SealedHead(found[0].head)
        head.recipients.removeAll { $0.keyID == old.id }
        #expect(
            try administration.rekeying.replace([HeadReplacement(found[0], with: head.encoded)], of: company) == 1)
        #expect(try rekeying.messagesByKey(of: company) == [new.id: 1])
        #expect(try former() == "0")
    }

    @Test func `the database reads heads as they are written, and nothing else`() throws {
        let connection = try database.connection(user: "postgres")
        func read(_ heads: [[UInt8]]) throws -> [[[UInt8]]?] {
            try heads.map {
                try connection.query("SELECT lever.head_key_ids(\($0))").single.decode([[UInt8]]?.self)
            }
        }
        for size in [0, 1, 50, 60, 66, 80, 83, 84, 100, 150, 190, 200, 210, 300, 65_300, 65_480, 65_500, 17_000_000] {
            for count in 1...3 {
                let keys = try (0..<count).map { _ in try PublicSealingKey() }
                let head = try SealedMessage.sealed(to: keys, size: size, for: company).head
                let ids = try #require(try read([head])[0])
                #expect(ids == (try SealedHead(head).recipients.map(\.keyID)), "\(size) bytes, \(count) keys")
            }
        }
        let head = try SealedMessage.sealed(to: [old, new], for: company).head
        let changed = head.indices.map { index in
            var other = head
            other[index] ^= 1 << UInt8.random(in: 0...7)
            return other
        }
        for (other, ids) in zip(changed, try read(changed)) {
            #expect((try? SealedHead(other)) == nil ? ids == nil : ids?.count == 2)
        }
    }
}
