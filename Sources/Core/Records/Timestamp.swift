import System

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// What `description` can say, and the database keep: up to the year 9999. A time that was read from a file is
    /// checked against it.
    public static let supported = Timestamp(milliseconds: 0)...Timestamp(milliseconds: 253_402_300_799_999)

    public static func now() -> Timestamp { Timestamp(milliseconds: WallClock.milliseconds) }

    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

    /// Its second.
    public var calendar: CalendarTime { CalendarTime(seconds: Int(milliseconds / 1000)) }

    /// RFC 3339, UTC, to the millisecond: `2026-11-24T09:30:00.000Z`.
    public var description: String {
        "\(calendar.date)T\(calendar.time).\(CalendarTime.digits(Int(milliseconds % 1000), 3))Z"
    }
}
