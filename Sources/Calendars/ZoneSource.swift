/// The source of one VTIMEZONE (RFC 5545 section 3.6.5). libical computes every change of a zone from its first year
/// on, so only rules that change a clock about once a year reach it; a zone with other rules is left out as a whole, and
/// its name decides.
///
/// Rules that go on for ever begin in 1998 at the earliest, when iCalendar did. Exchange's begin in 1601: the changes of
/// four centuries take 20 ms.
struct ZoneSource {
    private(set) var text = ""
    private(set) var isUsable = true
    private var observances = 0
    private var dates = 0
    private var start: String?
    private var isEndless = false

    mutating func begin(_ name: String) {
        if name != "VTIMEZONE" { observances += 1 }
        if observances > CalendarLimits.observances { isUsable = false }
        append("BEGIN:\(name)")
        (start, isEndless) = (nil, false)
    }

    mutating func end(_ name: String) {
        if let start { append(isEndless ? Self.recent(start) : start) }
        start = nil
        append("END:\(name)")
    }

    mutating func add(name: String, _ line: [UInt8]) {
        guard ["TZID", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"].contains(name) else { return }
        guard line.count <= CalendarLimits.line else { return isUsable = false }
        let line = CalendarSource.decoded(line)
        if name == "RRULE" { take(rule: line) }
        if name == "RDATE" { dates += line.utf8.count { $0 == UInt8(ascii: ",") } + 1 }
        if dates > CalendarLimits.observances { isUsable = false }
        if name == "DTSTART" { start = line } else { append(line) }
    }

    /// A DTSTART, in 1998 if it is earlier; unchanged on a day that 1998 does not have.
    private static func recent(_ line: String) -> String {
        guard let colon = line.lastIndex(of: ":"), let year = Int(line[line.index(after: colon)...].prefix(4)),
            (1...1997).contains(year), !line.hasSuffix("0229T000000")
        else { return line }
        return line[...colon] + "1998" + line[line.index(after: colon)...].dropFirst(4)
    }

    private mutating func append(_ line: String) { text += isUsable ? line + "\r\n" : "" }

    /// Accepts rules that name a day, or some days of a month, in a year.
    private mutating func take(rule line: String) {
        var parts: [String: String] = [:]
        for part in line.drop(while: { $0 != ":" }).dropFirst().uppercased().split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { return isUsable = false }
            parts[String(pair[0])] = String(pair[1])
        }
        let known: Set = ["FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL", "WKST"]
        let hasMonthDays = parts["BYMONTHDAY"] != nil
        isUsable =
            isUsable && parts["FREQ"] == "YEARLY" && known.isSuperset(of: parts.keys)
            && ["BYMONTH", "BYDAY"].allSatisfy { !(parts[$0]?.contains(",") ?? false) }
            && (!hasMonthDays || parts["BYMONTH"] != nil && parts["BYMONTHDAY"]!.utf8.count <= 30)
            && (hasMonthDays || parts["BYDAY"].map { $0.count > 2 } ?? true)
        isEndless = parts["COUNT"] == nil && parts["UNTIL"] == nil && parts["INTERVAL"] ?? "1" == "1"
    }
}
