import CLibical

// Calendars: the invitations, answers and cancellations that mail carries (iCalendar, RFC 5545 and 5546), as plain
// values and as lines for people. Wraps libical. Knows nothing of MIME or of this product.

/// One iCalendar object, as a `text/calendar` part or an `.ics` file holds it.
///
/// A plain value. Strings are the sender's; escape them for a terminal. Reading is linear in the input and bounded by
/// `CalendarLimits`: libical sees a copy with only the properties that are read here (`CalendarSource`).
public struct CalendarObject: Hashable, Sendable {
    /// `REQUEST`, `REPLY`, `CANCEL`, … (RFC 5546 section 1.4), in upper case; empty if the object names none.
    public let method: String
    /// Events first, then tasks, in the object's order; never empty.
    public let invitations: [Invitation]
    /// Events and tasks beyond the limit.
    public let omitted: Int

    /// Nil if the bytes hold no event and no task.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8; other bytes become U+FFFD.
    ///   - method: The part's `method` parameter, for objects without a METHOD.
    public init?(_ bytes: [UInt8], method: String? = nil) {
        let source = CalendarSource(bytes)
        guard !source.text.isEmpty else { return nil }
        let read = Libical.exclusively { () -> (String, [Invitation])? in
            guard let root = CalendarComponent(parsing: source.text) else { return nil }
            return root.invitations(method: method ?? "")
        }
        guard let read, !read.1.isEmpty else { return nil }
        (self.method, invitations) = read
        omitted = source.omittedComponents
    }
}
