import Core
import TestSupport
import Testing

@testable import Store

@Suite struct UpgradeTests {
    /// What version 4 had, with a message in two parts that its lever.ingest stored.
    private static func rows(_ dedupeKey: String) -> String {
        """
        SET ROLE lever_owner;
        INSERT INTO lever.company (name, provider, sync) VALUES ('old', 'google', 'limited');
        INSERT INTO lever.company_domain VALUES (1, 'old.example');
        INSERT INTO lever.company_secret (company_id, kind, version, secret, retired_at) VALUES
            (1, 'marker', 1, decode(repeat('01', 32), 'hex'), now()), (1, 'marker', 2, decode(repeat('02', 32), 'hex'), NULL),
            (1, 'marker', 3, decode(repeat('03', 32), 'hex'), NULL), (1, 'index', 1, decode(repeat('04', 32), 'hex'), NULL);
        INSERT INTO lever.sealing_key (company_id, key_id, public_key, state) VALUES
            (1, decode(repeat('05', 20), 'hex'), decode(repeat('06', 91), 'hex'), 'active'),
            (1, decode(repeat('07', 20), 'hex'), decode(repeat('08', 91), 'hex'), 'retired');
        INSERT INTO lever.candidate (company_id, head, tail, entry_id, bound_at, email_index, index_version)
        VALUES (1, '\\x0a', '\\x0b', gen_random_uuid(), now(), decode(repeat('0c', 16), 'hex'), 1);
        INSERT INTO lever.thread (company_id, thread_id, candidate_id) VALUES (1, 77, 1);
        BEGIN;
        SELECT lever.ingest(
            ARRAY[1, 1]::bigint[], array_fill('019ac000-0000-7000-8000-000000000001'::uuid, ARRAY[2]), ARRAY[77, 77]::bigint[],
            ARRAY['inbound', 'inbound'], ARRAY['captured', 'captured'], array_fill(now(), ARRAY[2]),
            ARRAY[1048600, 1048600]::bigint[], ARRAY['mx', 'mx'], ARRAY['q', 'q'],
            ARRAY['\\x\(dedupeKey)'::bytea, NULL], ARRAY[decode(repeat('05', 20), 'hex'), NULL],
            ARRAY[decode(repeat('ff', 16), 'hex'), NULL]::bytea[],
            ARRAY[decode(repeat('0d', 32), 'hex'), NULL], ARRAY[decode(repeat('0f', 16), 'hex'), NULL]::bytea[],
            ARRAY[1, NULL]::smallint[],
            ARRAY['\\x0e'::bytea, NULL], ARRAY[1048601, NULL]::bigint[], ARRAY[0, 1],
            ARRAY[decode(repeat('0f', 1048576), 'hex'), decode(repeat('10', 25), 'hex')]);
        COMMIT;
        """
    }

    @Test func `a database of version 4 keeps companies, keys, candidates and messages, and knows its mails again`()
        throws
    {
        let database = try StoreDatabase.empty()
        let conninfo = database.conninfo(user: "postgres")
        #expect(try Schema.install(conninfo, steps: Array(Schema.steps.prefix(4))).to == 4)
        let key = [UInt8].random(32)
        _ = try database.query(Self.rows(key.hex))
        #expect(try Schema.install(conninfo) == Schema.Change(from: 4, to: Schema.version))

        let administration = try database.administration()
        let company = try administration.company("old").id
        #expect(
            try administration.sealingKeys(of: company).map(\.state).sorted { $0.rawValue < $1.rawValue } == [
                .primary, .retired,
            ])
        let secrets = try administration.secrets(of: company)
        #expect(secrets.map(\.kind) == [.marker, .marker, .marker, .index])
        #expect(secrets.map(\.state) == [.retired, .old, .primary, .primary])
        let mailHost = try database.mailHost()
        let routing = try #require(try Routing(rows: mailHost.routing())[company])
        #expect(routing.sealingKeys == [[UInt8](repeating: 6, count: 91)])
        #expect(routing.markerKeys.keys.sorted() == [2, 3])
        #expect(routing.indexKey?.version == 1)

        let candidate = try #require(
            try administration.candidate(
                emailIndex: [UInt8](repeating: 12, count: 16), indexVersion: 1, of: company))
        let timeline = try database.timeline(of: company, administration)
        let entry = try #require(try timeline.entries(company: company, candidate: candidate.id).first)
        #expect(entry.thread.rawValue == 77 && entry.signature == nil && entry.removedAt == nil && !entry.isSecret)
        let sealed = try timeline.open(entry: entry.entry, company: company, .init(.open, reason: "")).sealed
        #expect(sealed.head == [14])
        #expect(sealed.tail == [UInt8](repeating: 15, count: 1 << 20) + [UInt8](repeating: 16, count: 25))
        #expect(
            try timeline.openProfile(of: candidate.id, company: company, reason: "").sealed
                == SealedMessage(head: [10], tail: [11]))

        // Replies that name nothing but its id are recognised, if they go to or come from its sender.
        var learned: [[UInt8]] = []
        try mailHost.forEachLearnedPage { learned.append($0) }
        #expect(learned == [[UInt8](repeating: 0xf0, count: 8) + [0, 0, 0, 0, 0, 0, 0, 77]])

        func copy(_ dedupeKey: [UInt8]) -> IngestEntry {
            IngestEntry(
                company: company, thread: entry.thread, entry: .make(at: .now()), direction: .inbound,
                acceptedAt: .now(), size: 1, host: "mx", queueID: "r", matched: nil,
                spooledAt: nil, messageIDIndex: nil,
                payload: .content(
                    .init(
                        dedupeKeys: [.random(32), dedupeKey], keyIDs: [.random(20)], senderIndex: nil,
                        recipientIndices: [], indexVersion: 1, origin: nil, head: [1],
                        tailLength: 2, readTail: { _ in [1, 2] })))
        }
        #expect(try mailHost.ingest([copy(key)]) == [.duplicate])
        #expect(try mailHost.ingest([copy(.random(32))]) == [.captured])
        try timeline.removeMessage(entry.entry, company: company, reason: "")
    }
}
