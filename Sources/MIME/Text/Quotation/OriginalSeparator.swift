/// The line that mail programs set between what was written and the original.
enum OriginalSeparator {
    /// Whether the line is `-----Original Message-----`, `Begin forwarded message:`, or a translation of them.
    static func isBeginning(_ line: String) -> Bool {
        let bytes = line.utf8
        guard let first = bytes.first(where: { $0 != space && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "*") }),
            bytes.count <= 10 * lengthLimit
        else { return false }
        let phrases = QuotationPhrases.all
        if isRule(first) {
            if let words = ruledWords(line) { return isSeparator(words, in: line) || isNotesAttribution(line) }
            return isSeparatorAndHeader(line)
        }
        guard bytes.count <= 120, bytes.reversed().prefix(8).contains(where: { $0 == UInt8(ascii: ":") || $0 == 0x9a })
        else { return false }
        let text = Wording.normalized(line)
        guard text.hasSuffix(":") || text.hasSuffix("：") else { return false }
        return phrases.beginnings.contains(Wording.normalized(text.dropLast()))
    }

    /// Whether the line is a ruled one that says that the original ends.
    static func isEnd(_ line: String) -> Bool {
        guard line.utf8.first == UInt8(ascii: "-"), line.utf8.count <= lengthLimit, let words = ruledWords(line) else {
            return false
        }
        return QuotationPhrases.all.ends.contains(words)
    }

    /// Outlook's rule above the header of the original.
    static let outlooks = String(repeating: "_", count: 32)

    static func isOutlooks(_ line: String) -> Bool {
        line.utf8.count <= 40 && line.trimming { $0 == space } == outlooks
    }

    /// Whether the line is ruled from end to end.
    static func isRuled(_ line: String) -> Bool {
        var length = 0
        for byte in line.utf8 {
            if "_-=*".utf8.contains(byte) { length += 1 } else if byte != space { return false }
        }
        return length >= 5
    }

    /// Whether the line is words between rules, whatever they say: `---- 回复的原邮件 ----`.
    static func isRuledText(_ line: String) -> Bool {
        line.utf8.count <= lengthLimit && ruledWords(line) != nil
    }

    /// The words of a line that begins and ends in a rule of two or more characters.
    private static func ruledWords(_ line: String) -> String? {
        let text = Wording.normalized(line)
        guard text.utf8.prefix(2).count(where: isRule) == 2, text.utf8.suffix(2).count(where: isRule) == 2 else {
            return nil
        }
        let words = Wording.words(text)
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// Yahoo, in plain text: `----- Forwarded Message ----- From: Rita Noor <…>To: …Sent: …`.
    private static func isSeparatorAndHeader(_ line: String) -> Bool {
        let rest = line.trimming { $0 == space }.utf8.drop(while: isRule)
        guard let rule = rest.prefix(100).firstIndex(where: isRule), rest[rule...].prefix(3).allSatisfy(isRule) else {
            return false
        }
        let words = Wording.words(Wording.normalized(Substring(rest[..<rule]))).joined(separator: " ")
        return QuotationPhrases.all.separators.contains(words)
            && CopiedHeader.isField(String(Substring(rest[rule...].drop(while: isRule))))
    }

    /// mutt: `----- Forwarded message from Rita Noor <…> -----`. Notes: `----- Forwarded by Rita Noor on 23.11.2026
    /// -----`.
    private static func isSeparator(_ words: String, in line: String) -> Bool {
        let separators = QuotationPhrases.all.separators
        if separators.contains(words) { return true }
        guard line.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 >= 0x30 && $0 <= 0x39 }) else { return false }
        let parts = words.split(separator: " ")
        return (2...4).contains { separators.contains(parts.prefix($0).joined(separator: " ")) }
    }

    /// Notes: `-----Rita Noor wrote: -----`. Zoho: `---- On Mon, 23 Nov 2026 09:00:00 +0100 Rita <…> wrote ----`.
    private static func isNotesAttribution(_ line: String) -> Bool {
        let text = line.trimming { "-_ ".utf8.contains($0) }
        return Attribution.hasVerb(Wording.normalized(text))
            && (text.utf8.last == UInt8(ascii: ":") || text.utf8.contains(UInt8(ascii: "@")))
    }

    private static func isRule(_ byte: UInt8) -> Bool { "-_=".utf8.contains(byte) }

    /// Bytes.
    private static let lengthLimit = 300
}

extension StringProtocol where UTF8View: BidirectionalCollection {
    /// Without the bytes that match at both ends; they must be ASCII.
    func trimming(_ isTrimmed: (UInt8) -> Bool) -> SubSequence {
        guard let start = utf8.firstIndex(where: { !isTrimmed($0) }),
            let end = utf8.lastIndex(where: { !isTrimmed($0) })
        else { return self[endIndex...] }
        return self[start...end]
    }
}
