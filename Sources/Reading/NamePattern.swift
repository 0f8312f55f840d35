import Foundation

/// Part of a name, as somebody types it to find a person: words in any order and case. Letters match without their
/// marks (`muller` finds Müller), and so do the spellings that stand in for them (`mueller`).
public struct NamePattern: Hashable, Sendable {
    /// How far a name fits. A whole word is better than a part of one.
    public enum Fit: Int, Comparable, Sendable {
        case part, words

        public static func < (one: Fit, other: Fit) -> Bool { one.rawValue < other.rawValue }
    }

    private let words: [String]

    /// Nil for a text without a letter or digit.
    public init?(_ text: some StringProtocol) {
        words = Self.words(Self.folded(String(text)))
        if words.isEmpty { return nil }
    }

    /// Nil unless every word of the pattern is in the name.
    public func fit(_ name: String) -> Fit? {
        let folded = Self.folded(name)
        let spelt = Self.folded(Self.spelt(name))
        guard words.allSatisfy({ folded.contains($0) || spelt.contains($0) }) else { return nil }
        let whole = Set(Self.words(folded) + Self.words(spelt))
        return words.allSatisfy(whole.contains) ? .words : .part
    }

    private static func words(_ text: String) -> [String] {
        text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// In lower case, in compatibility form (NFKD), without the marks that Latin, Greek and Cyrillic letters carry.
    private static func folded(_ text: String) -> String {
        var folded = String.UnicodeScalarView()
        for scalar in text.lowercased().decomposedStringWithCompatibilityMapping.unicodeScalars
        where !(0x300...0x36f).contains(scalar.value) {
            folded.append(contentsOf: (undecomposed[scalar] ?? String(scalar)).unicodeScalars)
        }
        return String(folded)
    }

    /// Letters with a stroke or of two letters, which have no decomposition.
    private static let undecomposed: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i",
        "ς": "σ", "ŋ": "n", "ŧ": "t",
    ]

    /// With the two letters that are written for one where the keyboard has no other.
    private static func spelt(_ name: String) -> String {
        name.lowercased().precomposedStringWithCanonicalMapping.map { spellings[$0] ?? String($0) }.joined()
    }

    private static let spellings: [Character: String] = [
        "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "ñ": "ny", "ð": "dh",
    ]
}
