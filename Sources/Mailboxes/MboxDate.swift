import Core

/// The date in the line that begins a message of an mbox: as asctime(3) writes it, with or without a time zone and
/// seconds, its parts in any order.
struct MboxDate {
    /// Since 1970; nil where the numbers are no date.
    let seconds: Int?

    /// Nil unless the text ends in a day of the week, a month, a time, and numbers.
    init?(_ text: String) {
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
        guard
            let day = words.lastIndex(where: { CalendarTime.weekdays.contains(String($0.prefix(3))) && $0.count <= 4 })
        else {
            return nil
        }
        var (month, clock, dayOfMonth, year, zone) = (Int?.none, [Int](), Int?.none, Int?.none, 0)
        for word in words[(day + 1)...] {
            if let index = CalendarTime.months.firstIndex(of: String(word)) {
                month = index
            } else if word.contains(":") {
                clock = word.split(separator: ":").compactMap { Int($0) }
            } else if word.count == 5, word.first == "+" || word.first == "-", let number = Int(word.dropFirst()) {
                zone = (number / 100 * 3600 + number % 100 * 60) * (word.first == "-" ? -1 : 1)
            } else if let number = Int(word), number >= 0 {
                if word.count == 4 { year = number } else if word.count <= 2 { dayOfMonth = number }
            }
        }
        guard let month, let dayOfMonth, let year, (2...3).contains(clock.count) else { return nil }
        let date = CalendarTime(
            year: year, month: month + 1, day: dayOfMonth, hour: clock[0], minute: clock[1],
            second: clock.count > 2 ? clock[2] : 0)
        seconds = year < 1970 ? nil : date.map { $0.seconds - zone }
    }
}
