public import Core

/// A captured message on a candidate's timeline, with everything that is stored about it in the clear.
public struct TimelineEntry: Hashable, Sendable {
    public let entry: EntryID
    public let company: CompanyID
    public let candidate: CandidateID
    public let thread: ThreadID
    public let direction: Direction
    /// When the mail host accepted it, and when the database stored it.
    public let acceptedAt: Timestamp
    public let storedAt: Timestamp
    /// Bytes of the raw message.
    public let size: Int
    /// Bytes of the sealed message without its head.
    public let tailSize: Int
    public let host: String
    public let queueID: String
    /// The keys that it is sealed to, 20 bytes each.
    public let keyIDs: [[UInt8]]
    /// The mail host's key, 20 bytes, and its signature, 64 bytes; nil if the host has no key.
    public let hostKeyID: [UInt8]?
    public let signature: [UInt8]?
    /// When its content was erased; nil if it was not.
    public let removedAt: Timestamp?
    /// Its thread is secret.
    public let isSecret: Bool
    public let authentication: Authentication
    /// In the order of their cases. A label that only a later schema knows is left out.
    public let labels: [MessageLabel]
    /// Shared by copies of one message that servers rewrote, 16 bytes; nil for one without a Message-ID, a sent one,
    /// and once removed.
    public let copyIndex: [UInt8]?

    /// The binding of the sealed message.
    public var binding: Binding {
        Binding(message: entry, company: company, thread: thread, time: acceptedAt)
    }
}

extension TimelineEntry {
    /// Of lever.message as m and its lever.thread as t.
    static let columns: Query = """
        m.entry_id, m.company_id, m.candidate_id, m.thread_id, m.direction, m.accepted_at, m.stored_at, m.size,
        m.tail_size, m.host, m.queue_id, m.key_ids, m.host_key_id, m.signature, m.removed_at,
        t.secret_by IS NOT NULL AS is_secret, m.authentication, m.labels, m.copy_index
        """

    init(_ row: Rows.Row) {
        entry = row["entry_id"]
        company = row["company_id"]
        candidate = row["candidate_id"]
        thread = row["thread_id"]
        direction = row["direction"]
        acceptedAt = row["accepted_at"]
        storedAt = row["stored_at"]
        size = row["size"]
        tailSize = row["tail_size"]
        host = row["host"]
        queueID = row["queue_id"]
        keyIDs = row["key_ids"]
        hostKeyID = row["host_key_id"]
        signature = row["signature"]
        removedAt = row["removed_at"]
        isSecret = row["is_secret"]
        authentication = Authentication(rawValue: row["authentication"]) ?? .none
        let names = Set(row["labels"] as [String])
        copyIndex = row["copy_index"]
        labels = MessageLabel.allCases.filter { names.contains($0.rawValue) }
    }
}
