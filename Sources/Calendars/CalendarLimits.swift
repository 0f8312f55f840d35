/// How much of a calendar object libical is given. Invitations that programs write have a few kilobytes.
enum CalendarLimits {
    /// Bytes that are looked at.
    static let source = 2 << 20
    /// Content lines that are looked at.
    static let lines = 20_000
    /// Bytes of one text (summary, description, …); the rest is cut, with an ellipsis.
    static let text = 64 << 10
    /// Bytes of any other line; longer ones are left out.
    static let line = 4 << 10
    /// Events and tasks together.
    static let components = 20
    /// Participants of all of them together.
    static let attendees = 1_000
    static let depth = 4
    static let zones = 20
    /// Changes of a time zone (STANDARD and DAYLIGHT), and their explicit dates.
    static let observances = 100
    /// Bytes of a zone's name.
    static let zoneName = 100
}
