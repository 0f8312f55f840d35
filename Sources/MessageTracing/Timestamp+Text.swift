public import Core
import Glibc

extension Timestamp {
    /// Reads `2026-11-24T09:30:00.123Z` as far as it goes: a date, with a time or without, to the minute or finer, and
    /// a zone (`Z`, `+01:00`, `+0100`) or none, which is UTC. A blank may stand for the `T`.
    public init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        func number(_ digits: Int) -> Int? {
            let head = rest.prefix(digits)
            guard head.count == digits, head.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
            rest = rest.dropFirst(digits)
            return Int(head)
        }
        func take(_ characters: String) -> Bool {
            guard let first = rest.first, characters.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            1...12 ~= month, 1...31 ~= day, year >= 1970
        else { return nil }
        var (hour, minute, second, milliseconds, offset) = (0, 0, 0, 0, 0)
        if take("T ") {
            guard let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else {
                return nil
            }
            (hour, minute) = (hours, minutes)
            if take(":") {
                guard let seconds = number(2), seconds <= 60 else { return nil }
                second = seconds
                if take(".") {
                    let fraction = rest.prefix { $0.isASCII && $0.isNumber }
                    guard !fraction.isEmpty else { return nil }
                    rest = rest.dropFirst(fraction.count)
                    milliseconds = Int((fraction + "00").prefix(3))!
                }
            }
            if !take("Z"), let sign = rest.first, sign == "+" || sign == "-" {
                rest = rest.dropFirst()
                guard let hours = number(2), take(":") || !rest.isEmpty, let minutes = number(2) else { return nil }
                offset = (hours * 60 + minutes) * (sign == "+" ? 60 : -60)
            }
        }
        guard rest.isEmpty else { return nil }
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
        (fields.tm_hour, fields.tm_min, fields.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
        let seconds = timegm(&fields) - offset
        // The 30th of February is another day.
        guard fields.tm_mday == Int32(day) || second == 60 else { return nil }
        self.init(milliseconds: Int64(seconds) * 1000 + Int64(milliseconds))
        guard Timestamp.supported.contains(self) else { return nil }
    }

    /// Reads syslog's `Nov 24 09:30:00`, local time, of the year that puts it last before `now`.
    init?(syslog text: Substring, now: Timestamp = .now()) {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 3, let month = months.firstIndex(of: String(words[0])), let day = Int32(words[1]) else {
            return nil
        }
        let clock = words[2].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3 else { return nil }
        var time = time_t(now.milliseconds / 1000)
        var present = tm()
        localtime_r(&time, &present)
        func moment(year: Int32) -> Timestamp {
            var fields = tm()
            (fields.tm_year, fields.tm_mon, fields.tm_mday) = (year, Int32(month), day)
            (fields.tm_hour, fields.tm_min, fields.tm_sec) = (clock[0], clock[1], clock[2])
            fields.tm_isdst = -1
            return Timestamp(milliseconds: Int64(mktime(&fields)) * 1000)
        }
        let thisYear = moment(year: present.tm_year)
        // Clocks differ a little.
        self = thisYear.milliseconds > now.milliseconds + 86_400_000 ? moment(year: present.tm_year - 1) : thisYear
    }
}
