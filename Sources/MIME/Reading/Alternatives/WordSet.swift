/// The words of a text, to tell whether two texts say the same.
///
/// Words are runs of letters and digits without regard to ASCII case; of scripts that write no spaces each pair of
/// letters is one. Addresses of links do not count. Kept as hashes: texts are compared, and a chance collision changes a
/// share by little. The work is linear.
struct WordSet {
    private var hashes: Set<UInt64> = []

    init(_ blocks: [Message.Block]) {
        for block in blocks { add(block.content) }
    }

    var isEmpty: Bool { hashes.isEmpty }

    /// How many of the words are in the other text, from 0 to 1.
    func share(in other: WordSet) -> Double {
        isEmpty ? 1 : Double(hashes.count { other.hashes.contains($0) }) / Double(hashes.count)
    }

    mutating func formUnion(_ other: WordSet) { hashes.formUnion(other.hashes) }

    private mutating func add(_ text: String) {
        for chunk in text.utf8.split(whereSeparator: { $0 <= space }) {
            if Self.isLink(chunk) { continue }
            var word: UInt64?
            var previous: Unicode.Scalar?
            for scalar in Substring(chunk).unicodeScalars {
                guard let letter = Self.letter(scalar) else {
                    end(&word)
                    previous = nil
                    continue
                }
                if Self.isUnspaced(scalar) {
                    end(&word)
                    // A single letter at the start stands for a word of one.
                    hashes.insert(Self.hash(Self.hash(seed, previous?.value ?? 0), letter))
                    previous = scalar
                } else {
                    word = Self.hash(word ?? seed, letter)
                    previous = nil
                }
            }
            end(&word)
        }
    }

    private mutating func end(_ word: inout UInt64?) {
        if let word { hashes.insert(word) }
        word = nil
    }

    private static func isLink(_ chunk: Substring.UTF8View) -> Bool {
        guard chunk.contains(UInt8(ascii: ":")) else { return false }
        let text = Substring(chunk)
        return text.contains("://") || text.hasPrefix("<mailto:") || text.hasPrefix("<tel:")
    }

    /// Nil for what is in no word.
    private static func letter(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "a"..."z", "0"..."9": scalar.value
        case "A"..."Z": scalar.value | 0x20
        case _ where scalar.isASCII: nil
        // Spaces of other scripts, what is not seen, punctuation.
        case "\u{80}"..."\u{BF}", "\u{34F}", "\u{2000}"..."\u{206F}", "\u{3000}"..."\u{303F}", "\u{FE00}"..."\u{FE0F}",
            "\u{FEFF}", "\u{FF00}"..."\u{FF0F}", "\u{FF1A}"..."\u{FF20}":
            nil
        default: scalar.value
        }
    }

    /// Thai and its neighbours, kana, ideographs.
    private static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xe00...0xeff, 0x1000...0x109f, 0x1780...0x17ff, 0x3040...0x9fff, 0xf900...0xfaff, 0x20000...0x3ffff: true
        default: false
        }
    }

    /// FNV-1a.
    private static func hash(_ hash: UInt64, _ value: UInt32) -> UInt64 { (hash ^ UInt64(value)) &* 0x100_0000_01b3 }
}

private let seed: UInt64 = 0xcbf2_9ce4_8422_2325
