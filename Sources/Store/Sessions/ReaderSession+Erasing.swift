public import Core

/// Secret threads, and erasure. What a user may not do is thrown as `StoreError.refused`.
extension ReaderSession {
    /// Makes a thread secret, or visible to the company's users again.
    public func setSecret(_ secret: Bool, thread: ThreadID, company: CompanyID, reason: String) throws {
        try change("SELECT lever.set_secret(\(company), \(thread), \(secret), \(reason))")
    }

    /// Erases a message's content permanently.
    public func removeMessage(_ entry: EntryID, company: CompanyID, reason: String) throws {
        try change("SELECT lever.remove_message(\(company), \(entry), \(reason))")
    }

    /// Erases a candidate's name and address, and the content of all messages, permanently.
    public func anonymize(_ candidate: CandidateID, company: CompanyID, reason: String) throws {
        try change("SELECT lever.anonymize_candidate(\(company), \(candidate), \(reason))")
    }
}
