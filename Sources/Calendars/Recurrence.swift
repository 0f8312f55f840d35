/// Recurrence rules (RFC 5545 section 3.3.10) in words.
enum Recurrence {
    /// `every 2 weeks on Monday and Friday, 10 times`; the rule's text if it says more than that.
    static func words(_ rule: String) -> String { phrase(rule) ?? rule }

    private static func phrase(_ rule: String) -> String? {
        var parts: [String: String] = [:]
        for part in rule.uppercased().split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { return nil }
            guard parts.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else { return nil }
        }
        parts["WKST"] = nil
        let units = ["DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"]
        guard let frequency = parts.removeValue(forKey: "FREQ"), let unit = units[frequency] else { return nil }
        guard let interval = Int(parts.removeValue(forKey: "INTERVAL") ?? "1"), interval > 0 else { return nil }
        var words = interval == 1 ? "every \(unit)" : "every \(interval) \(unit)s"

        if let days = parts.removeValue(forKey: "BYDAY") {
            guard let names = list(days, { day($0, isNumbered: frequency != "WEEKLY") }) else { return nil }
            words += " on \(names)"
        }
        if let days = parts.removeValue(forKey: "BYMONTHDAY") {
            guard frequency != "WEEKLY", let names = list(days, monthDay) else { return nil }
            words += " on day \(names)"
        }
        if let months = parts.removeValue(forKey: "BYMONTH") {
            guard let names = list(months, month) else { return nil }
            words += " in \(names)"
        }
        if let count = parts.removeValue(forKey: "COUNT") {
            guard let count = Int(count), count > 0 else { return nil }
            words += count == 1 ? ", once" : ", \(count) times"
        }
        if let until = parts.removeValue(forKey: "UNTIL") {
            let digits = Array(until.prefix(8))
            guard digits.count == 8, digits.allSatisfy(\.isWholeNumber) else { return nil }
            words += ", until \(String(digits[..<4]))-\(String(digits[4..<6]))-\(String(digits[6...]))"
        }
        return parts.isEmpty ? words : nil
    }

    /// `a`, `a and b`, `a, b and c`; nil if one of them has no word.
    private static func list(_ values: String, _ word: (Substring) -> String?) -> String? {
        let values = values.split(separator: ",")
        let words = values.compactMap(word)
        guard let last = words.last, words.count == values.count, words.count <= 31 else { return nil }
        return words.count == 1 ? last : words.dropLast().joined(separator: ", ") + " and " + last
    }

    private static func day(_ text: Substring, isNumbered: Bool) -> String? {
        let days = [
            "MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday",
            "SU": "Sunday",
        ]
        guard let name = days[String(text.suffix(2))] else { return nil }
        let numbers = [
            "": "", "1": "the first ", "2": "the second ", "3": "the third ", "4": "the fourth ", "5": "the fifth ",
            "-1": "the last ", "-2": "the last but one ",
        ]
        let number = text.dropLast(2).trimmingPrefix("+")
        guard let words = numbers[String(number)] else { return nil }
        return words.isEmpty ? name : isNumbered ? words + name : nil
    }

    private static func monthDay(_ text: Substring) -> String? {
        Int(text).flatMap { (1...31).contains($0) ? "\($0)" : nil }
    }

    private static func month(_ text: Substring) -> String? {
        Int(text).flatMap { (1...12).contains($0) ? months[$0 - 1] : nil }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}
