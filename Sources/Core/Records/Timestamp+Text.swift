extension Timestamp {
    /// Reads `2026-11-24T09:30:00.123Z` as far as it goes: a date, with a time or without, to the minute or finer, and
    /// a zone (`Z`, `UTC`, `+01:00`, `+0100`) or none. A blank may stand for the `T`, and before the zone.
    ///
    /// - Parameter offset: Seconds east of UTC for a clock's reading without a zone, which it is given in seconds since
    ///   1970 as if it were UTC; by default it is.
    public init?(_ text: some StringProtocol, offset offsetOfReading: (Int) -> Int = { _ in 0 }) {
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
            year >= 1970
        else { return nil }
        var (hour, minute, second, milliseconds) = (0, 0, 0, 0)
        var offset: Int?
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
            if rest.count > 1 { _ = take(" ") }
            if rest == "Z" || rest == "UTC" {
                (rest, offset) = ("", 0)
            } else if let sign = rest.first, sign == "+" || sign == "-" {
                rest = rest.dropFirst()
                guard let hours = number(2), take(":") || !rest.isEmpty, let minutes = number(2) else { return nil }
                offset = (hours * 60 + minutes) * (sign == "+" ? 60 : -60)
            }
        }
        guard rest.isEmpty else { return nil }
        guard
            let calendar = CalendarTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        let seconds = calendar.seconds - (offset ?? offsetOfReading(calendar.seconds))
        self.init(milliseconds: Int64(seconds) * 1000 + Int64(milliseconds))
        guard Timestamp.supported.contains(self) else { return nil }
    }
}
