import ArgumentParser
import Testing

@testable import leverctl

@Suite struct HelpTests {
    @Test(arguments: NamedCommand.all)
    func `help fits a terminal of 80 columns`(_ command: NamedCommand) {
        let text = HelpText.fitted(LeverCtl.helpMessage(for: command.type, columns: 80))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(!text.contains(" SUBCOMMANDS:"))
    }

    @Test func `a synopsis is broken before an argument, and never within one`() {
        let text = HelpText.fitted(
            "USAGE: leverctl thing add <name> [--a-long-option <value>] --another <value> ... [--reason <some text>] end"
        )
        #expect(
            text == """
                USAGE: leverctl thing add <name> [--a-long-option <value>] --another <value> ...
                         [--reason <some text>] end
                """)
    }

    @Test func `leverctl alone says where to begin, with commands that there are`() throws {
        let command = try LeverCtl.parseAsRoot([])
        #expect(type(of: command) == LeverCtl.self)
        #expect(Overview.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
        for (_, line) in Overview.entries {
            let words = line.split(separator: " ").map(String.init)
            let name = words.prefix { $0.allSatisfy { $0.isLowercase } }
            #expect(NamedCommand.all.contains { $0.words == Array(name) }, "\(line)")
        }
    }

    @Test(arguments: [
        (["timelin"], ["leverctl timeline"]),
        (["timelin", "--candidate", "17"], ["leverctl timeline"]),
        (["candidate", "lst"], ["leverctl candidate list"]),
        (["cadnidate", "list"], ["leverctl candidate"]),
        (["list", "candidate"], ["leverctl candidate list"]),
        (["time"], ["leverctl timeline"]),
        (["rotate", "--company", "acme"], ["leverctl key rotate"]),
        (["help", "timelin"], ["leverctl timeline"]),
        (["add"], []),
        (["xyzzy"], []),
    ])
    func `a word that is no command gets the commands that it may mean`(_ words: [String], _ likely: [String]) {
        guard case .unknown(_, let found) = MistypedCommand(words, of: LeverCtl.self) else {
            Issue.record("\(words)")
            return
        }
        #expect(found == likely)
    }

    @Test(arguments: [["timeline", "--candidate", "17"], ["candidate"], [], ["queue", "show", "lst"]])
    func `a command line that names a command is no such mistake`(_ words: [String]) {
        #expect(MistypedCommand(words, of: LeverCtl.self) == nil)
    }

    @Test func `an option before the command is told as that`() {
        let mistyped = MistypedCommand(["--config", "file", "timeline"], of: LeverCtl.self)
        #expect(mistyped == .optionFirst("--config"))
    }

    @Test(arguments: [
        (["check", "--only", "posfix"], "'postfix'"),
        (["company", "set", "acme", "--provider", "gogle"], "'google'"),
        (["company", "sync", "fulll"], "'full'"),
    ])
    func `a value that is none of an option's words gets the one that it may mean`(_ words: [String], likely: String) {
        let error = #expect(throws: (any Error).self) { try LeverCtl.parseAsRoot(words) }!
        let message = MistypedValue.explained(LeverCtl.message(for: error))
        #expect(message.hasSuffix("Did you mean \(likely)?"))
    }

    @Test func `a value that is like none of them gets the list alone`() {
        let error = #expect(throws: (any Error).self) { try LeverCtl.parseAsRoot(["check", "--only", "everything"]) }!
        let message = LeverCtl.message(for: error)
        #expect(message.contains("postfix"))
        #expect(MistypedValue.explained(message) == message)
    }
}
