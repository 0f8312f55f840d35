import Core
import TestSupport
import Testing

@testable import Store

/// The outbox holds whole messages, of bounded size, sealed to the company's keys; it gives them to their user alone.
@Suite struct OutboxTests: StoreSuite {
    let fixture: StoreFixture
    private let sender: Sender

    init() throws {
        fixture = try StoreFixture(.common())
        sender = try Sender(fixture)
    }

    @Test func `a message comes with every part and no other`() throws {
        let size = (1 << 20) + 100
        let begun = try sender.begin(to: tenant.candidate)
        let sealed = sender.sealed(size: size)
        let keys = try administration.sealingKeys(of: company).map(\.keyID)
        let parts: [(Int32?, [UInt8]?)] = [
            (0, Array(sealed.tail[..<(1 << 20)])), (1, Array(sealed.tail[(1 << 20)...])),
        ]
        func state(_ parts: [(Int32?, [UInt8]?)]) throws -> String? {
            try sqlState {
                try sender.connection.transaction { () -> String? in
                    let refusal = try sender.connection.query(
                        """
                        SELECT lever.put_outbox(
                            \(company), \(begun.entry), \(size), \(sealed.tail.count), \(keys), \(sealed.head), \([UInt8](repeating: 1, count: 70)))
                        """
                    ).single.decode(String?.self)
                    for (part, bytes) in parts {
                        try sender.connection.query(
                            "SELECT lever.put_outbox_part(\(company), \(begun.entry), \(part), \(bytes))")
                    }
                    return refusal
                } as Any
            }
        }
        #expect(try state([]) == "LV001")
        #expect(try state([parts[0]]) == "LV001")
        #expect(try state([parts[1]]) == "LV001")
        #expect(try state(parts + [(2, [1])]) == "LV001")
        #expect(try state(parts + [(-1, parts[0].1)]) == "LV001")
        #expect(try state([(0, parts[0].1! + [0]), parts[1]]) == "LV001")
        #expect(try state([(0, Array(parts[0].1!.dropLast())), parts[1]]) == "LV001")
        #expect(try state([(nil, parts[0].1), parts[1]]) == "LV001")
        #expect(try state([(0, nil), parts[1]]) == "LV001")
        #expect(try state([parts[0], parts[0], parts[1]]) == "23505")
        #expect(try count("outbox") == "0" && count("outbox_part") == "0")
        #expect(try state(parts) == nil)
        // Nothing is added or exchanged later.
        for (part, bytes) in [(Int32(2), [UInt8(1)]), (0, parts[0].1!)] {
            #expect(
                try sqlState {
                    try sender.connection.query(
                        "SELECT lever.put_outbox_part(\(company), \(begun.entry), \(part), \(bytes))")
                } != nil)
        }
        let taken = try #require(try sender.session.takeFromOutbox(begun.entry, company: company))
        #expect(taken.sealed == sealed && taken.binding.time == begun.acceptedAt)
        #expect(taken.binding.subject == begun.thread.rawValue)
    }

    @Test func `a message is sealed to the company's keys of now, all of them and no other`() throws {
        let begun = try sender.begin(to: tenant.candidate)
        let escrow = [UInt8].random(20)
        _ = try database.query(
            """
            INSERT INTO lever.sealing_key (company_id, key_id, public_key, purpose, state)
            VALUES (\(company), '\\x\(escrow.hex)', decode(repeat('00', 91), 'hex'), 'escrow', 'primary')
            """)
        let refusal = StoreError.refused("it is not sealed to the company's current keys: send it again")
        #expect(try storeError { try sender.put(begun.entry) } == refusal)
        #expect(try count("outbox") == "0")
        // Sealed anew for what the keys are.
        let again = try Sender(fixture)
        #expect(try storeError { try again.put(again.begin(to: tenant.candidate).entry) } == nil)
    }

    @Test func `a user has a hundred messages and 2 GiB in the outbox at most`() throws {
        let begun = try sender.waiting(to: tenant.candidate)
        func fill(_ count: Int, tailSize: Int) throws {
            _ = try database.query(
                """
                ALTER TABLE lever.outbox DISABLE TRIGGER require_whole_outgoing;
                INSERT INTO lever.outbox SELECT (jsonb_populate_record(o, jsonb_build_object(
                    'entry_id', gen_random_uuid(), 'tail_size', \(tailSize)))).*
                FROM lever.outbox AS o, generate_series(1, \(count)) WHERE o.entry_id = '\(begun.entry)';
                ALTER TABLE lever.outbox ENABLE TRIGGER require_whole_outgoing
                """)
        }
        let full = StoreError.refused("the outbox has 100 messages or 2 GiB of this user: send or discard some")
        try fill(1, tailSize: 2_147_483_600)
        #expect(try storeError { try sender.put(sender.begin(to: tenant.candidate).entry) } == full)
        _ = try database.query("DELETE FROM lever.outbox WHERE company_id = \(company) AND tail_size > 1000000")
        try fill(98, tailSize: 72)
        #expect(try storeError { try sender.put(sender.begin(to: tenant.candidate).entry) } == nil)
        #expect(try storeError { try sender.put(sender.begin(to: tenant.candidate).entry) } == full)
        let other = try Sender(fixture)
        #expect(try storeError { try other.put(other.begin(to: tenant.candidate).entry) } == nil)
    }

    @Test func `the head of a waiting message is given out when the audit's row is committed`() throws {
        let begun = try sender.waiting(to: tenant.candidate)
        func head() throws -> String? {
            try sqlState { try sender.connection.query("SELECT lever.take_outbox_head(\(company), \(begun.entry))") }
        }
        #expect(try head() == "42501", "nobody asked")
        try sender.connection.execute("BEGIN")
        try sender.connection.query("SELECT lever.take_outbox(\(company), \(begun.entry))")
        #expect(try head() == "42501")
        try sender.connection.execute("ROLLBACK")
        #expect(try head() == "42501")
        try sender.connection.query("SELECT lever.take_outbox(\(company), \(begun.entry))")
        #expect(try head() == nil)
        let last = try database.query(
            "SELECT action, allowed, reason, entry_id FROM lever.audit WHERE company_id = \(company) "
                + "ORDER BY seq DESC LIMIT 1")
        #expect(last == "send|t|again|\(begun.entry)")
    }
}
