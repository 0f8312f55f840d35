/// One event or task of a calendar object, with what the sender says about it.
///
/// A plain value. Strings are the sender's; empty if the property is missing.
public struct Invitation: Hashable, Sendable {
    /// What the message does with the event: its METHOD together with the answer it carries (RFC 5546).
    public enum Status: String, Sendable {
        case invited, updated, accepted, declined, tentative, delegated, cancelled, published
        case counterProposal = "counter-proposal"
        case counterProposalDeclined = "counter-proposal declined"
        /// An occurrence is added to a series.
        case added
        /// The sender asks for the current version.
        case refreshRequested = "refresh requested"
        /// A REPLY that says neither yes nor no.
        case answered
    }

    public struct Person: Hashable, Sendable {
        public let name: String
        /// Without `mailto:`.
        public let address: String
        /// PARTSTAT in lower case: `accepted`, `declined`, `tentative`, `needs-action`, …; empty if missing.
        public let participation: String
    }

    public let status: Status
    public let isTask: Bool
    public let summary: String
    /// Nil if the event has no time, as in some tasks.
    public let start: CalendarMoment?
    /// The end, exclusive (RFC 5545 section 3.6.1): of an event on one whole day, the day after. For a task, when it is
    /// due.
    public let end: CalendarMoment?
    /// In words if the rule is a common one, as the RRULE's text otherwise.
    public let recurrence: String
    /// The occurrence of a series that this is about.
    public let occurrence: CalendarMoment?
    public let location: String
    /// Where to join by phone or video: CONFERENCE (RFC 7986), or what Google and Microsoft write.
    public let conference: String
    public let url: String
    public let organizer: Person?
    /// In a reply, who answers.
    public let attendees: [Person]
    public let comment: String
    public let description: String
    public let uid: String
    public let sequence: Int
}
