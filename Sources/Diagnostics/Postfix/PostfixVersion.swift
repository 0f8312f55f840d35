/// Postfix's version: `3.7.11`, `3.11-20251208`.
struct PostfixVersion {
    let numbers: [Int]

    /// Nil if the text begins with no number.
    init?(_ text: String) {
        numbers = text.split { !$0.isNumber }.prefix(3).compactMap { Int($0) }
        guard !numbers.isEmpty else { return nil }
    }

    /// Whether the action `shutdown` exists: 3.11, 3.10.8, 3.9.9, 3.8.15, 3.7.20 and later (postconf(5)).
    var knowsShutdown: Bool {
        let added = [10: 8, 9: 9, 8: 15, 7: 20]
        guard numbers.count > 1, numbers[0] == 3 else { return numbers[0] > 3 }
        guard let patch = added[numbers[1]] else { return numbers[1] > 10 }
        return numbers.count > 2 && numbers[2] >= patch
    }
}
