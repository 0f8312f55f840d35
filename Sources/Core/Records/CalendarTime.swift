/// A date and time of day in UTC, by the Gregorian calendar. The one place that computes dates.
public struct CalendarTime: Hashable, Sendable {
    public let year: Int
    /// From 1, as is the day.
    public let month: Int
    public let day: Int
    public let hour: Int
    public let minute: Int
    /// 60 is a leap second, and the same moment as the second after it.
    public let second: Int

    /// As mail and syslog abbreviate them (RFC 5322 section 3.3).
    public static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    public static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    private static let secondsOfDay = 86_400

    /// Nil for what is no date, such as the 30th of February, or no time of day.
    public init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        guard (0...9999).contains(year), (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    public init(seconds: Int) {
        let days = Self.floor(seconds, Self.secondsOfDay)
        let rest = seconds - days * Self.secondsOfDay
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
        // Years that begin in March have their leap day at the end; 400 of them have 146,097 days.
        let shifted = days + 719_468
        let era = Self.floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    public var seconds: Int { days * Self.secondsOfDay + hour * 3600 + minute * 60 + second }

    /// As asctime(3) writes it: `Tue Nov 24 09:30:00 2026`.
    public var asctime: String {
        let dayText = day < 10 ? " \(day)" : "\(day)"
        return "\(weekday) \(Self.months[month - 1]) \(dayText) \(time) \(year)"
    }

    /// As mail has it (RFC 5322 section 3.3): `Tue, 24 Nov 2026 09:30:00 +0000`.
    public var mailDate: String {
        "\(weekday), \(day) \(Self.months[month - 1]) \(Self.digits(year, 4)) \(time) +0000"
    }

    // 1970 began on a Thursday.
    private var weekday: String { Self.weekdays[((days + 4) % 7 + 7) % 7] }

    /// `2026-11-24`
    public var date: String { "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))" }

    /// `09:30:00`
    public var time: String { "\(Self.digits(hour, 2)):\(Self.digits(minute, 2)):\(Self.digits(second, 2))" }

    /// Since 1970-01-01.
    private var days: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = Self.floor(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func floor(_ value: Int, _ divisor: Int) -> Int {
        (value >= 0 ? value : value - (divisor - 1)) / divisor
    }

    static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
