import Core

/// Where a command shows its text: a terminal, a pager on one, or a file or pipe that takes plain lines.
struct Screen {
    /// The terminal's width. Nil if there is none: then lines stay as long as they are.
    let columns: Int?
    let style: Style
    let clock: ReaderClock

    /// For a few lines about what was done: no pager, no colours, the reader's own clock.
    static let plain = Screen(columns: nil, style: Style(isOn: false), clock: .local)

    /// A time, on the reader's clock.
    func text(_ time: Timestamp) -> String { clock.text(time) }

    /// Prints rows in aligned columns under their titles, with control characters escaped.
    func printTable(_ titles: [String], _ rows: [[String]]) {
        let lines = tableText(titles, rows).split(separator: "\n", omittingEmptySubsequences: false)
        print(style(String(lines[0]), .title))
        for line in lines.dropFirst() { print(line) }
    }
}
