import Core
import TestSupport
@testable import Store

/// A company with a sealing key, a candidate and a thread. The sealed bytes are not sealed: nothing here opens them.
struct Tenant {
    let company: CompanyRecord
    let candidate: CandidateID
    let thread: ThreadID

    init(in administration: OwnerSession) throws {
        let name = "tenant-\(UInt64.random(in: 0...UInt64.max))"
        company = try administration.addCompany(
            name: name, provider: .google, sync: .limited, domains: ["\(name).example"],
            markerKey: .random(32), indexKey: .random(32))
        try administration.addSealingKey(.random(91), keyID: .random(20), to: company.id)
        candidate = try Self.addCandidate(to: company.id, emailIndex: .random(16), in: administration)
        thread = .random()
        try administration.startThread(thread, candidate: candidate, company: company.id, markerVersion: 1)
    }

    static func addCandidate(
        to company: CompanyID, emailIndex: [UInt8], in administration: OwnerSession
    ) throws -> CandidateID {
        // In these tests no two candidates have the same number, so that one is never taken for another.
        let id = CandidateID(rawValue: .random(in: 1 << 32 ... 1 << 62))
        let now = Timestamp.now()
        try administration.addCandidate(
            SealedMessage(head: .random(200), tail: .random(60)),
            binding: Binding(
                content: .profile, company: company, subject: id.rawValue, entry: .make(at: now), time: now),
            emailIndex: emailIndex, indexVersion: 1)
        return id
    }

    /// A message of the thread with a tail of that many bytes.
    func message(
        _ sealed: SealedMessage = SealedMessage(head: .random(300), tail: .random(100)),
        dedupeKey: [UInt8] = .random(32), further dedupeKeys: [[UInt8]] = [],
        entry: EntryID = .make(at: .now()), thread: ThreadID? = nil, acceptedAt: Timestamp = .now(),
        sender: [UInt8]? = nil, recipients: [[UInt8]] = [.random(16), .random(16), .random(16)],
        keyIDs: [[UInt8]] = [.random(20), .random(20)],
        messageIDIndex: BlindIndex? = BlindIndex(version: 1, bytes: .random(16)),
        direction: Direction = .inbound, authentication: Authentication = .none, labels: Set<MessageLabel> = [],
        correspondents: [BlindIndex] = [], learnedIDs: [[UInt8]] = [], externalCandidate: CandidateID? = nil,
        readTail: ((Range<Int>) throws -> [UInt8])? = nil
    ) -> IngestEntry {
        var record = MessageRecord(
            company: company.id, thread: thread ?? self.thread, entry: entry, acceptedAt: acceptedAt,
            host: "mx1.example", queueID: "4F2xQ13Zz0")
        record.direction = direction
        record.size = max(0, sealed.tail.count - 62)
        record.matched = .references
        record.spooledAt = acceptedAt
        record.indexVersion = 1
        record.blindMessageID = messageIDIndex
        record.authentication = authentication
        record.labels = labels
        record.senderIndex = sender
        record.recipientIndices = recipients
        record.correspondents = correspondents
        record.learnedIDs = learnedIDs
        record.dedupeKeys = [dedupeKey] + dedupeKeys
        record.externalCandidate = externalCandidate
        record.sealingKeyIDs = keyIDs
        record.origin = OriginSignature(keyID: .random(20), signature: .random(64))
        return IngestEntry(
            record,
            .content(
                IngestEntry.Content(
                    head: sealed.head, tailLength: sealed.tail.count,
                    readTail: readTail ?? { Array(sealed.tail[$0]) })))
    }

    /// A message that was not captured.
    func record(_ outcome: Outcome) -> IngestEntry {
        var record = MessageRecord(
            company: company.id, thread: thread, entry: .make(at: .now()), acceptedAt: .now(), host: "mx1.example",
            queueID: "4F2xQ13Zz1")
        record.matched = .inReplyTo
        return IngestEntry(record, .outcome(outcome))
    }
}
