import Glibc

/// The date in the line that begins a message of an mbox: as asctime writes it, perhaps with a time zone, perhaps without
/// seconds, its parts in whatever order.
struct MboxDate {
    /// Since 1970; nil where the numbers make no date.
    let seconds: Int?

    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Nil unless the text ends in a day of the week, a month, a time, and numbers.
    init?(_ text: String) {
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
        guard let day = words.lastIndex(where: { Self.days.contains(String($0.prefix(3))) && $0.count <= 4 }) else {
            return nil
        }
        var fields = tm()
        var (month, clock, dayOfMonth, year, zone) = (Int?.none, [Int](), Int?.none, Int?.none, 0)
        for word in words[(day + 1)...] {
            if let index = Self.months.firstIndex(of: String(word)) {
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
        guard (1970...9999).contains(year), (1...31).contains(dayOfMonth), clock.allSatisfy({ (0...60).contains($0) })
        else {
            seconds = nil
            return
        }
        fields.tm_year = Int32(year - 1900)
        fields.tm_mon = Int32(month)
        fields.tm_mday = Int32(dayOfMonth)
        fields.tm_hour = Int32(clock[0])
        fields.tm_min = Int32(clock[1])
        fields.tm_sec = Int32(clock.count > 2 ? clock[2] : 0)
        seconds = timegm(&fields) - zone
    }
}
