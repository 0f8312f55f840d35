import Glibc
import Setup

/// Standard output, and questions where standard input is a terminal.
final class Terminal: Console {
    func say(_ text: String) {
        print(text.printable(keepingLines: true))
        fflush(nil)
    }

    func ask(_ question: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        print(question.printable(), terminator: "")
        fflush(nil)
        return readLine()
    }
}
