import Core

/// A message's source, prepared for GMime: without the little that makes its work grow faster than the message, or its
/// stack overflow. Everything else is as it was, and everything is as long as it was.
///
/// - Address fields, of attached messages too. GMime searches the rest of a list from each element that has no `@`, and
///   calls itself for each group in a group: 100 KB took half a minute, or all of the stack. Fields that are malformed
///   to our own parser, which is linear, are masked beyond a limit: the first letter of the name is replaced, and
///   whoever wants the field reads it as text.
/// - Multiparts in multiparts. GMime compares each line that begins with hyphens with the boundaries of all that are
///   open. Beyond a limit the parameter's name is changed: the part has no boundary then, and shows as text.
///
/// A plain value; the work is linear.
struct ParserInput {
    /// In the place of a masked name's first letter.
    static let mask = UInt8(ascii: "~")

    private var bytes: [UInt8]
    private var irregularBytes = 0
    private var open: [ArraySlice<UInt8>: Int] = [:]
    private var openCount = 0

    static func prepared(_ raw: [UInt8]) -> [UInt8] {
        var input = ParserInput(bytes: raw)
        input.prepare()
        return input.bytes
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func prepare() {
        let source = bytes
        var position = 0
        while position < source.count {
            let end = source[position...].firstIndex(of: lineFeed) ?? source.count
            let line = source[position..<end]
            if let value = Self.addressFieldValue(line) { checkField(source, name: position, value: value) }
            checkBoundary(line)
            position = end + 1
        }
    }

    // MARK: Address fields

    private static let names = ["to", "from", "cc", "sender", "reply-to", "bcc"].map { Array($0.utf8) }

    /// Where the value begins, if the line is the first of such a field.
    private static func addressFieldValue(_ line: ArraySlice<UInt8>) -> Int? {
        guard let first = line.first, "tfcsrb".utf8.contains(first | 0x20) else { return nil }
        for name in names
        where line.count > name.count
            && line.prefix(name.count).elementsEqual(name, by: { $0 | 0x20 == $1 || $0 == $1 })
        {
            let rest = line.dropFirst(name.count).drop { $0 == space || $0 == UInt8(ascii: "\t") }
            if rest.first == UInt8(ascii: ":") { return rest.startIndex + 1 }
        }
        return nil
    }

    private mutating func checkField(_ source: [UInt8], name: Int, value start: Int) {
        var end = start
        repeat {
            end = source[end...].firstIndex(of: lineFeed).map { $0 + 1 } ?? source.count
        } while end < source.count && (source[end] == space || source[end] == UInt8(ascii: "\t"))
        let value = source[start..<end]
        guard AddressList(value).isMalformed else { return }
        irregularBytes += value.count
        let colons = value.count { $0 == UInt8(ascii: ":") }
        if irregularBytes > ReadingLimits.irregularLists || colons > ReadingLimits.colons { bytes[name] = Self.mask }
    }

    // MARK: Boundaries

    private mutating func checkBoundary(_ line: ArraySlice<UInt8>) {
        let line = line.last == carriageReturn ? line.dropLast() : line
        if line.count > 4, line.starts(with: "--".utf8), line.suffix(2).elementsEqual("--".utf8) {
            let name = line.dropFirst(2).dropLast(2)
            if let count = open[name] {
                open[name] = count > 1 ? count - 1 : nil
                openCount -= 1
            }
        }
        for position in line.indices where line[position] == UInt8(ascii: "=") {
            guard let name = Self.parameterName(line[..<position]) else { continue }
            openCount += 1
            open[Self.parameterValue(line[(position + 1)...]), default: 0] += 1
            // Another letter, which is one of no parameter that counts.
            if openCount > ReadingLimits.openParts { bytes[name] = UInt8(ascii: "x") }
        }
    }

    /// Where `boundary` begins, if the text ends in it: `boundary`, `boundary*`, `boundary*0*`, blanks behind it.
    private static func parameterName(_ text: ArraySlice<UInt8>) -> Int? {
        var end = text.endIndex
        while end > text.startIndex, " \t*0123456789".utf8.contains(text[end - 1]) { end -= 1 }
        let word = "boundary".utf8
        guard end - text.startIndex >= word.count,
            text[end - word.count..<end].elementsEqual(word, by: { $0 | 0x20 == $1 })
        else { return nil }
        return end - word.count
    }

    private static func parameterValue(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let text = text.drop { $0 == space || $0 == UInt8(ascii: "\t") }
        if text.first == UInt8(ascii: "\"") { return text.dropFirst().prefix { $0 != UInt8(ascii: "\"") } }
        return text.prefix { $0 != UInt8(ascii: ";") && $0 != space && $0 != UInt8(ascii: "\t") }
    }
}
