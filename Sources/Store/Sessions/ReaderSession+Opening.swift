public import Core

/// Opening messages and profiles. The audit records each request before anything is released.
extension ReaderSession {
    /// Why something is opened, for the audit.
    public struct Purpose: Hashable, Sendable {
        public enum Action: String, Sendable {
            /// To show it.
            case open
            /// To write it to a file.
            case export
        }

        public var action: Action
        /// In the reader's words; at most 200 characters.
        public var reason: String

        public init(_ action: Action, reason: String) {
            self.action = action
            self.reason = reason
        }
    }

    /// A sealed message or profile, released for an audited request.
    public struct Opening: Sendable {
        public let sealed: SealedMessage
        let company: CompanyID
        let ticket: Int64
    }

    /// The sealed message of an entry, whole in memory. Throws `StoreError.refused`; the audit records refusals too.
    public func open(entry: EntryID, company: CompanyID, _ purpose: Purpose) throws -> Opening {
        let (ticket, head) = try takeHead(company, entry, nil, purpose.action.rawValue, purpose.reason)
        guard let head else { throw StoreError.shredded(entry) }
        let sizes = try connection.query(
            "SELECT tail_size FROM lever.message WHERE company_id = \(company) AND entry_id = \(entry)")
        guard let size = sizes.first?.decode(Int.self) else { throw StoreError.unknownEntry(entry) }

        var tail: [UInt8] = []
        tail.reserveCapacity(size)
        var part: Int32 = 0
        while tail.count < size {
            let parts = try connection.query(
                """
                SELECT bytes FROM lever.message_part
                WHERE company_id = \(company) AND entry_id = \(entry) AND part = \(part)
                """)
            guard let bytes = parts.first?.decode([UInt8].self) else { throw StoreError.incomplete(entry) }
            tail += bytes
            part += 1
        }
        return Opening(sealed: SealedMessage(head: head, tail: tail), company: company, ticket: ticket)
    }

    /// A candidate's sealed name and address, likewise.
    public func openProfile(of candidate: CandidateID, company: CompanyID, reason: String) throws -> Opening {
        let (ticket, head) = try takeHead(company, nil, candidate, "profile", reason)
        let tails = try connection.query(
            """
            SELECT tail FROM lever.candidate
            WHERE company_id = \(company) AND candidate_id = \(candidate) AND tail IS NOT NULL
            """)
        guard let head, let tail = tails.first?.decode([UInt8].self) else { throw StoreError.anonymous(candidate) }
        return Opening(sealed: SealedMessage(head: head, tail: tail), company: company, ticket: ticket)
    }

    /// Records in the audit that a released message or profile could not be decrypted. `reason` must not quote content.
    public func reportFailure(of opening: Opening, reason: String) throws {
        try connection.query("SELECT lever.report_failure(\(opening.company), \(opening.ticket), \(reason))")
    }

    private func takeHead(
        _ company: CompanyID, _ entry: EntryID?, _ candidate: CandidateID?, _ action: String, _ reason: String
    ) throws -> (ticket: Int64, head: [UInt8]?) {
        try connection.actFor(company)
        // A statement of its own: it is committed when it returns.
        let (ticket, refusal) = try connection.query(
            """
            SELECT ticket, refusal
            FROM lever.request_opening(\(company), \(entry), \(candidate), \(action), \(reason))
            """
        ).single.decode((Int64?, String?).self)
        guard let ticket, refusal == nil else { throw StoreError.refused(refusal ?? "no ticket") }
        let head = try connection.query("SELECT lever.take_head(\(company), \(ticket))").single.decode([UInt8]?.self)
        return (ticket, head)
    }
}
