import Calendars

/// A calendar object, its time zones and its lines for people.
enum CalendarTarget {
    static func run(_ input: [UInt8]) throws {
        guard let calendar = CalendarObject(input) else { return }
        try require("an object has an event", !calendar.invitations.isEmpty)
        try require("an object has at most 20 events", calendar.invitations.count <= 20)
        for invitation in calendar.invitations {
            for moment in [invitation.start, invitation.end, invitation.occurrence].compactMap({ $0 }) {
                try require("a clock has a date, or a date and a time", [10, 19].contains(moment.clock.utf8.count))
                try require("a whole day is no instant", !moment.isDate || moment.seconds == nil)
            }
            for zone in ["UTC", "Europe/Berlin", "no zone"] {
                try require("an invitation has lines", !invitation.lines(zone: zone).isEmpty)
            }
        }
    }
}
