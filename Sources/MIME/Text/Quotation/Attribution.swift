/// The lines that mail programs put before a quotation: "On Mon, 23 Nov 2026 at 09:00, Rita Noor <…> wrote:".
///
/// Directly above lines that are marked as quoted, an address in brackets and a date are enough, in any language, or a
/// verb of writing (`QuotationPhrases`) and either of them. Where no mark follows, all of them are needed. Nothing that
/// begins as a writer's own sentence counts.
enum Attribution {
    /// The first line of the attribution whose last line is `last`; nil if that line does not end one. A marked line
    /// follows it.
    static func start(endingAt last: Int, in lines: [Line]) -> Int? {
        if OriginalSeparator.isRuled(lines[last].text) { return last }
        return start(endingAt: last, in: lines, isAttribution: isAboveMarks)
    }

    /// The first line of the attribution whose last line is `last`, where an original without marks follows.
    static func startAboveUnmarked(endingAt last: Int, in lines: [Line]) -> Int? {
        guard lines[max(0, last - lineLimit + 1)...last].contains(where: { $0.text.utf8.contains(UInt8(ascii: "@")) })
        else { return nil }
        return start(endingAt: last, in: lines, isAttribution: isAboveUnmarked)
    }

    /// Whether the line may be the last one of an attribution, at a glance.
    static func mayEnd(_ line: String) -> Bool {
        line.utf8.count <= lengthLimit
            && (endsInColon(line) || line.utf8.contains(UInt8(ascii: "@")) && line.utf8.contains(UInt8(ascii: "<")))
    }

    /// Whether the line, which begins with `>`, is the end of an attribution that Gmail broke there:
    /// `… Rita Noor <rita@acme.example` and `> wrote:`.
    static func isBroken(_ line: String, after previous: String) -> Bool {
        guard line.utf8.count <= 60, previous.utf8.count <= lengthLimit, endsInColon(line),
            let open = previous.utf8.lastIndex(of: UInt8(ascii: "<"))
        else { return false }
        let address = previous.utf8[open...]
        return address.contains(UInt8(ascii: "@")) && !address.contains(quoteMark)
    }

    /// Whether a verb of writing is in the text, which is normalized.
    static func hasVerb(_ text: String) -> Bool { verb(in: Wording.words(text), of: text) != nil }

    /// Tries the last line, then more: programs wrap the attribution at about 72 columns.
    private static func start(endingAt last: Int, in lines: [Line], isAttribution: (AttributionCandidate) -> Bool)
        -> Int?
    {
        var joined = ""
        var best: (first: Int, beginning: AttributionCandidate.Beginning)?
        for first in stride(from: last, through: max(0, last - lineLimit + 1), by: -1) {
            let line = lines[first]
            guard line.text.utf8.count <= lengthLimit, !line.isQuoted, !line.isBlank else { break }
            if first < last, endsParagraph(line.text) { break }
            let isOpen = line.text.utf8.last.map { "<([".utf8.contains($0) } ?? false
            joined = joined.isEmpty ? line.text : line.text + (isOpen ? "" : " ") + joined
            let isParagraph = first == 0 || lines[first - 1].isBlank || lines[first - 1].isQuoted
            let candidate = AttributionCandidate(joined, isOneLine: first == last)
            if isAttribution(candidate) {
                let beginning = candidate.beginning
                if best.map({ beginning > $0.beginning || isParagraph && $0.beginning == .unknown }) != false {
                    best = (first, beginning)
                }
            }
            if isParagraph || best?.beginning == .opener { break }
        }
        return best?.first
    }

    /// Whether the writer's own text ends with this line.
    private static func endsParagraph(_ line: String) -> Bool {
        guard let end = line.utf8.last(where: { $0 != space }) else { return true }
        return ":!?".utf8.contains(end)
            || end == UInt8(ascii: ".") && !line.utf8.contains { $0 >= 0x30 && $0 <= 0x39 }
    }

    private static func isAboveMarks(_ text: AttributionCandidate) -> Bool {
        guard text.words.count <= wordLimit else { return false }
        if text.hasVerb, text.hasBracketedAddress {
            return text.isShapedLikeOne && (text.endsInColon || text.date.isDate)
        }
        guard text.endsInColon else { return false }
        if text.hasVerb {
            if text.hasAddress { return text.beginning > .unknown }
            return text.beginning > .unknown && text.date.isDate && text.isNamed || text.isNameAndVerb
        }
        // mail.ru, Yandex, Tuta, and Gmail in Russian, Japanese and others have no verb.
        guard text.date.isDate else { return false }
        return text.hasBracketedAddress && text.isShapedLikeOne || text.beginning >= .date && text.endsInAddress
    }

    private static func isAboveUnmarked(_ text: AttributionCandidate) -> Bool {
        (text.endsInColon || text.beginning == .opener && text.endsInVerb) && text.words.count <= wordLimit
            && text.date.hasDay && text.date.hasTime
            && (text.hasVerb && text.hasBracketedAddress && text.beginning > .unknown
                || text.beginning >= .date && text.endsInAddress)
    }

    static func endsInColon(_ line: String) -> Bool {
        guard let last = line.unicodeScalars.last(where: { !$0.properties.isWhitespace && !isInvisible($0) }) else {
            return false
        }
        return last == ":" || last == "："
    }

    /// Where the first verb is: the numbers of its words. Those of scripts without blanks are at the end.
    static func verb(in words: [Substring], of text: String) -> Range<Int>? {
        let phrases = QuotationPhrases.all
        for (index, word) in words.enumerated() {
            guard let candidates = phrases.verbs[word] else { continue }
            for verb in candidates where words[index...].starts(with: verb) { return index..<index + verb.count }
        }
        let end = text.trimming { ": -".utf8.contains($0) }
        let ending = end.hasSuffix("：") ? end.dropLast() : end
        return phrases.endings.contains(where: ending.hasSuffix) ? words.count..<words.count : nil
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x200b && scalar.value <= 0x2069 && (scalar.properties.generalCategory == .format)
    }

    /// Bytes; an attribution with two names and two addresses is shorter.
    private static let lengthLimit = 400
    private static let lineLimit = 4
    private static let wordLimit = 40
}
