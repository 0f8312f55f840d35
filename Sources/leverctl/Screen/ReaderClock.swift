import Core
import Glibc

/// The clock on which people are shown times, and read those of options: that of their time zone, or UTC. What is for
/// programs (JSON, logs, files) has UTC, whatever the reader's clock.
struct ReaderClock: Sendable {
    /// Seconds east of UTC at an instant, which is in seconds since 1970. Nil for UTC.
    private let offset: (@Sendable (Int) -> Int)?

    static let utc = ReaderClock(offset: nil)

    /// Of the environment's `TZ`, else of /etc/localtime. Where neither names a zone that the machine knows it is UTC.
    static let local: ReaderClock = {
        tzset()
        let now = zoned(Int(time(nil)))
        if now.tm_gmtoff == 0, String(cString: now.tm_zone) == "UTC" { return .utc }
        return ReaderClock { zoned($0).tm_gmtoff }
    }()

    /// Why times are in UTC though `TZ` asks for another zone: the C library takes a name that it does not know for
    /// UTC. Nil if it does not.
    ///
    /// - Parameter zone: `TZ`.
    static func problem(zone: String, directory: String = "/usr/share/zoneinfo") -> String? {
        let name = zone.hasPrefix(":") ? String(zone.dropFirst()) : zone
        // With a digit it is a rule, such as CET-1CEST, or a name that is found like any other.
        guard !name.isEmpty, name != "UTC", !name.contains(where: \.isNumber) else { return nil }
        guard access(name.hasPrefix("/") ? name : "\(directory)/\(name)", R_OK) != 0 else { return nil }
        return
            "there is no time zone '\(zone)' (TZ) on this machine, so times are in UTC; install tzdata, or name another"
    }

    init(offset: (@Sendable (Int) -> Int)?) { self.offset = offset }

    private static func zoned(_ seconds: Int) -> tm {
        var (instant, parts) = (time_t(seconds), tm())
        localtime_r(&instant, &parts)
        return parts
    }

    /// `2026-11-24 10:30:00 +01:00`, or `2026-11-24 09:30:00 UTC`.
    func text(_ time: Timestamp) -> String { text(time, fraction: "") }

    /// To the millisecond: `2026-11-24 10:30:00.123 +01:00`.
    func preciseText(_ time: Timestamp) -> String {
        text(time, fraction: ".\(String(1000 + time.milliseconds % 1000).dropFirst())")
    }

    private func text(_ time: Timestamp, fraction: String) -> String {
        let seconds = Int(time.milliseconds / 1000)
        let east = offset?(seconds) ?? 0
        let clock = CalendarTime(seconds: seconds + east)
        let zone = offset == nil ? "UTC" : Self.text(offset: east)
        return "\(clock.date) \(clock.time)\(fraction) \(zone)"
    }

    private static func text(offset: Int) -> String {
        func digits(_ number: Int) -> Substring { String(100 + number).dropFirst() }
        let minutes = abs(offset) / 60
        return "\(offset < 0 ? "-" : "+")\(digits(minutes / 60)):\(digits(minutes % 60))"
    }

    /// Seconds east of UTC when this clock shows what a clock in UTC shows at `reading`, in seconds since 1970. Where
    /// it shows that twice, as the clocks go back, the first time; where it never does, as they go forward, as before
    /// the change.
    func offset(ofReading reading: Int) -> Int {
        guard let offset else { return 0 }
        let (before, after) = (offset(reading - 86_400), offset(reading + 86_400))
        return [max(before, after), min(before, after)].first { offset(reading - $0) == $0 } ?? before
    }
}
