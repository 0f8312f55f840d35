import Testing

@testable import MIME

@Suite struct MailDateTests {
    /// 2026-11-23T09:30:00Z
    private static let moment = 1_795_426_200

    @Test(arguments: [
        "Mon, 23 Nov 2026 10:30:00 +0100", "23 Nov 2026 10:30 +0100", "Mon, 23 Nov 26 09:30:00 GMT",
        "Mon, 23 Nov 2026 09:30:00", "Mon,23 Nov 2026 04:30:00 EST", "Mon, 23 Nov 2026 10:30:00 +0100 (CET)",
        "Monday, 23-Nov-26 09:30:00 UTC", "Mon Nov 23 09:30:00 2026", "Mon Nov 23 10:30:00 CET 2026",
        "2026-11-23T10:30:00+01:00", "2026-11-23 09:30:00", "2026-11-23T09:30:00.123Z", "11/23/2026 09:30",
        "Mon, 23 November 2026 01:30:00 -0800", " Mon,\t23 (the day) Nov 2026\r\n 10:30:00 +0100\r\n",
        "Tue, 24 Nov 2026 00:30:00 +1500",
    ])
    func `dates are read as programs write them`(_ text: String) {
        #expect(MailDate.seconds(in: Array(text.utf8)) == Self.moment)
    }

    @Test func `years of two and three digits are those of RFC 5322`() {
        let years = ["49", "50", "99", "103"].map { MailDate.seconds(in: Array("1 Jan \($0) 00:00 +0000".utf8)) }
        #expect(years == [2_493_072_000, -631_152_000, 915_148_800, 1_041_379_200])
    }

    @Test(arguments: ["", "soon", "30 Feb 2026 10:00", "23 Nov", "10:30", "99 Nov 2026 10:30", "23 Nov 2026 25:00"])
    func `what is no date is none`(_ text: String) {
        #expect(MailDate.seconds(in: Array(text.utf8)) == nil)
    }
}
