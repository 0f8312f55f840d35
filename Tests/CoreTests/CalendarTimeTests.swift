import Core
import Foundation
import Testing

@Suite struct CalendarTimeTests {
    @Test(arguments: [
        (0, "Thu Jan  1 00:00:00 1970"), (-1, "Wed Dec 31 23:59:59 1969"), (951_782_400, "Tue Feb 29 00:00:00 2000"),
        (1_795_512_600, "Tue Nov 24 09:30:00 2026"), (4_107_542_400, "Mon Mar  1 00:00:00 2100"),
        (253_402_300_799, "Fri Dec 31 23:59:59 9999"),
    ])
    func `a moment is written as asctime writes it`(_ seconds: Int, _ text: String) {
        #expect(CalendarTime(seconds: seconds).asctime == text)
    }

    @Test func `dates agree with Foundation's, forth and back`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let seconds = Int.random(in: 0...253_402_300_799, using: &generator)
            let ours = CalendarTime(seconds: seconds)
            let theirs = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds)))
            let fields: [Int?] = [ours.year, ours.month, ours.day, ours.hour, ours.minute, ours.second]
            let expected = [
                theirs.year, theirs.month, theirs.day, theirs.hour, theirs.minute, theirs.second,
            ]
            #expect(fields == expected)
            #expect(ours.seconds == seconds)
        }
    }

    @Test(arguments: [
        (2026, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32),
    ])
    func `what is no date is none`(_ year: Int, _ month: Int, _ day: Int) {
        #expect(CalendarTime(year: year, month: month, day: day) == nil)
    }

    @Test func `a leap second is the second after it`() throws {
        let leap = try #require(CalendarTime(year: 2016, month: 12, day: 31, hour: 23, minute: 59, second: 60))
        #expect(leap.seconds == CalendarTime(year: 2017, month: 1, day: 1)?.seconds)
        #expect(CalendarTime(year: 2024, month: 2, day: 29)?.asctime == "Thu Feb 29 00:00:00 2024")
        #expect(CalendarTime(year: 2024, month: 2, day: 9)?.mailDate == "Fri, 9 Feb 2024 00:00:00 +0000")
    }
}
