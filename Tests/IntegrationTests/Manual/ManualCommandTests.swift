import Foundation
import TestSupport
import Testing

/// The manual's commands against the programs': finds a name that was changed in only one of them.
@Suite struct ManualCommandTests {
    /// A command as the program itself describes it (`--experimental-dump-help`).
    private struct Description: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                let name: String
            }
            let names: [Name]?
        }
        let commandName: String
        let arguments: [Argument]?
        private let subcommands: [Description]?

        /// None of a program whose only command is `help`.
        var commands: [Description]? { subcommands.flatMap { $0.map(\.commandName) == ["help"] ? nil : $0 } }
        var options: Set<String> { Set((arguments ?? []).flatMap { $0.names ?? [] }.map(\.name)) }
        /// The full names of the commands without subcommands.
        var leaves: [String] {
            guard let commands else { return [commandName] }
            return commands.flatMap { command in command.leaves.map { "\(commandName) \($0)" } }
        }
    }

    private static func description(of program: String) throws -> Description {
        struct Dump: Decodable {
            let command: Description
        }
        let dump = try Command.check([Products.path(program), "--experimental-dump-help"])
        return try JSONDecoder().decode(Dump.self, from: Data(dump.utf8)).command
    }

    /// The arguments of each mention of a program in a piece of code, up to the end of that command.
    private func commands(of program: String, in code: String) -> [[String]] {
        var commands: [[String]] = []
        var open = false
        var previous: Substring = ""
        for part in code.split(whereSeparator: \.isWhitespace) {
            let word = part.trimmingCharacters(in: CharacterSet(charactersIn: "'\"`([{$"))
            // A container's name is no program, nor is a volume's place.
            if previous != "--name", !word.contains(":"), word == program || word.hasSuffix("/\(program)") {
                commands.append([])
                open = true
            } else if ["|", "||", "&&", ";", ">", ">>", "<", "&", "\\|"].contains(part) {
                open = part == "\\|" && open  // an alternative, in a table
            } else if part.hasPrefix("#") || part.hasPrefix("2>") {
                open = false
            } else if open {
                commands[commands.count - 1].append(
                    word.trimmingCharacters(in: CharacterSet(charactersIn: "'\"`()[]{}…,.;:\\")))
                if part.hasSuffix(";") || part.hasSuffix("`") || part.hasSuffix("'") && !part.hasPrefix("'") {
                    open = false
                }
            }
            previous = part
        }
        return commands
    }

    /// What the program finds wrong with a command.
    private func fault(in words: [String], of command: Description) -> String? {
        var command = command
        var words = words[...]
        while let subcommands = command.commands, let word = words.first, !word.isEmpty, !word.hasPrefix("-"),
            word.allSatisfy({ $0.isLowercase || $0 == "-" || $0 == "|" })
        {
            let names = word.split(separator: "|").map(String.init)
            for name in names where !subcommands.contains(where: { $0.commandName == name }) {
                return "\(command.commandName) has no '\(name)'"
            }
            command = subcommands.first { $0.commandName == names[0] }!
            words = words.dropFirst()
        }
        for word in words where word.hasPrefix("--") && word.count > 2 {
            for option in word.dropFirst(2).prefix(while: { $0 != "=" }).split(separator: "|") {
                let option = option.drop { $0 == "-" }
                if !command.options.contains(String(option)), option != "help", option != "version" {
                    return "\(command.commandName) has no '--\(option)'"
                }
            }
        }
        return nil
    }

    @Test(arguments: ManualPage.all)
    func `every command line in the manual uses commands and options that exist`(_ page: ManualPage) throws {
        for program in ["leverctl", "lever-milter"] {
            let description = try Self.description(of: program)
            for code in page.code {
                for words in commands(of: program, in: code) {
                    #expect(fault(in: words, of: description) == nil, "\(code)")
                }
            }
        }
    }

    @Test func `docs/reference/leverctl.md has a row for every command and no other`() throws {
        let description = try Self.description(of: "leverctl")
        var documented: Set<String> = []
        let leaves = Set(description.leaves).subtracting(["leverctl help"])
        for line in try ManualPage("docs/reference/leverctl.md").lines where line.text.hasPrefix("| `") {
            let row = String(line.text.dropFirst(3).prefix { $0 != "`" })
            let words = commands(of: "leverctl", in: "leverctl " + row)[0]
            let path = words.prefix {
                !$0.isEmpty && $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("-")
            }
            // The table of roles names commands in its last column, and roles in its first.
            guard let name = leaves.first(where: { (["leverctl"] + path).joined(separator: " ") == $0 }) else {
                #expect(row.hasPrefix("lever_"), "\(row)")
                continue
            }
            documented.insert(name)
            #expect(fault(in: words, of: description) == nil, "\(row)")
        }
        #expect(leaves.subtracting(documented) == [])
    }
}
