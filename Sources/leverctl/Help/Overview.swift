/// What `leverctl` alone prints: where to begin, for each kind of user.
enum Overview {
    /// What somebody wants, and the command that does it.
    static let entries = [
        ("Read what a candidate wrote", "leverctl timeline --candidate NAME"),
        ("Write to a candidate", "leverctl send --candidate NAME ..."),
        ("Try it all on one machine", "leverctl setup trial"),
        ("Check this machine", "leverctl check"),
        ("Find out what became of a mail", "leverctl trace QUEUE-ID"),
        ("Add a candidate", "leverctl candidate add --name ... --email ..."),
        ("See every command", "leverctl --help"),
        ("See what a command does", "leverctl timeline --help"),
    ]

    static var text: String {
        let width = entries.map(\.0.count).max()!
        return "leverctl administers lever-milter, operates its mail hosts, and reads timelines.\n\n"
            + entries.map { "  \($0.0)\(String(repeating: " ", count: width - $0.0.count))  \($0.1)" }
            .joined(separator: "\n")
    }
}
