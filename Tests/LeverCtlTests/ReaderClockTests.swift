import Core
import Foundation
import Testing

@testable import leverctl

/// Times on the reader's clock. Foundation's time zones are the referee of daylight saving.
@Suite struct ReaderClockTests {
    private func clock(_ name: String) throws -> ReaderClock {
        let zone = try #require(TimeZone(identifier: name))
        return ReaderClock { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0))) }
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-11-24T09:30:00.123Z", "2026-11-24 10:30:00 +01:00"),
        ("Europe/Berlin", "2026-07-24T09:30:00Z", "2026-07-24 11:30:00 +02:00"),
        ("America/St_Johns", "2026-01-01T00:00:00Z", "2025-12-31 20:30:00 -03:30"),
        ("Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01 05:45:00 +05:45"),
        // The hour that the clocks show twice.
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30:00 +02:00"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 02:30:00 +01:00"),
    ])
    func `a time is shown on the reader's clock, with the offset of that day`(
        zone: String, time: String, shown: String
    ) throws {
        #expect(try clock(zone).text(#require(Timestamp(time))) == shown)
    }

    @Test func `in UTC it says so; to the millisecond where that matters`() throws {
        let time = try #require(Timestamp("2026-11-24T09:30:00.007Z"))
        #expect(ReaderClock.utc.text(time) == "2026-11-24 09:30:00 UTC")
        #expect(ReaderClock.utc.preciseText(time) == "2026-11-24 09:30:00.007 UTC")
        #expect(try clock("Europe/Berlin").preciseText(time) == "2026-11-24 10:30:00.007 +01:00")
    }

    @Test(arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
    func `what is shown can be typed: every half hour of a year is read as the time that it was`(zone: String) throws {
        let clock = try clock(zone)
        let start = try #require(Timestamp("2026-01-01T00:00:00Z")).milliseconds
        for step in Int64(0)..<(366 * 48) {
            let time = Timestamp(milliseconds: start + step * 1_800_000)
            let shown = clock.text(time)
            #expect(try Timestamp(option: "--since", shown, clock) == time)
            // Without the offset it is the same, or the first of two times that the clock shows so.
            let read = try Timestamp(option: "--since", String(shown.prefix(19)), clock)
            #expect(read <= time && clock.text(read).prefix(19) == shown.prefix(19))
        }
    }

    @Test(arguments: [
        ("2026-11-20", "2026-11-19T23:00:00Z"), ("2026-11-20 09:00", "2026-11-20T08:00:00Z"),
        ("2026-07-20 09:00", "2026-07-20T07:00:00Z"), ("2026-07-20T09:00Z", "2026-07-20T09:00:00Z"),
        ("2026-07-20 09:00 UTC", "2026-07-20T09:00:00Z"), ("2026-07-20 09:00-05:00", "2026-07-20T14:00:00Z"),
        // As the clocks go back, the first of two; as they go forward, the time that there would have been.
        ("2026-10-25 02:30", "2026-10-25T00:30:00Z"), ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
    ])
    func `a time without a zone is the reader's`(text: String, time: String) throws {
        #expect(try Timestamp(option: "--since", text, clock("Europe/Berlin")) == Timestamp(time))
    }

    @Test(arguments: [
        ("Europe/Berlin", true), (":Europe/Berlin", true), ("UTC", true), ("", true),
        ("CET-1CEST,M3.5.0,M10.5.0/3", true),
        ("Europe/Berln", false), ("Berlin", false), (":nowhere", false),
    ])
    func `a zone that the machine does not know is told`(zone: String, isKnown: Bool) {
        #expect((ReaderClock.problem(zone: zone) == nil) == isKnown)
    }

    @Test func `the local clock is that of the environment`() {
        // TZ of a test process may be anything; its own rules are what the C library and Foundation agree on.
        let time = Timestamp.now()
        let expected = TimeZone.current.secondsFromGMT(
            for: Date(timeIntervalSince1970: Double(time.milliseconds / 1000)))
        let shown = ReaderClock.local.text(time)
        #expect(Timestamp(shown) == Timestamp(milliseconds: time.milliseconds / 1000 * 1000))
        #expect(shown.hasSuffix("UTC") || expected != 0 || shown.hasSuffix("+00:00"))
    }
}
