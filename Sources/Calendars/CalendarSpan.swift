import CLibical

/// A start and perhaps an end, in words. Used within `Libical.exclusively`.
struct CalendarSpan {
    private let start: CalendarMoment
    private let end: CalendarMoment?

    init(_ start: CalendarMoment, _ end: CalendarMoment?) {
        (self.start, self.end) = (start, end)
    }

    /// `Thursday 2026-11-26, 10:00 to 11:00 Europe/Berlin (for the organizer 09:00 to 10:00 UTC)`
    func text(_ reader: String) -> String {
        if start.isDate { return days }
        let own = Self.text(start.clock, end?.clock)
        guard let seconds = start.seconds else {
            if case .unknown(let name) = start.zone { return "\(own), in a time zone that is not known: \(name)" }
            return "\(own), whatever the time zone"
        }
        let zone = CalendarZones.clock(at: seconds, in: reader) == nil ? "UTC" : reader
        guard let clock = CalendarZones.clock(at: seconds, in: zone) else { return "\(own) \(start.zoneName)" }
        let last = end.map { end in end.seconds.flatMap { CalendarZones.clock(at: $0, in: zone) } ?? end.clock }
        let readers = Self.text(clock, last)
        guard clock != start.clock else { return "\(readers) \(zone)" }
        // Times in UTC are the program's choice, not the organizer's clock.
        guard start.zone != .utc else { return "\(readers) \(zone)" }
        return "\(readers) \(zone) (\(own) \(start.zoneName))"
    }

    /// Whole days; the end is exclusive.
    private var days: String {
        let first = Self.date(start.clock)
        guard let end, end.isDate, let last = Self.dayBefore(end.clock), last > start.clock else {
            return "\(first), all day"
        }
        return "\(first) to \(Self.date(last)), all day"
    }

    private static func text(_ start: String, _ end: String?) -> String {
        let first = "\(date(start)), \(time(start))"
        guard let end, end != start else { return first }
        let day = end.prefix(10) == start.prefix(10) ? "" : "\(date(end)), "
        return "\(first) to \(day)\(time(end))"
    }

    /// `10:00`, or `10:00:30`.
    private static func time(_ clock: String) -> Substring {
        let time = clock.dropFirst(11)
        return time.hasSuffix(":00") ? time.dropLast(3) : time
    }

    /// `Thursday 2026-11-26`
    private static func date(_ clock: String) -> String {
        let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
        let day = Int(icaltime_day_of_week(Self.day(clock)))
        return ((1...7).contains(day) ? days[day - 1] + " " : "") + clock.prefix(10)
    }

    private static func dayBefore(_ clock: String) -> String? {
        var day = day(clock)
        icaltime_adjust(&day, -1, 0, 0, 0)
        return CalendarZones.clock(day)
    }

    private static func day(_ clock: String) -> icaltimetype {
        var time = icaltime_null_date()
        let numbers = clock.prefix(10).split(separator: "-").compactMap { Int32($0) }
        if numbers.count == 3 { (time.year, time.month, time.day) = (numbers[0], numbers[1], numbers[2]) }
        return time
    }
}
