/// The manual page of a program, or of one of its commands and its subcommands.
struct CommandPage {
    let command: Dump.Command
    /// The words that call it: the program's name and, for a command's page, the command's.
    let path: [String]
    /// The program's other pages.
    let siblings: [String]

    private static let daemon = "lever-milter"

    static func all(of program: Dump.Command) -> [CommandPage] {
        let commands = program.ownSubcommands.map { "\(program.commandName)-\($0.commandName)" }
        return [CommandPage(command: program, path: [program.commandName], siblings: commands)]
            + program.ownSubcommands.map {
                CommandPage(command: $0, path: [program.commandName, $0.commandName], siblings: commands)
            }
    }

    private var title: String { path.joined(separator: "-") }
    private var section: String { path[0] == Self.daemon ? "8" : "1" }
    var name: String { "\(title).\(section)" }

    func text(_ edition: Edition) -> String {
        var roff = Roff(title, section: section, edition)
        roff.section("NAME")
        roff.synopsis("\(Roff.inline(title).replacing("-", with: "\\-")) \\- \(Roff.inline(summary))")
        roff.section("SYNOPSIS")
        for (words, command) in leaves() { roff.synopsis(synopsis(words, command)) }
        roff.section("DESCRIPTION")
        describe(command, &roff)
        for text in CommandText.description[title] ?? [] { roff.paragraph(text) }
        if path.count == 1, !command.ownSubcommands.isEmpty {
            roff.section("COMMANDS")
            for sub in command.ownSubcommands {
                roff.item("\(Roff.bold("\(title)-\(sub.commandName)"))(1)", [sub.abstract ?? ""])
            }
        } else if !command.ownSubcommands.isEmpty {
            roff.section("COMMANDS")
            for (words, sub) in leaves() {
                roff.subsection(words.dropFirst(path.count).joined(separator: " "))
                describe(sub, &roff)
                for argument in sub.shownArguments where !Self.isShared(argument) { describe(argument, &roff) }
            }
        }
        roff.section("OPTIONS")
        for argument in options() { describe(argument, &roff) }
        for (title, items) in CommandText.sections(of: path[0]) {
            roff.section(title)
            for item in items { roff.item(Roff.bold(item.term), [item.text]) }
        }
        roff.section("SEE ALSO")
        roff.synopsis(seeAlso.map { "\(Roff.bold($0.0))(\($0.1))" }.joined(separator: ",\n"))
        return roff.text
    }

    /// The abstract without its full stop, as a NAME line has it.
    private var summary: String {
        let abstract = command.abstract ?? ""
        return abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract
    }

    /// The commands without subcommands, with the words that call them.
    private func leaves() -> [([String], Dump.Command)] {
        func leaves(_ words: [String], _ command: Dump.Command) -> [([String], Dump.Command)] {
            command.ownSubcommands.isEmpty
                ? [(words, command)] : command.ownSubcommands.flatMap { leaves(words + [$0.commandName], $0) }
        }
        return path.count == 1 ? [(path, command)] : leaves(path, command)
    }

    private func synopsis(_ words: [String], _ command: Dump.Command) -> String {
        var parts = [Roff.bold(words.joined(separator: " "))]
        if path.count == 1, !command.ownSubcommands.isEmpty {
            return parts[0] + " \\fIcommand\\fP [\\fIoption\\fP \\&...]"
        }
        for argument in command.shownArguments where !argument.isHelp {
            var text =
                switch argument.kind {
                case .positional: Roff.italic(argument.valueName ?? "value")
                case .flag: Roff.bold(argument.preferredName?.text ?? "")
                case .option:
                    "\(Roff.bold(argument.preferredName?.text ?? "")) \(Roff.italic(argument.valueName ?? "value"))"
                }
            if argument.isOptional { text = "[\(text)]" }
            parts.append(argument.isRepeating ? "\(text) \\&...\\&" : text)
        }
        return parts.joined(separator: "\n")
    }

    /// A paragraph of command lines, which leverctl's help ends in.
    private nonisolated(unsafe) static let examples = #/Examples?:(\n {2,}\S.*)+/#

    private func describe(_ command: Dump.Command, _ roff: inout Roff) {
        roff.paragraph(command.abstract ?? "")
        for text in (command.discussion ?? "").split(separator: "\n\n") {
            guard text.wholeMatch(of: Self.examples) != nil else {
                roff.paragraph(String(text))
                continue
            }
            let lines = text.split(separator: "\n")
            roff.paragraph(String(lines[0]))
            roff.verbatim(lines.dropFirst().map { String($0.dropFirst(2)) })
        }
    }

    private func describe(_ argument: Dump.Argument, _ roff: inout Roff) {
        let value = Roff.italic(argument.valueName ?? "value")
        let names = (argument.names ?? []).map { Roff.bold($0.text) }.joined(separator: ", ")
        let term =
            switch argument.kind {
            case .positional: value
            case .flag: names
            case .option: "\(names) \(value)"
            }
        var text = argument.abstract ?? ""
        if let values = argument.allValues, !values.isEmpty {
            text += " One of \(values.map { "`\($0)`" }.joined(separator: ", "))."
        }
        if let value = argument.defaultValue, !value.isEmpty { text += " Default: `\(value)`." }
        roff.item(term, [text] + (argument.discussion.map { [$0] } ?? []))
    }

    /// Options that every command has are described once.
    private static func isShared(_ argument: Dump.Argument) -> Bool {
        argument.isHelp || ["config", "json"].contains(argument.preferredName?.name)
    }

    private func options() -> [Dump.Argument] {
        if command.ownSubcommands.isEmpty || path.count == 1 { return command.shownArguments }
        return leaves().first.map { $0.1.shownArguments.filter(Self.isShared) } ?? []
    }

    private var seeAlso: [(String, String)] {
        let others: [(String, String)] =
            path[0] == Self.daemon
            ? [("leverctl", "1")]
            : path.count == 1 ? [] : [("leverctl", "1")] + siblings.filter { $0 != title }.map { ($0, "1") }
        return others
            + (path[0] == Self.daemon
                ? [("lever-milter.yaml", "5"), ("postconf", "5")] : [("leverctl.yaml", "5"), ("lever-milter", "8")])
    }
}
