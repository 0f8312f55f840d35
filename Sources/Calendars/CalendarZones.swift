import CLibical

/// Finds the time zones that a calendar object names. Used within `Libical.exclusively`; the zones that the object
/// defines are borrowed from it.
struct CalendarZones {
    private let root: OpaquePointer

    init(of root: OpaquePointer) { self.root = root }

    /// The time of a property; nil if it has none, or one that is not a date.
    func moment(_ property: OpaquePointer?) -> CalendarMoment? {
        guard let property, let value = icalproperty_get_value(property) else { return nil }
        let kind = icalvalue_isa(value)
        guard kind == ICAL_DATETIME_VALUE || kind == ICAL_DATE_VALUE else { return nil }
        return moment(
            icalvalue_get_datetimedate(value), zone: CalendarProperties.parameter("TZID", of: property))
    }

    /// - Parameter name: The TZID.
    func moment(_ time: icaltimetype, zone name: String?) -> CalendarMoment? {
        guard icaltime_is_null_time(time) == 0, let clock = Self.clock(time) else { return nil }
        if time.is_date != 0 { return CalendarMoment(clock: clock, zone: .floating, seconds: nil) }
        if icaltime_is_utc(time) != 0 { return Self.moment(time, clock, .utc, icaltimezone_get_utc_timezone()) }
        guard let name = name?.trimmed, !name.isEmpty else {
            return CalendarMoment(clock: clock, zone: .floating, seconds: nil)
        }
        let known = Self.canonicalName(name)
        let shown = known ?? String(name.prefix(CalendarLimits.zoneName))
        // The object's own definition counts before what a list says of the name.
        let zone = name.withCString { icalcomponent_get_timezone(root, $0) } ?? known.flatMap(Self.builtin)
        guard let zone else { return CalendarMoment(clock: clock, zone: .unknown(shown), seconds: nil) }
        return Self.moment(time, clock, shown == "UTC" ? .utc : .named(shown), zone)
    }

    private static func moment(
        _ time: icaltimetype, _ clock: String, _ zone: CalendarMoment.Zone, _ rules: OpaquePointer?
    ) -> CalendarMoment {
        CalendarMoment(clock: clock, zone: zone, seconds: icaltime_as_timet_with_zone(time, rules))
    }

    /// The clock's reading in an IANA zone; nil for a name that is none.
    static func clock(at seconds: Int, in name: String) -> String? {
        guard let zone = name == "UTC" ? icaltimezone_get_utc_timezone() : builtin(name) else { return nil }
        return clock(icaltime_from_timet_with_zone(seconds, 0, zone))
    }

    /// Nil outside the years that are written with four digits.
    static func clock(_ time: icaltimetype) -> String? {
        guard icaltime_is_valid_time(time) != 0, (1...9999).contains(time.year), (1...12).contains(time.month),
            (1...31).contains(time.day)
        else { return nil }
        func padded(_ number: Int32, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(time.year, 4))-\(padded(time.month))-\(padded(time.day))"
        guard time.is_date == 0 else { return date }
        return "\(date)T\(padded(time.hour)):\(padded(time.minute)):\(padded(time.second))"
    }

    /// The IANA zone that a name means: itself, Windows' name for it, or the last words of a path such as
    /// `/mozilla.org/20050126_1/Europe/Berlin`.
    private static func canonicalName(_ name: String) -> String? {
        if ["UTC", "GMT", "Z", "ETC/UTC", "TZONE://MICROSOFT/UTC"].contains(name.uppercased()) { return "UTC" }
        if let zone = WindowsZones.zone(name) { return zone }
        if builtin(name) != nil { return name }
        let parts = name.prefix(CalendarLimits.zoneName).split(separator: "/")
        guard name.hasPrefix("/"), parts.count > 2 else { return nil }
        return [3, 2].map { parts.suffix($0).joined(separator: "/") }.first { builtin($0) != nil }
    }

    /// A zone of the system's tz database. libical makes a file name of the name.
    private static func builtin(_ name: String) -> OpaquePointer? {
        let isName = name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "/"):
                true
            default: false
            }
        }
        guard isName, name.utf8.count <= 50, name.first?.isLetter ?? false else { return nil }
        return icaltimezone_get_builtin_timezone(name)
    }
}
