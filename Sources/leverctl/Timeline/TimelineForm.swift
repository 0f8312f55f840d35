/// A form in which a timeline is written for people. Everything that comes from mail or from the database is made safe
/// for what the form is read with.
protocol TimelineForm {
    /// What comes before the messages.
    func beginning(_ heading: TimelineHeading) -> String
    func message(_ message: ShownMessage) -> String
    /// What comes after them.
    var ending: String { get }
}

/// What a timeline is of.
struct TimelineHeading {
    /// `Zoë Quill <zoe@home.example>`; without a name, who else it is.
    let name: String
    let candidate: Int64
    let company: String
    /// `3 messages`
    let extent: String
    /// When it was written, on the reader's clock.
    let writtenAt: String

    var text: String { "\(name), candidate \(candidate) of \(company): \(extent)" }
}
