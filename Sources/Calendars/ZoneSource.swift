/// The source of one VTIMEZONE (RFC 5545 section 3.6.5). libical computes every change of a zone from its first year
/// on, so only rules that change a clock about once a year reach it; a zone with other rules is left out as a whole, and
/// its name decides.
struct ZoneSource {
    private(set) var text = ""
    private(set) var isUsable = true
    private var observances = 0
    private var dates = 0

    mutating func begin(_ name: String) {
        if name != "VTIMEZONE" { observances += 1 }
        if observances > CalendarLimits.observances { isUsable = false }
        append("BEGIN:\(name)")
    }

    mutating func add(name: String, _ line: [UInt8]) {
        guard ["TZID", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"].contains(name) else { return }
        guard line.count <= CalendarLimits.line else { return isUsable = false }
        let line = CalendarSource.decoded(line)
        if name == "RRULE", !Self.isYearly(line) { isUsable = false }
        if name == "RDATE" { dates += line.utf8.count { $0 == UInt8(ascii: ",") } + 1 }
        if dates > CalendarLimits.observances { isUsable = false }
        append(line)
    }

    mutating func append(_ line: String) { text += isUsable ? line + "\r\n" : "" }

    private static func isYearly(_ line: String) -> Bool {
        guard let colon = line.firstIndex(of: ":") else { return false }
        var isYearly = false
        for part in line[line.index(after: colon)...].split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { return false }
            let (key, value) = (pair[0].uppercased(), pair[1].uppercased())
            switch key {
            case "FREQ": isYearly = value == "YEARLY"
            case "BYMONTH", "BYDAY": if value.contains(",") { return false }
            case "BYMONTHDAY": if value.utf8.count > 30 { return false }
            case "INTERVAL", "COUNT", "UNTIL", "WKST": break
            // BYHOUR, BYMINUTE and the like would name many changes of one year.
            default: return false
            }
        }
        return isYearly
    }
}
