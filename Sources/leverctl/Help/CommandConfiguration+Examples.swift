import ArgumentParser

extension CommandConfiguration {
    /// A command without subcommands, whose help ends in examples: command lines as they are typed. The parser must
    /// accept each; a test tries them. One that is wider than a terminal is broken by ` \` and a line feed, as a shell
    /// takes it.
    init(commandName: String? = nil, abstract: String, discussion: String = "", examples: [String]) {
        let lines = examples.map { "  $ \($0.replacing("\n", with: "\n  "))" }
        let section = ([examples.count == 1 ? "Example:" : "Examples:"] + lines).joined(separator: "\n")
        self.init(
            commandName: commandName, abstract: abstract,
            discussion: discussion.isEmpty ? section : "\(discussion)\n\n\(section)")
    }
}
