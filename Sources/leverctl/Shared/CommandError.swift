import Glibc

/// Why a command failed, in one line that says what to do. It may quote input: the line is made printable when shown.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The text of errno.
    static func system() -> String { String(cString: strerror(errno)) }
}
