import TestSupport
import Testing

@testable import Setup

@Suite struct InvocationTests {
    /// A command that prints its arguments and its input, each ended by NUL.
    private static let echo = #"printf '%s\0' "$@"; cat"#

    @Test(arguments: [
        ["plain"], ["two words", ""], ["it's", #"a "quoted" \ word"#], ["$HOME", "`id`", "*", "#no", "~", "!x"],
        ["a=b", "{ unix:lever-milter/milter.sock, default_action=tempfail }", "${lever_milter}"], ["línea\nfeed\ttab"],
    ])
    func `a shell reads what is shown as the words that are run`(_ words: [String]) throws {
        let command = Invocation(["sh", "-c", Self.echo, "sh"] + words, input: "Hello $HOME\n'END'\nEND\n\n")
        let typed = String(command.typed.dropFirst(2)) + "\n"
        let byShell = try Command.check(["bash"], input: Array(typed.utf8))
        #expect(byShell == words.map { "\($0)\0" }.joined() + "Hello $HOME\n'END'\nEND\n\n")
        let run = try Command.check(command.arguments, input: Array(command.input!.utf8))
        #expect(run == byShell)
    }

    @Test func `the prompt says who types it, and root needs nobody's rights`() {
        let anna = Account(name: "anna", home: "/home/anna", user: 1000, group: 1000)
        let root = Account(name: "root", home: "/root", user: 0, group: 0)
        #expect(Invocation(["leverctl", "check"]).typed == "# leverctl check")
        #expect(Invocation(["leverctl", "check"], as: root).typed == "# leverctl check")
        let hers = Invocation(["leverctl", "company", "list"], as: anna)
        #expect(hers.typed == "$ leverctl company list")
        #expect(hers.arguments == ["runuser", "-u", "anna", "--", "leverctl", "company", "list"])
    }
}
