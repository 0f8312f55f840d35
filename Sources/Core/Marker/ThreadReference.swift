/// The thread that a message belongs to, and what says so.
public struct ThreadReference: Hashable, Sendable {
    public enum Evidence: Hashable, Sendable {
        case marker(Marker)
        /// It names a message of the thread that was seen before.
        case learnedID
        /// A marker of an outside system, which nobody of ours signed, and the candidate who writes or is written to.
        case unsignedMarker(CandidateID?)
    }

    public let company: CompanyID
    public let thread: ThreadID
    /// Where it was found.
    public let field: MarkerField
    public let evidence: Evidence

    public init(company: CompanyID, thread: ThreadID, field: MarkerField, evidence: Evidence) {
        self.company = company
        self.thread = thread
        self.field = field
        self.evidence = evidence
    }

    public init(_ found: MarkerOccurrence) {
        self.init(
            company: found.marker.company, thread: found.marker.thread, field: found.field,
            evidence: .marker(found.marker))
    }
}
