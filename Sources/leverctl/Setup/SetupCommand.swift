import ArgumentParser

struct SetupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup", abstract: "Set up a trial on this machine, or the parts of a real installation.",
        discussion: """
            Each step is shown as the command that it is before it is run. What exists already is left alone.
            """,
        subcommands: [Trial.self, RemoveTrial.self, Database.self, MailHost.self, Reader.self])
}
