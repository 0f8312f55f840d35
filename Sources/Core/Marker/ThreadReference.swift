/// The thread that a message belongs to, and the evidence.
public struct ThreadReference: Hashable, Sendable {
    public enum Evidence: Hashable, Sendable {
        case marker(Marker)
        /// The message names one of the thread that was captured before.
        case learnedID
        /// An unsigned marker of an external system, and the candidate who writes or is written to.
        case unsignedMarker(CandidateID?)
    }

    public let company: CompanyID
    public let thread: ThreadID
    /// The field that it was found in.
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
