import ArgumentParser
import Testing

@testable import leverctl

extension NamedCommand {
    /// The command lines of the help's examples, without `leverctl`.
    var examples: [[String]] {
        type.configuration.discussion.replacing("\\\n", with: "").split(separator: "\n")
            .compactMap { $0.wholeMatch(of: #/  \$ (?:sudo )?leverctl (.*)/#).map { Self.split(String($0.output.1)) } }
    }

    /// The words of a line, as a shell splits it; single quotes alone.
    private static func split(_ line: String) -> [String] {
        line.matches(of: #/'([^']*)'|[^' ]+/#).map { String($0.output.1 ?? $0.output.0) }
    }
}

@Suite struct ExampleTests {
    @Test(arguments: NamedCommand.all.filter(\.isLeaf))
    func `every command has an example in its help, and the parser takes it`(_ command: NamedCommand) throws {
        #expect(!command.examples.isEmpty)
        // The parser would break a longer line anywhere.
        let lines = command.type.configuration.discussion.split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("  ") }.allSatisfy { $0.count <= 80 })
        for example in command.examples {
            let parsed = try LeverCtl.parseAsRoot(example)
            #expect(type(of: parsed) == command.type, "\(example)")
        }
    }
}
