import ArgumentParser
import Core

/// A command line that fails before its command is known: a word that is no command, or an option before the command.
enum MistypedCommand: Equatable {
    /// No command has these words, of which the last is wrong. `likely` are whole commands.
    case unknown(words: [String], likely: [String])
    /// An option that precedes the command's name.
    case optionFirst(String)

    /// Nil if the line names a command, or ends before it does.
    init?(_ arguments: [String], of root: any ParsableCommand.Type) {
        var words = [root._commandName]
        var command = root
        // `leverctl help timeline` is `leverctl timeline --help`.
        for argument in arguments.first == "help" ? arguments.dropFirst() : arguments[...] {
            let commands = command.configuration.subcommands
            guard !commands.isEmpty else { return nil }
            guard !argument.hasPrefix("-") else {
                self = .optionFirst(argument)
                return
            }
            guard let next = commands.first(where: { $0._commandName == argument }) else {
                let following = arguments.drop { $0 != argument }.dropFirst().first
                self = .unknown(
                    words: words + [argument],
                    likely: Self.likely(argument, following: following, after: words, command, root))
                return
            }
            words.append(argument)
            command = next
        }
        return nil
    }

    /// Commands with a similar name there; else those that have the name elsewhere, or both words in the other order.
    private static func likely(
        _ word: String, following: String?, after words: [String], _ command: any ParsableCommand.Type,
        _ root: any ParsableCommand.Type
    ) -> [String] {
        let all = commands(below: root, [root._commandName])
        if let following {
            let exchanged = words + [following, word]
            if all.contains(exchanged) { return [exchanged.joined(separator: " ")] }
        }
        let siblings = Spelling.closest(to: word, among: command.configuration.subcommands.map { $0._commandName })
        if !siblings.isEmpty { return siblings.map { (words + [$0]).joined(separator: " ") } }
        let elsewhere = Set(Spelling.closest(to: word, among: all.map { $0.last! }))
        let found = all.filter { elsewhere.contains($0.last!) }.map { $0.joined(separator: " ") }
        // `add` is everywhere, and a list of all of them helps nobody.
        return found.count > 4 ? [] : found
    }

    /// The words of each command below one.
    private static func commands(below command: any ParsableCommand.Type, _ words: [String]) -> [[String]] {
        command.configuration.subcommands.flatMap { sub in
            [words + [sub._commandName]] + commands(below: sub, words + [sub._commandName])
        }
    }
}

extension MistypedCommand: CustomStringConvertible {
    var description: String {
        switch self {
        case .unknown(let words, let likely):
            let command = words.joined(separator: " ").printable()
            let parent = words.dropLast().joined(separator: " ")
            return "There is no command '\(command)'."
                + (likely.isEmpty ? "" : " Did you mean \(Spelling.alternatives(likely))?")
                + "\n  See '\(parent) --help' for the commands that there are."
        case .optionFirst(let option):
            return "'\(option.printable())' precedes the command; options follow it: leverctl timeline --json"
        }
    }
}
