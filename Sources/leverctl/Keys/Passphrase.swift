import Glibc

/// Passphrases from the environment and from the terminal.
enum Passphrase {
    static func environment() -> [UInt8]? {
        getenv("LEVER_PASSPHRASE").map { Array(String(cString: $0).utf8) }
    }

    /// Asks on the terminal, without echo, even if standard input and output are redirected. Control-C throws after the
    /// terminal is restored.
    static func ask(_ prompt: String) throws -> [UInt8] {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        var shown = termios()
        guard terminal >= 0, tcgetattr(terminal, &shown) == 0 else {
            throw CommandError("no terminal to ask for the passphrase; give --passphrase-file or LEVER_PASSPHRASE")
        }
        defer { close(terminal) }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO | ISIG)
        guard tcsetattr(terminal, TCSAFLUSH, &hidden) == 0 else {
            throw CommandError("cannot hide the passphrase on this terminal: \(CommandError.system())")
        }
        defer { tcsetattr(terminal, TCSAFLUSH, &shown) }

        write(terminal, prompt, prompt.utf8.count)
        defer { write(terminal, "\n", 1) }
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
            guard byte != interrupt else { throw CommandError("interrupted") }
            line.append(byte)
        }
        return line
    }

    /// Control-C.
    private static let interrupt: UInt8 = 3
}
