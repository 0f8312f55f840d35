import ArgumentParser
import Testing

@testable import leverctl

/// A command of leverctl, and the words that call it.
struct NamedCommand: CustomTestStringConvertible {
    let words: [String]
    let type: any ParsableCommand.Type
    var testDescription: String { words.joined(separator: " ") }
    var isLeaf: Bool { type.configuration.subcommands.isEmpty }

    static let all = below([], LeverCtl.self)

    private static func below(_ words: [String], _ type: any ParsableCommand.Type) -> [NamedCommand] {
        let words = words + [type._commandName]
        return [NamedCommand(words: words, type: type)] + type.configuration.subcommands.flatMap { below(words, $0) }
    }
}
