import Testing

@testable import Mailboxes

@Suite struct MboxDateTests {
    @Test(arguments: [
        ("anna@home.example  Mon Nov 23 09:12:44 2026", 1_795_425_164), ("- Mon Nov 23 09:12:44 2026\r", 1_795_425_164),
        ("MAILER-DAEMON Mon Nov 23 09:12 2026", 1_795_425_120), ("a Mon Nov 23 09:12:44 CET 2026", 1_795_425_164),
        ("1711@xxx Mon Nov 23 09:12:44 +0100 2026", 1_795_421_564),
        ("\"Anna Berg\"@home.example Mon, 23 Nov 2026 09:12:44 -0130", 1_795_430_564),
        ("a Mon Nov 3 9:12:44 2026", 1_793_697_164),
    ])
    func `dates as they occur in real mboxes are parsed`(_ text: String, _ seconds: Int) {
        #expect(MboxDate(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "here on", "Monday on, it is Nov 23", "Mon Nov 23 2026", "Mon 09:12:44 2026", "Mon Nov 23 09:12:44",
        "a 09:12 2026",
    ])
    func `text is not taken for a date`(_ text: String) {
        #expect(MboxDate(text) == nil)
    }

    @Test(arguments: ["a Mon Nov 32 09:12:44 2026", "a Mon Nov 23 99:12:44 2026", "a Mon Nov 23 09:12:44 0000"])
    func `a From line with an impossible date still begins a message`(_ text: String) throws {
        #expect(try #require(MboxDate(text)).seconds == nil)
    }
}
