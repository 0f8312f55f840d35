/// Why a passphrase is not good enough for a new key. A private key's file can be copied and guessed at without limit, so
/// the bar is that of a secret that stands alone.
///
/// The rules are those of NIST SP 800-63B-4, section 3.1.1.2, for passwords: a minimum length, a list of what is known,
/// and words that belong to the place; none about kinds of characters. Repetition and sequences count as known.
public enum PassphraseWeakness: Error, Hashable, CustomStringConvertible, Sendable {
    /// Characters.
    case short(Int)
    /// Little is left without what is tried first.
    case guessable

    /// Characters, at least.
    public static let minimumLength = 15
    /// Characters that must be left without well-known words, words of the place, repetitions and sequences.
    private static let minimumRest = 8
    /// Characters beside a well-known sentence that do not make it another: a year, a sign at its end.
    private static let maximumAddition = 4

    /// Nil if the passphrase is good enough. `context` are words that an attacker tries: the company's name, the file's.
    public static func find(in passphrase: [UInt8], context: [String]) -> PassphraseWeakness? {
        let text = String(decoding: passphrase, as: UTF8.self)
        guard text.count >= minimumLength else { return .short(text.count) }
        var rest = folded(text)
        for phrase in known(context) where phrase.text.count >= 3 {
            let left = rest.replacing(phrase.text, with: [])
            guard phrase.isSentence else {
                rest = left
                continue
            }
            if left.count < rest.count, left.count <= maximumAddition { return .guessable }
        }
        return novelty(of: rest) < minimumRest ? .guessable : nil
    }

    public var description: String {
        let advice = "five or more words that have nothing to do with each other are good, and easy to type"
        return switch self {
        case .short(let count):
            "the passphrase has \(count) character\(count == 1 ? "" : "s"), but whoever copies the file can guess without "
                + "limit: take \(Self.minimumLength) or more; \(advice)"
        case .guessable:
            "the passphrase is mostly what is tried first: well-known phrases, names of the company or the file, "
                + "repetitions or sequences; \(advice)"
        }
    }

    /// Letters and digits in lower case, with digits and signs that stand for letters as letters.
    private static func folded(_ text: String) -> [Character] {
        text.lowercased().compactMap { substitutes[$0] ?? ($0.isLetter || $0.isNumber ? $0 : nil) }
    }

    private static let substitutes: [Character: Character] = [
        "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i",
    ]

    /// The longest first, since shorter ones are parts of them.
    private static func known(_ context: [String]) -> [(text: [Character], isSentence: Bool)] {
        let words = context + context.flatMap { $0.split { !$0.isLetter && !$0.isNumber }.map(String.init) }
        let common = String(decoding: PackageResources.common_txt, as: UTF8.self).split(separator: "\n").map(String.init)
        let sentences = common.filter { $0.contains(" ") }.map { (text: folded($0), isSentence: true) }
        let single = (common.filter { !$0.contains(" ") } + words + ["leverctl", "levermilter", "lever"])
            .map { (text: folded($0), isSentence: false) }
        return (sentences + single).sorted { $0.text.count > $1.text.count }
    }

    /// Characters that neither repeat a unit nor continue a run on the keyboard or in the alphabet.
    private static func novelty(of text: [Character]) -> Int {
        let unit = Array(text.prefix(period(of: text)))
        var count = 0
        var last: Step?
        for (index, character) in unit.enumerated() {
            let step = index > 0 ? Step(from: unit[index - 1], to: character) : nil
            if step == nil || step != last { count += 1 }
            last = step
        }
        return min(count, Set(unit).count * 2)
    }

    /// The length of the shortest beginning that, repeated, is the whole text.
    private static func period(of text: [Character]) -> Int {
        (1..<max(2, text.count)).first { length in
            text.indices.dropFirst(length).allSatisfy { text[$0] == text[$0 - length] }
        } ?? text.count
    }

    /// From one character to a neighbour of it.
    private struct Step: Equatable {
        let row: Int
        let distance: Int

        private static let rows = ["qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "i2eas6t89o"]
            .map(Array.init)

        init?(from first: Character, to second: Character) {
            if let one = first.unicodeScalars.first?.value, let other = second.unicodeScalars.first?.value,
                abs(Int(other) - Int(one)) <= 1
            {
                (row, distance) = (-1, Int(other) - Int(one))
                return
            }
            for (number, row) in Self.rows.enumerated() {
                guard let place = row.firstIndex(of: first), let next = row.firstIndex(of: second),
                    abs(next - place) == 1
                else { continue }
                (self.row, distance) = (number, next - place)
                return
            }
            return nil
        }
    }
}
