import Core
import Glibc

extension Timestamp {
    /// Reads syslog's `Nov 24 09:30:00`, local time, of the year that puts it last before `now`.
    init?(syslog text: Substring, now: Timestamp = .now()) {
        let words = text.split(separator: " ")
        guard words.count == 3, let month = CalendarTime.months.firstIndex(of: String(words[0])),
            let day = Int32(words[1])
        else {
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
