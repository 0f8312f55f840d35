import Calendars
import Foundation
import Testing

@Suite struct CalendarTests {
    /// A calendar object as a program writes it (Fixtures/Calendars), and what a reader in Berlin sees.
    struct Sample: CustomTestStringConvertible, Sendable {
        let name: String
        let lines: [String]

        var testDescription: String { name }
    }

    static let samples = [
        Sample(
            name: "google",
            lines: [
                "Invitation: Gespräch mit Rita",
                "When: Thursday 2027-07-15, 14:00 to 15:00 Europe/Berlin",
                "Repeats: every week on Thursday, 3 times",
                "Join: https://meet.google.com/abc-defg-hij",
                "Organizer: Rita Noor <rita@acme.example>",
                "Invited: joerg@home.example, Noor, Rita <rita@acme.example> (accepted)",
                "", "Bring your portfolio, please.", "", "-::~:~::~:~:~-", "Join with Google Meet", "-::~:~::~:~:~-",
            ]),
        Sample(
            name: "outlook",
            lines: [
                "Updated invitation: Vorstellungsgespräch",
                "When: Thursday 2026-11-26, 10:00 to 11:30 Europe/Berlin",
                "Where: Microsoft Teams-Besprechung",
                "Join: https://teams.microsoft.com/l/meetup-join/19%3ameeting",
                "Organizer: Rita Noor <rita@acme.example>",
                "Invited: Jörg Müller <joerg@home.example>",
                "", String(repeating: "_", count: 80), "Microsoft Teams-Besprechung",
            ]),
        Sample(
            name: "exchange-reply",
            lines: [
                "Declined: Abgelehnt: Vorstellungsgespräch",
                "When: Thursday 2026-11-26, 19:00 to 20:30 Europe/Berlin "
                    + "(Thursday 2026-11-26, 10:00 to 11:30 America/Los_Angeles)",
                "Where: Raum 4711, Berlin; 2. Stock",
                "Answer of: Jörg Müller <joerg@home.example>",
                "Comment: Friday would be better, really.",
            ]),
        Sample(
            name: "apple-cancel",
            lines: [
                "Cancelled: Assessment days",
                "When: Thursday 2026-11-26 to Friday 2026-11-27, all day",
                "Organizer: Rita Noor <rita@acme.example>",
                "Invited: Joerg <joerg@home.example>",
            ]),
        Sample(
            name: "zoom",
            lines: [
                "Event: Interview",
                "When: Thursday 2026-11-26, 15:00 to 15:45 Europe/Berlin "
                    + "(Thursday 2026-11-26, 09:00 to 09:45 America/New_York)",
                "Where: https://us02web.zoom.us/j/84812345678?pwd=abc",
                "", "Rita Noor is inviting you to a scheduled Zoom meeting.", "", "Join Zoom Meeting",
                "https://us02web.zoom.us/j/84812345678?pwd=abc",
            ]),
        Sample(
            name: "thunderbird-counter",
            lines: [
                "New time proposed: Talk with Rita",
                "When: Friday 2026-11-27, 10:00 to 11:00 Europe/Berlin",
                "Organizer: Rita Noor <rita@acme.example>",
                "Invited: Joerg <joerg@home.example> (tentative)",
                "Comment: Could we meet on Friday?",
            ]),
        Sample(
            name: "nextcloud-reply",
            lines: [
                "Accepted: Talk with Rita",
                "When: Thursday 2026-11-26, 10:00 to 11:00 Europe/Berlin",
                "Answer of: Joerg <joerg@home.example>",
                "Organizer: Rita Noor <rita@acme.example>",
            ]),
        Sample(
            name: "unknown-zone",
            lines: [
                "Invitation: Hike",
                "When: Thursday 2026-11-26, 09:00 to Friday 2026-11-27, 10:00, "
                    + "in a time zone that is not known: Middle Earth",
                "Invitation: Call at home",
                "When: Thursday 2026-11-26, 09:00, whatever the time zone",
                "Repeats: FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=1",
                "Task assigned: Send your papers",
                "Due: Tuesday 2026-12-01, 12:30 Europe/Berlin (Tuesday 2026-12-01, 17:00 Custom Time)",
            ]),
    ]

    @Test(arguments: samples)
    func `what programs write into calendar parts is shown in the reader's zone and the organizer's`(
        _ sample: Sample
    ) throws {
        let calendar = try #require(CalendarObject(try Self.fixture(sample.name)))
        #expect(calendar.invitations.flatMap { $0.lines(zone: "Europe/Berlin") } == sample.lines)
    }

    @Test func `a time has an instant, the organizer's clock and the zone's name`() throws {
        let start = try #require(CalendarObject(try Self.fixture("exchange-reply"))?.invitations.first?.start)
        #expect(start.seconds == 1_795_716_000)
        #expect(start.clock == "2026-11-26T10:00:00")
        #expect(start.zone == .named("America/Los_Angeles"))
    }

    @Test(arguments: [
        ("", "REQUEST", Invitation.Status.invited), ("STATUS:CANCELLED", "REQUEST", .cancelled),
        ("SEQUENCE:3", "REQUEST", .updated), ("ATTENDEE;PARTSTAT=TENTATIVE:mailto:a@b.example", "REPLY", .tentative),
        ("ATTENDEE;PARTSTAT=DELEGATED:mailto:a@b.example", "REPLY", .delegated), ("", "REPLY", .answered),
        ("", "DECLINECOUNTER", .counterProposalDeclined), ("", "ADD", .added), ("", "REFRESH", .refreshRequested),
        ("", "", .published),
    ])
    func `the status follows from the method, the answer and the sequence`(
        property: String, method: String, status: Invitation.Status
    ) throws {
        let source = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\n\(property)\nEND:VEVENT\nEND:VCALENDAR\n"
        #expect(CalendarObject(Array(source.utf8), method: method)?.invitations.first?.status == status)
    }

    @Test func `a fold within a character, a missing end and bare line feeds lose nothing`() throws {
        var bytes = Array("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:M".utf8)
        bytes += [0xc3] + Array("\n ".utf8) + [0xbc] + Array("ller\nDTSTART:20261126T090000Z\n".utf8)
        let calendar = try #require(CalendarObject(bytes))
        #expect(calendar.invitations.first?.summary == "Müller")
        #expect(calendar.invitations.first?.start?.seconds == 1_795_683_600)
    }

    @Test(arguments: [
        "", "garbage", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n",
        "BEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n", "\u{0}\u{0}BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT",
    ])
    func `bytes without an event are no calendar object or an empty event`(_ text: String) {
        let calendar = CalendarObject(Array(text.utf8))
        #expect(calendar?.invitations.first?.summary ?? "" == "")
    }

    /// What a hostile sender may repeat within an object, and often that is.
    static let repeated = [
        "BEGIN:VEVENT\r\n", "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "BEGIN:VTIMEZONE\r\n", "BEGIN:X\r\n",
        "ATTENDEE:mailto:a@b.example\r\n", "DESCRIPTION:x\r\n", "RRULE:FREQ=SECONDLY\r\n", "END:VEVENT\r\n", ";",
        ":", "\"", "SUMMARY;A=", " ", ",", "\\", "\u{e9}",
    ]

    @Test(arguments: repeated)
    func `an object of hostile repetition is read in proportion to its length, and bounded`(_ piece: String) throws {
        let head = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nDESCRIPTION:"
        let text = head + String(repeating: piece, count: 300_000 / piece.utf8.count)
        let start = Self.cpuSeconds()
        let calendar = try #require(CalendarObject(Array(text.utf8)))
        #expect(Self.cpuSeconds() - start < 5)
        #expect(calendar.invitations.count <= 20)
        #expect(calendar.invitations.reduce(0) { $0 + $1.attendees.count } <= 1_000)
        #expect(calendar.invitations.allSatisfy { $0.description.utf8.count <= 70_000 })
    }

    /// What this thread has used, however busy the machine is.
    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test(arguments: ["FREQ=SECONDLY", "FREQ=YEARLY;BYSECOND=1,2,3", "FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7", "FREQ=YEARLY;BYDAY=MO"])
    func `a time zone whose clock changes all the time is not computed; its name decides`(_ rule: String) throws {
        let source = """
            BEGIN:VCALENDAR
            BEGIN:VTIMEZONE
            TZID:Europe/Berlin
            BEGIN:STANDARD
            DTSTART:16010101T000000
            TZOFFSETFROM:+0900
            TZOFFSETTO:+1000
            RRULE:\(rule)
            END:STANDARD
            END:VTIMEZONE
            BEGIN:VEVENT
            DTSTART;TZID=Europe/Berlin:20261126T100000
            END:VEVENT
            END:VCALENDAR
            """
        let start = try #require(CalendarObject(Array(source.utf8))?.invitations.first?.start)
        #expect(start.seconds == 1_795_683_600)
    }

    @Test func `zones with many rules, and events in far years, are read in time`() throws {
        let observance = """
            BEGIN:STANDARD
            DTSTART:16010101T000000
            TZOFFSETFROM:+0900
            TZOFFSETTO:+1000
            RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7
            END:STANDARD
            """
        let source = """
            BEGIN:VCALENDAR
            BEGIN:VTIMEZONE
            TZID:Far
            \(Array(repeating: observance, count: 100).joined(separator: "\n"))
            END:VTIMEZONE
            BEGIN:VEVENT
            DTSTART;TZID=Far:29991126T100000
            END:VEVENT
            END:VCALENDAR
            """
        let start = Self.cpuSeconds()
        #expect(CalendarObject(Array(source.utf8))?.invitations.first?.start?.clock == "2999-11-26T10:00:00")
        #expect(Self.cpuSeconds() - start < 5)
    }

    private static func fixture(_ name: String) throws -> [UInt8] {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "ics", subdirectory: "Fixtures/Calendars"))
        return try Array(Data(contentsOf: url))
    }
}
