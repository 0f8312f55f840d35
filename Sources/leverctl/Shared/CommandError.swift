import Glibc

/// Why a command failed: one line that says what to do.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// What errno says.
    static func system() -> String { String(cString: strerror(errno)) }
}
