import Glibc
import System
import Testing

@Suite struct ProgramRunTests {
    @Test func `collects what a program writes, on both descriptors, and its exit status`() throws {
        let outcome = try ProgramRun(["sh", "-c", "echo out; echo err >&2; exit 3"]).collect()
        #expect(outcome == .init(status: 3, output: Array("out\nerr\n".utf8)))
    }

    @Test func `collects standard error apart if it is asked to`() throws {
        let outcome = try ProgramRun(["sh", "-c", "echo err >&2; echo out; exit 3"]).collect(errorsApart: true)
        #expect(outcome == .init(status: 3, output: Array("out\n".utf8), errors: Array("err\n".utf8)))
    }

    @Test func `a program that takes too long is killed`() throws {
        let error = #expect(throws: SystemError.self) {
            try ProgramRun(["sh", "-c", "echo $$; exec sleep 600"]).collect(timeout: 0.2)
        }
        #expect(error?.code == ETIMEDOUT)
    }

    @Test func `hands over its input, also to a program that reads none of it`() throws {
        let input = [UInt8](repeating: UInt8(ascii: "x"), count: ProgramRun.inputLimit)
        #expect(try ProgramRun(["wc", "-c"], input: input).collect().output == Array("65536\n".utf8))
        #expect(try ProgramRun(["true"], input: input).collect().status == 0)
        #expect(try ProgramRun(["cat"]).collect().output == [])
    }

    @Test func `passes words and variables as they are, without a shell`() throws {
        let outcome = try ProgramRun(["printf", "%s|", "$HOME", "a b", ""], environment: ["PATH=/usr/bin:/bin"])
            .collect()
        #expect(outcome.output == Array("$HOME|a b||".utf8))
        #expect(try ProgramRun(["env"], environment: ["A=b c"]).collect().output == Array("A=b c\n".utf8))
    }

    @Test func `a signal's number is added to 128, and what cannot be started throws`() throws {
        #expect(try ProgramRun(["sh", "-c", "kill -9 $$"]).run().status == 137)
        #expect(throws: SystemError.self) { try ProgramRun(["/nonexistent"]).collect() }
        #expect(throws: SystemError.self) { try ProgramRun(["/nonexistent"], input: [1]).run() }
    }
}
