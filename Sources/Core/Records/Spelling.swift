/// Which of the words that are known a mistyped one most likely stands for.
public enum Spelling {
    /// The closest by edit distance, in the order given, whatever the case; none if that is more than a third of the
    /// word. Of a word that is too short to say, those that begin with it.
    public static func closest(to word: String, among known: some Sequence<String>) -> [String] {
        let wanted = Array(word.lowercased().unicodeScalars.prefix(lengthLimit))
        guard !wanted.isEmpty else { return [] }
        let distances = known.map { name in
            (name: name, distance: editDistance(wanted, Array(name.lowercased().unicodeScalars.prefix(lengthLimit))))
        }
        if let least = distances.map(\.distance).min(), least <= max(1, wanted.count / 3), least < wanted.count {
            return distances.filter { $0.distance == least }.map(\.name)
        }
        return wanted.count < 3
            ? [] : distances.map(\.name).filter { $0.lowercased().unicodeScalars.starts(with: wanted) }
    }

    /// `'a'`, `'a' or 'b'`, `'a', 'b' or 'c'`.
    public static func alternatives(_ words: [String]) -> String {
        let quoted = words.map { "'\($0)'" }
        return quoted.count < 2
            ? quoted.joined() : quoted.dropLast().joined(separator: ", ") + " or " + quoted.last!
    }

    /// Bounds the work on what somebody pasted.
    private static let lengthLimit = 60

    /// Insertions, deletions, replacements, and exchanges of neighbours (optimal string alignment).
    private static func editDistance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for row in one.indices {
            var current = [row + 1]
            for column in other.indices {
                let isSame = one[row] == other[column]
                var distance = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    distance = min(distance, beforeLast[column - 1] + 1)
                }
                current.append(distance)
            }
            (beforeLast, last) = (last, current)
        }
        return last[other.count]
    }
}
