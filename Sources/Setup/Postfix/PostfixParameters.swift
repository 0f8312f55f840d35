/// Postfix's main.cf, by postconf(1).
struct PostfixParameters {
    let machine: any Machine

    /// What main.cf says, by name.
    var explicit: [String: String] { pairs(["postconf", "-n"]) }

    /// Every parameter with its value, unexpanded, from main.cf or by default.
    var all: [String: String] { pairs(["postconf"]) }

    /// The value of a parameter, expanded; nil if it is empty or there is no Postfix.
    func expanded(_ name: String) -> String? {
        machine.answer(["postconf", "-xh", name]).flatMap { $0.isEmpty ? nil : $0 }
    }

    private func pairs(_ command: [String]) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in (machine.answer(command) ?? "").split(separator: "\n") {
            guard let equals = line.range(of: " =") else { continue }
            pairs[String(line[..<equals.lowerBound])] = String(line[equals.upperBound...]).trimmed
        }
        return pairs
    }
}
