public import Core

/// A message that a user is sending: accepted from the user, and not on the timeline yet. The content is sealed.
public struct OutboxEntry: Hashable, Sendable {
    public let entry: EntryID
    /// The user who wrote it.
    public let login: String
    public let candidate: CandidateID
    public let thread: ThreadID
    /// When it was written.
    public let writtenAt: Timestamp
    /// Bytes.
    public let size: Int
    public let attempts: Int
    public let triedAt: Timestamp?
    /// Why the last attempt failed; nil while one is in progress or if it was interrupted.
    public let error: String?
}

extension OutboxEntry {
    init(_ row: Rows.Row) {
        entry = row["entry_id"]
        login = row["login"]
        candidate = row["candidate_id"]
        thread = row["thread_id"]
        writtenAt = row["accepted_at"]
        size = row["size"]
        attempts = row["attempts"]
        triedAt = row["tried_at"]
        error = row["error"]
    }
}
