import Calendars
import Core

/// An invitation, answer or cancellation in the output of `timeline --json`. What the sender left out is missing.
struct InvitationRecord: Encodable {
    /// A time: as the organizer's clock shows it, and as an instant.
    struct Moment: Encodable {
        /// RFC 3339, UTC; missing if the zone is unknown or the reader's own.
        let time: String?
        /// `2026-11-26T10:00:00`, or `2026-11-26` for a whole day.
        let clock: String
        /// IANA's name, or the one that the sender defined; missing if it is the reader's own.
        let zone: String?

        init(_ moment: CalendarMoment) {
            time = moment.seconds.map { seconds in
                let calendar = CalendarTime(seconds: seconds)
                return "\(calendar.date)T\(calendar.time)Z"
            }
            clock = moment.clock
            zone = moment.zone == .floating ? nil : moment.zoneName
        }
    }

    struct Person: Encodable {
        let name: String?
        let address: String
        /// `accepted`, `declined`, `tentative`, `needs-action`, …
        let participation: String?

        init(_ person: Invitation.Person) {
            name = person.name.nonempty
            address = person.address
            participation = person.participation.nonempty
        }
    }

    /// `invited`, `updated`, `accepted`, `declined`, `tentative`, `delegated`, `cancelled`, `published`,
    /// `counter-proposal`, `counter-proposal declined`, `added`, `refresh requested` or `answered`.
    let status: String
    /// A task, and no event.
    let task: Bool
    let summary: String?
    let start: Moment?
    let end: Moment?
    let recurrence: String?
    /// The occurrence of a series that it is about.
    let occurrence: Moment?
    let location: String?
    let conference: String?
    let url: String?
    let organizer: Person?
    let attendees: [Person]
    let comment: String?
    let description: String?
    let uid: String?
    let sequence: Int

    init(_ invitation: Invitation) {
        status = invitation.status.rawValue
        task = invitation.isTask
        summary = invitation.summary.nonempty
        start = invitation.start.map(Moment.init)
        end = invitation.end.map(Moment.init)
        recurrence = invitation.recurrence.nonempty
        occurrence = invitation.occurrence.map(Moment.init)
        location = invitation.location.nonempty
        conference = invitation.conference.nonempty
        url = invitation.url.nonempty
        organizer = invitation.organizer.map(Person.init)
        attendees = invitation.attendees.map(Person.init)
        comment = invitation.comment.nonempty
        description = invitation.description.nonempty
        uid = invitation.uid.nonempty
        sequence = invitation.sequence
    }
}

extension String {
    fileprivate var nonempty: String? { isEmpty ? nil : self }
}
