import Glibc
import System
import Testing
import TestSupport

@testable import LibMilter

/// That a milter is found to answer is seen in IntegrationTests: there is one a process.
@Suite struct ProbeTests {
    @Test func `a socket that nobody serves does not answer, although it takes the connection`() throws {
        let listener = try Loopback.listen(port: Loopback.freePort())
        defer { close(listener) }
        #expect(!Probe(listener: listener).answers(within: 0.2))
    }

    @Test func `a server that closes the connection, or says something else, does not answer`() throws {
        for reply in [[], [0, 0, 0, 1, UInt8(ascii: "r")]] as [[UInt8]] {
            let listener = try Loopback.listen(port: Loopback.freePort())
            defer { close(listener) }
            let serving = WaitGroup()
            serving.enter()
            try PosixThread.start {
                let connection = accept(listener, nil, nil)
                // As much as the question has.
                var question = [UInt8](repeating: 0, count: 17)
                recv(connection, &question, question.count, Int32(MSG_WAITALL))
                if !reply.isEmpty { _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL)) }
                close(connection)
                serving.leave()
            }
            #expect(!Probe(listener: listener).answers(within: 10))
            #expect(serving.wait(seconds: 10) == 0)
        }
    }
}
