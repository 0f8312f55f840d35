import Testing

@testable import Setup

@Suite struct SetupRunTests {
    /// A step of a test, done once its command ran.
    private struct Probe: Step {
        let machine: FakeMachine
        let title: String
        var reason: String?

        func obstacle() throws -> String? { reason }
        func isDone() throws -> Bool { machine.ran.contains(command) }
        func actions() throws -> [Action] { [.run(command)] }
        func undo() throws -> [Action] { [.run(Invocation(["undo", title]))] }
        private var command: Invocation { Invocation(["do", title]) }
    }

    private let machine = FakeMachine()
    private let console = FakeConsole()
    private var run: SetupRun { SetupRun(machine: machine, console: console) }

    private func steps(_ titles: String...) -> [any Step] { titles.map { Probe(machine: machine, title: $0) } }

    @Test func `each command is shown before it is run, and what is done is left alone`() throws {
        try run.carryOut(steps("one", "two"))
        #expect(console.text == "\n1/2 one\n# do one\n\n2/2 two\n# do two")
        try run.carryOut(steps("one", "two", "three"))
        #expect(machine.ran.map(\.words) == [["do", "one"], ["do", "two"], ["do", "three"]])
        #expect(
            console.text.hasSuffix("\n1/3 one\n  already there\n\n2/3 two\n  already there\n\n3/3 three\n# do three"))
    }

    @Test func `a command that fails ends it, and the next run goes on there`() throws {
        machine.failures["do"] = 4
        let error = #expect(throws: SetupError.self) { try run.carryOut(steps("one", "two")) }
        #expect(error?.description.contains("(exit status 4): do one") == true)
        #expect(machine.ran.count == 1)
    }

    @Test func `an obstacle of a later step keeps the first from being done`() {
        let steps = steps("one") + [Probe(machine: machine, title: "two", reason: "not here")]
        let error = #expect(throws: SetupError.self) { try run.look(steps) }
        #expect(error?.description == "not here")
        #expect(machine.ran.isEmpty)
    }

    @Test func `steps are taken back in reverse`() throws {
        try run.undo(steps("one", "two"))
        #expect(machine.ran.map(\.words) == [["undo", "two"], ["undo", "one"]])
    }
}
