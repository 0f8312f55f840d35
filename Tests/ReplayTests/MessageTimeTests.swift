import Core
import Testing

@testable import Replay

@Suite struct MessageTimeTests {
    private func time(_ fields: [(String, String)], storedAt: Int = 0) -> Timestamp {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: name.utf8, value: value.utf8) }
        return MessageTime.of(header, storedAt: storedAt)
    }

    private let received = ("Received", " from a by b with SMTP id x;\n Tue, 24 Nov 2020 09:30:00 +0100")
    private let older = ("Received", " from c by a; Tue, 24 Nov 2020 08:00:00 +0000")
    private let date = ("Date", " Mon, 23 Nov 2020 20:00:00 +0000")

    @Test func `the topmost Received comes first, then Date, then the store`() {
        #expect(time([received, older, date], storedAt: 1_500_000_000) == Timestamp(milliseconds: 1_606_206_600_000))
        #expect(time([date], storedAt: 1_500_000_000) == Timestamp(milliseconds: 1_606_161_600_000))
        #expect(time([], storedAt: 1_500_000_000) == Timestamp(milliseconds: 1_500_000_000_000))
    }

    @Test func `a Received without a time is passed over`() {
        #expect(time([("Received", " from a by b"), date]) == Timestamp(milliseconds: 1_606_161_600_000))
    }

    @Test(arguments: [
        " Mon, 23 Nov 1970 20:00:00 +0000", " Mon, 23 Nov 2999 20:00:00 +0000", " yesterday", "", " 99999999999999999",
    ])
    func `no time before there was mail, or after now, is believed`(date: String) {
        #expect(time([("Date", date)], storedAt: 1_500_000_000) == Timestamp(milliseconds: 1_500_000_000_000))
    }

    @Test func `without any time it is now`() {
        let before = Timestamp.now()
        let found = time([], storedAt: .max)
        #expect(found >= before && found <= .now())
    }
}
