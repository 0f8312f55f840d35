/// A header that a mail program copied above the original: lines of label, colon and value, in any order, bold or not.
///
/// It is told from a writer's own list ("From: Cologne, To: Berlin") by its labels, which one language has all of, and
/// by an address or a time of day among its values.
struct CopiedHeader {
    /// The index after its last line.
    let end: Int
    /// Whether its date has a time of day.
    let hasTime: Bool

    /// Nil if no header starts at that line. Below a ruled line fewer fields will do.
    init?(at start: Int, in lines: [Line], isRuled: Bool) {
        guard let first = Self.field(lines[start].text), !first.fields.isDisjoint(with: .required) else { return nil }
        var found: [Int: QuotationPhrases.Fields] = [:]
        var (hasAddress, hasTime) = (false, false)
        var (last, others) = (start, 0)
        for index in start..<min(start + Self.length, lines.count) {
            guard !lines[index].isQuoted else { break }
            if let field = Self.field(lines[index].text) {
                for meaning in field.meanings { found[meaning.language, default: []].insert(meaning.field) }
                hasAddress = hasAddress || Self.hasAddress(field.value)
                if field.fields.contains(.date) { hasTime = hasTime || WrittenDate(field.value.prefix(200)).hasTime }
                (last, others) = (index, 0)
            } else {
                // A field's continuation, an unknown field, or a blank line between paragraphs.
                others += 1
                if others > 2 { break }
            }
        }
        let isHeader = found.values.contains { fields in
            let required = fields.intersection(.required)
            guard required.contains(.from), hasAddress || hasTime && required.contains(.subject) else { return false }
            return required.rawValue.nonzeroBitCount >= (isRuled ? 2 : 3)
        }
        guard isHeader else { return nil }
        // The last field's continuation.
        var end = last + 1
        while end < lines.count, end < start + Self.length, !lines[end].isBlank, !lines[end].isQuoted { end += 1 }
        self.end = end
        self.hasTime = hasTime
    }

    /// Where a header ends whose labels are of no known language, below the rule that Outlook draws; nil without one.
    static func endByShape(from start: Int, in lines: [Line]) -> Int? {
        let header = lines[start..<min(start + 8, lines.count)].prefix { line in
            !line.isQuoted
                && split(line.text).map { $0.label.utf8.count <= 60 && Wording.words($0.label).count <= 3 } == true
        }
        let values = header.compactMap { split($0.text)?.value.prefix(200) }
        let dates = values.map { WrittenDate($0) }
        guard values.count >= 3, values.contains(where: hasAddress), dates.contains(where: { $0.hasDay && $0.hasTime })
        else {
            return nil
        }
        return header.endIndex
    }

    /// Where the header below a separator ends that has no colons, as eM Client writes it; nil if there is none.
    static func endWithoutColons(from start: Int, in lines: [Line]) -> Int? {
        let header = lines[start..<min(start + length, lines.count)].prefix { line in
            guard !line.isQuoted, line.text.utf8.count <= 1_000 else { return false }
            let word = line.text.utf8.prefix(labelLength).firstIndex(of: space).map { line.text[..<$0] }
            return word.map { QuotationPhrases.all.labels[Wording.normalized($0)] != nil } ?? false
        }
        return header.count >= 3 ? header.endIndex : nil
    }

    /// Whether a header may begin with the line.
    static func isField(_ line: String) -> Bool { field(line).map { !$0.fields.isDisjoint(with: .required) } ?? false }

    private struct Field {
        let meanings: [QuotationPhrases.Meaning]
        /// What the label means in any language.
        let fields: QuotationPhrases.Fields
        let value: Substring
    }

    /// The line as label and value; nil if the label is not known.
    private static func field(_ line: String) -> Field? {
        guard let (label, value) = split(line) else { return nil }
        let phrases = QuotationPhrases.all
        let name = Wording.normalized(label)
        if let meanings = phrases.labels[name] {
            return Field(
                meanings: meanings, fields: meanings.reduce(into: []) { $0.formUnion($1.field) }, value: value)
        }
        return phrases.commonLabels[name].map { Field(meanings: [], fields: $0, value: value) }
    }

    /// At the first colon: of ASCII, full-width, or Armenian. NetEase has a table instead: `| 发件人 | Rita |`.
    private static func split(_ line: String) -> (label: Substring, value: Substring)? {
        var start = line.utf8.startIndex
        while start < line.utf8.endIndex, " \t|>".utf8.contains(line.utf8[start]) {
            start = line.utf8.index(after: start)
        }
        let head = line[start...].utf8.prefix(labelLength)
        guard let first = head.first(where: { $0 != UInt8(ascii: "*") && $0 != space }),
            !(first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9"))
        else { return nil }
        for position in head.indices {
            switch head[position] {
            case UInt8(ascii: ":"): return (line[start..<position], line[line.utf8.index(after: position)...])
            case UInt8(ascii: "|") where position > start:
                return (line[start..<position], line[line.utf8.index(after: position)...])
            case 0xef where line.utf8[position...].starts(with: "：".utf8):
                return (line[start..<position], line[line.utf8.index(position, offsetBy: 3)...])
            case 0xd5 where line.utf8[position...].starts(with: "՝".utf8):
                return (line[start..<position], line[line.utf8.index(position, offsetBy: 2)...])
            default: break
            }
        }
        return nil
    }

    private static func hasAddress(_ value: Substring) -> Bool {
        value.utf8.prefix(1_000).contains(UInt8(ascii: "@"))
    }

    /// Bytes of a label.
    private static let labelLength = 80
    /// Lines; recipients may take up several.
    private static let length = 16
}
