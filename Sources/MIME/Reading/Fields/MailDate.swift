import Core

/// Dates of header fields (RFC 5322 section 3.3), read leniently: in any order, and as ctime, ISO 8601 and old programs
/// write them.
public enum MailDate {
    /// Seconds since 1970; nil if the text is not a date. Without a zone the time is UTC.
    public static func seconds(in text: some Collection<UInt8>) -> Int? {
        var reader = DateReader()
        // Nothing longer is a date.
        for word in words(Array(text.prefix(200))) { reader.take(word) }
        return reader.seconds
    }

    /// Without comments; ISO 8601's T and Z are words of their own.
    private static func words(_ text: [UInt8]) -> [Substring] {
        var words = [""]
        var comments = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "("): comments += 1
            case UInt8(ascii: ")"): comments = max(0, comments - 1)
            case _ where comments > 0: continue
            case 0...space, UInt8(ascii: ","), UInt8(ascii: ";"), 0x7f...: words.append("")
            default: words[words.count - 1].unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return words.flatMap { word in
            let isISO = word.first?.isNumber == true && word.contains(":") && word.contains("-")
            return isISO ? word.split(separator: "T") : [word[...]]
        }.filter { !$0.isEmpty }
    }
}

/// Takes the words of a date one after the other, whatever their order.
private struct DateReader {
    private var year: Int?
    private var month: Int?
    private var day: Int?
    private var time: (hour: Int, minute: Int, second: Int)?
    /// Seconds east of UTC.
    private var offset: Int?

    var seconds: Int? {
        guard let year, let month, let day else { return nil }
        let time = time ?? (0, 0, 0)
        return CalendarTime(
            year: year, month: month, day: day, hour: time.hour, minute: time.minute, second: time.second
        ).map { $0.seconds - (offset ?? 0) }
    }

    mutating func take(_ word: Substring) {
        if word.contains(":") {
            takeTime(word)
        } else if let sign = word.first, sign == "+" || sign == "-" {
            if offset == nil { offset = Self.offset(word.dropFirst(), isEast: sign == "+") }
        } else if word.first?.isNumber == true, word.contains(where: { $0 == "-" || $0 == "/" }) {
            let parts = word.split { $0 == "-" || $0 == "/" }
            // `2026-11-23`, `23-Nov-2026`, and the American `11/23/2026`.
            if parts.count == 3, parts[0].count <= 2, Self.month(parts[1]) == nil {
                month = Int(parts[0])
                takeNumber(parts[1])
                takeYear(parts[2])
            } else if parts.count == 3, parts[0].count == 4 {
                takeYear(parts[0])
                month = Self.month(parts[1]) ?? Int(parts[1])
                day = Int(parts[2])
            } else {
                for part in parts { take(part) }
            }
        } else if word.allSatisfy({ $0.isNumber }) {
            takeNumber(word)
        } else if let month = Self.month(word), self.month == nil {
            self.month = month
        } else if time != nil, offset == nil {
            offset = Self.zones[word.uppercased()]
        }
    }

    private mutating func takeNumber(_ word: Substring) {
        if word.count <= 2, day == nil { day = Int(word) } else if year == nil { takeYear(word) }
    }

    /// Years of two or three digits are of programs before 2000 (RFC 5322 section 4.3).
    private mutating func takeYear(_ word: Substring) {
        guard word.count <= 4, let number = Int(word) else { return }
        year = word.count > 3 ? number : word.count == 3 || number >= 50 ? number + 1900 : number + 2000
    }

    /// `10:30`, `10:30:00.5`, `10:30:00+01:00`, `10:30:00Z`.
    private mutating func takeTime(_ word: Substring) {
        guard time == nil else { return }
        let end = word.firstIndex { $0 == "+" || $0 == "-" || $0.isLetter } ?? word.endIndex
        let parts = word[..<end].split(separator: ":").map { Int($0.prefix { $0 != "." }) }
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1] else { return }
        time = (hour, minute, parts.count > 2 ? parts[2] ?? 0 : 0)
        if end < word.endIndex { take(word[end...].filter { $0 != ":" }[...]) }
    }

    /// `+0100`.
    private static func offset(_ digits: Substring, isEast: Bool) -> Int? {
        guard digits.count == 4, let number = Int(digits), number % 100 < 60 else { return nil }
        return (number / 100 * 3600 + number % 100 * 60) * (isEast ? 1 : -1)
    }

    private static func month(_ word: Substring) -> Int? {
        let name = word.prefix(3).lowercased()
        guard word.count >= 3, let index = CalendarTime.months.firstIndex(where: { $0.lowercased() == name }) else {
            return nil
        }
        return index + 1
    }

    /// Section 4.3. Letters alone were used wrongly, so they say nothing.
    private static let zones = [
        "GMT": 0, "UT": 0, "UTC": 0, "Z": 0, "EST": -18_000, "EDT": -14_400, "CST": -21_600, "CDT": -18_000,
        "MST": -25_200, "MDT": -21_600, "PST": -28_800, "PDT": -25_200, "CET": 3600, "CEST": 7200, "BST": 3600,
        "WET": 0, "EET": 7200, "EEST": 10_800, "MSK": 10_800, "JST": 32_400, "KST": 32_400,
    ]
}
