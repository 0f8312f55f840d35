/// The few colours of leverctl's text. Each says what words beside it say too.
struct Style {
    enum Meaning: String {
        case title = "1"
        case inbound = "1;36"
        case outbound = "1;32"
        /// What the reader must not overlook.
        case warning = "1;31"
        /// What matters less.
        case faint = "2"
    }

    let isOn: Bool

    /// The text in the colour of its meaning. It is escaped first, so that none of it acts on the terminal; each line
    /// is coloured by itself, as pagers show lines.
    func callAsFunction(_ text: String, _ meaning: Meaning) -> String {
        let text = text.printable(keepingLines: true)
        guard isOn else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "\u{1b}[\(meaning.rawValue)m\($0)\u{1b}[0m" }.joined(separator: "\n")
    }
}
