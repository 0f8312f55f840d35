/// What a text says of a date and a time, by the shape of its numbers in any script. The names of months and days are
/// not looked at.
struct WrittenDate {
    /// `23.11.2026`, or a year and a day.
    private(set) var hasDay = false
    /// `9:00`, `09h00`, `9時00`; beside a day also `09.00`.
    private(set) var hasTime = false
    /// Words in front of the first number.
    private(set) var wordsBefore = 0
    private(set) var hasNumber = false

    /// Reads the first 24 numbers.
    init(_ text: some StringProtocol) {
        var numbers: [Number] = []
        var separator = ""
        var current: Number?
        var isInWord = false
        for scalar in text.unicodeScalars {
            if let digit = Self.digit(scalar) {
                if current == nil { current = Number(separator: separator) }
                current?.append(digit)
                isInWord = true
            } else {
                if let number = current {
                    numbers.append(number)
                    (current, separator) = (nil, "")
                    if numbers.count == 24 { break }
                }
                if separator.utf8.count < 8 { separator.unicodeScalars.append(scalar) }
                if scalar.properties.isWhitespace {
                    isInWord = false
                } else if !isInWord {
                    isInWord = true
                    if numbers.isEmpty { wordsBefore += 1 }
                }
            }
        }
        if let current { numbers.append(current) }
        hasNumber = !numbers.isEmpty
        evaluate(numbers)
    }

    var isDate: Bool { hasDay || hasTime }

    private struct Number {
        /// What stands between it and the number before, cut at 8 bytes.
        let separator: String
        var value = 0
        var length = 0

        init(separator: String) { self.separator = separator }

        mutating func append(_ digit: Int) {
            length += 1
            if length <= 4 { value = value * 10 + digit }
        }

        var isYear: Bool { length == 4 && (1300...2700).contains(value) }
        var isDayOrMonth: Bool { length <= 2 && (1...31).contains(value) }
    }

    private mutating func evaluate(_ numbers: [Number]) {
        var isDotted = false
        for (index, number) in numbers.enumerated() {
            let next = index + 1 < numbers.count ? numbers[index + 1] : nil
            if let next, number.length <= 2, number.value <= 24, next.length == 2, next.value < 60 {
                if Self.timeSeparators.contains(next.separator) { hasTime = true }
                if next.separator == "." {
                    isDotted = index + 2 == numbers.count || !numbers[index + 2].separator.hasPrefix(".")
                }
            }
            guard index + 2 < numbers.count, let next else { continue }
            let third = numbers[index + 2]
            guard Self.dateSeparators.contains(next.separator), Self.dateSeparators.contains(third.separator),
                next.isDayOrMonth
            else { continue }
            if number.isDayOrMonth, third.isYear || third.length == 2 { hasDay = true }
            if number.isYear, third.isDayOrMonth { hasDay = true }
        }
        if numbers.contains(where: \.isYear), numbers.contains(where: \.isDayOrMonth) { hasDay = true }
        if isDotted, hasDay { hasTime = true }
    }

    private static let timeSeparators: Set = [":", "：", "h", "時", "时", "시", "시 ", "點", "点"]
    private static let dateSeparators: Set = [".", "/", "-", ". "]

    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.isASCII {
            return scalar.value >= 0x30 && scalar.value <= 0x39 ? Int(scalar.value) - 0x30 : nil
        }
        guard scalar.properties.generalCategory == .decimalNumber, let value = scalar.properties.numericValue else {
            return nil
        }
        return Int(value)
    }
}
