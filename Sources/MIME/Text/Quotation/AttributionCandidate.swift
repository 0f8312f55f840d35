/// One to four lines that may be an attribution.
struct AttributionCandidate {
    /// As written.
    let text: String
    let isOneLine: Bool
    /// As written, without punctuation.
    private let names: [Substring]
    /// In lower case.
    let words: [Substring]
    let date: WrittenDate
    let endsInColon: Bool
    let hasAddress: Bool
    private let verb: Range<Int>?

    init(_ text: String, isOneLine: Bool) {
        self.text = text
        self.isOneLine = isOneLine
        let visible = Wording.visible(text)
        names = Wording.words(visible)
        words = names.map { $0.lowercased()[...] }
        date = WrittenDate(visible)
        endsInColon = Attribution.endsInColon(text)
        hasAddress = text.utf8.contains(UInt8(ascii: "@"))
        verb = Attribution.verb(in: words, of: visible.lowercased())
    }

    var hasVerb: Bool { verb != nil }
    var endsInVerb: Bool { verb?.upperBound == words.count }

    /// `<rita@acme.example>`, `[mailto:…]`, `(…)`.
    var hasBracketedAddress: Bool { openBracket != nil }

    private var openBracket: String.Index? {
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")),
            let open = text.utf8[..<at].lastIndex(where: { "<([ ".utf8.contains($0) }), text.utf8[open] != space,
            text.utf8[at...].contains(where: { ">)]".utf8.contains($0) })
        else { return nil }
        return open
    }

    /// `… <rita@acme.example>:`, `… rita@acme.example:`
    var endsInAddress: Bool {
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return false }
        return !text[at...].trimming { $0 == space || $0 == UInt8(ascii: ":") }.utf8.contains(space)
    }

    /// What an attribution begins with, the surer the greater.
    enum Beginning: Int, Comparable {
        case unknown, name, date, opener

        static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    var beginning: Beginning {
        if date.hasNumber, let first = words.first, let openers = QuotationPhrases.all.openers[first] {
            let start = words.prefix(4).joined(separator: " ")
            if date.wordsBefore <= 5, openers.contains(where: { start == $0 || start.hasPrefix($0 + " ") }) {
                return .opener
            }
        }
        if date.hasNumber, date.wordsBefore <= 2 { return .date }
        return startsWithName ? .name : .unknown
    }

    /// Begins like an attribution, or has little more than a name in front of the address.
    var isShapedLikeOne: Bool {
        if beginning > .unknown || verb?.lowerBound == 0 { return true }
        return openBracket.map { Wording.words(text[..<$0]).count <= 3 } ?? false
    }

    /// Whether the words up to the address or the verb are names: `Rita Noor <…> schrieb am …`.
    private var startsWithName: Bool {
        if let openBracket {
            let count = Wording.words(text[..<openBracket]).count
            return count <= 6 && areNames(0..<count)
        }
        return verb.map { (2...6).contains($0.lowerBound) && areNames(0..<$0.lowerBound) } ?? false
    }

    /// Whether somebody's name stands beside the verb, and the date before both: "On Thursday I wrote that 10:00 …" is
    /// a writer's own sentence.
    var isNamed: Bool {
        guard let verb, let last = names.indices.last else { return false }
        if beginning == .name { return true }
        guard date.wordsBefore < verb.lowerBound else { return false }
        if verb.upperBound <= last { return areNames(verb.upperBound..<verb.upperBound + 1) }
        // Endings of cases stand apart: `Rita Noor-(e)k idatzi du:`.
        guard let before = names[..<verb.lowerBound].lastIndex(where: { $0.unicodeScalars.count > 1 }) else {
            return false
        }
        return areNames(before..<before + 1) || isNickname(names[before])
    }

    /// A name in lower case, between a date with a time and the verb: `On 23.11.2026, at 09:00, rita wrote:`.
    private func isNickname(_ name: Substring) -> Bool {
        guard beginning == .opener, date.hasDay, date.hasTime else { return false }
        return text.utf8.lastIndex(of: UInt8(ascii: ",")).map { comma in
            Wording.words(text[comma...]).first == name
        } ?? false
    }

    /// `Rita Noor wrote:`, and nothing besides. With less of a name, writers quote themselves: "As I wrote:".
    var isNameAndVerb: Bool {
        guard let verb, isOneLine, verb.upperBound == words.count, (2...5).contains(verb.lowerBound) else {
            return false
        }
        return areNames(0..<verb.lowerBound)
    }

    private func areNames(_ range: Range<Int>) -> Bool {
        !range.isEmpty && range.upperBound <= names.count
            && names[range].allSatisfy { word in
                word.unicodeScalars.count >= 2 && word.unicodeScalars.first?.properties.isLowercase == false
            }
    }
}
