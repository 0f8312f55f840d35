import Glibc

/// The progress of a long command, on standard error if that is a terminal; otherwise nothing is written.
struct ProgressBar {
    private let total: Int
    private let isShown = isatty(STDERR_FILENO) == 1
    private var done = 0

    private static let width = 40

    init(total: Int) {
        self.total = total
        show()
    }

    mutating func advance(by count: Int) {
        done += count
        show()
    }

    /// Leaves the bar on its line.
    func finish() {
        if isShown { write("\n") }
    }

    private func show() {
        guard isShown else { return }
        let share = total == 0 ? Self.width : min(Self.width, done * Self.width / total)
        let bar = String(repeating: "#", count: share) + String(repeating: ".", count: Self.width - share)
        write("\r[\(bar)] \(done)/\(total)")
    }

    private func write(_ text: String) {
        Glibc.write(STDERR_FILENO, text, text.utf8.count)
    }
}
