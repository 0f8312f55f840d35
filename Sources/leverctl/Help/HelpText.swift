/// The parser's help and error texts, made to fit a terminal of 80 columns: it leaves the synopsis in one line, however
/// long, and calls each group of commands "… subcommands".
enum HelpText {
    private static let width = 80

    static func fitted(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasSuffix(" SUBCOMMANDS:") { return "\(line.dropLast(" SUBCOMMANDS:".count)):" }
            return ["USAGE: ", "Usage: "].contains(where: line.hasPrefix) ? synopsis(line) : String(line)
        }.joined(separator: "\n")
    }

    /// Breaks before an argument, and puts the further lines below the command's name.
    private static func synopsis(_ line: Substring) -> String {
        let indentation = String(repeating: " ", count: "USAGE: ".count)
        var lines: [String] = []
        var current = ""
        for part in arguments(line.dropFirst(indentation.count)) {
            if !current.isEmpty, indentation.count + current.count + 1 + part.count > width {
                lines.append(current)
                // One step further than the command, so that it stands out.
                current = "  " + part
            } else {
                current += current.isEmpty ? part : " " + part
            }
        }
        return line.prefix(indentation.count) + (lines + [current]).joined(separator: "\n" + indentation)
    }

    /// Words of the command, and arguments with their values: `[--reason <text>]`, `--from <user>`, `<entries> ...`.
    private static func arguments(_ synopsis: Substring) -> [String] {
        var parts: [String] = []
        var depth = 0
        for word in synopsis.split(separator: " ") {
            let isValue = word.hasPrefix("<") && parts.last?.hasPrefix("-") == true
            if depth > 0 || isValue || word == "..." {
                parts[parts.count - 1] += " \(word)"
            } else {
                parts.append(String(word))
            }
            depth += word.count { $0 == "[" } - word.count { $0 == "]" }
        }
        return parts
    }
}
