/// A time as the calendar object gives it: a clock's reading, and in which zone.
public struct CalendarMoment: Hashable, Sendable {
    public enum Zone: Hashable, Sendable {
        case utc
        /// An IANA zone, or one that the object defines.
        case named(String)
        /// Whatever zone the reader is in (RFC 5545 section 3.3.5, form 1); whole days too.
        case floating
        /// A name that the object does not define and nobody knows.
        case unknown(String)
    }

    /// `2026-11-26T10:00:00`, or `2026-11-26` for a whole day.
    public let clock: String
    public let zone: Zone
    /// Seconds since 1970; nil if the zone is floating or unknown.
    public let seconds: Int?

    public var isDate: Bool { clock.utf8.count == 10 }

    /// `UTC` or the zone's name; empty if floating.
    public var zoneName: String {
        switch zone {
        case .utc: "UTC"
        case .named(let name), .unknown(let name): name
        case .floating: ""
        }
    }
}

extension CalendarMoment {
    /// `20261126T090000Z`, the form of iCalendar (RFC 5545 section 3.3.5); nil for years that it cannot write.
    public static func utc(_ seconds: Int) -> String? {
        guard (0..<4_102_444_800).contains(seconds) else { return nil }
        return Libical.exclusively { CalendarZones.clock(at: seconds, in: "UTC") }
            .map { $0.filter { $0 != "-" && $0 != ":" } + "Z" }
    }
}
