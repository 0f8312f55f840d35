/// A row of a company's audit: who did what, when, to what and why.
public struct AuditRecord: Hashable, Sendable {
    public var company: CompanyID
    /// From 1, without gaps.
    public var sequence: Int64
    public var time: Timestamp
    public var login: String
    public var action: String
    public var allowed: Bool
    public var entry: EntryID?
    public var candidate: CandidateID?
    public var thread: ThreadID?
    public var reason: String
    /// SHA-256 of `hashedBytes`.
    public var hash: [UInt8]

    public init(
        company: CompanyID, sequence: Int64, time: Timestamp, login: String, action: String, allowed: Bool,
        entry: EntryID?, candidate: CandidateID?, thread: ThreadID?, reason: String, hash: [UInt8]
    ) {
        self.company = company
        self.sequence = sequence
        self.time = time
        self.login = login
        self.action = action
        self.allowed = allowed
        self.entry = entry
        self.candidate = candidate
        self.thread = thread
        self.reason = reason
        self.hash = hash
    }

    /// The input of the hash: everything in the row, and the hash of the row before it (32 zeros for the first).
    ///
    /// "LVA1" | company | sequence | milliseconds (8 bytes each) | login, action, `true` or `false`, entry, candidate,
    /// thread, reason: UTF-8 text, each with its length (4 bytes), empty if absent | previous hash.
    public func hashedBytes(previous: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw("LVA1".utf8)
        writer.integer(company.rawValue)
        writer.integer(sequence)
        writer.integer(time.milliseconds)
        for text in [
            login, action, String(allowed), entry?.description ?? "", candidate?.description ?? "",
            thread?.description ?? "", reason,
        ] {
            writer.lengthPrefixed(text.utf8)
        }
        writer.raw(previous)
        return writer.bytes
    }
}
