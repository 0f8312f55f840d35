import Glibc
import Service
import Testing
import TestSupport

/// Postfix's way to sockets is seen in IntegrationTests.
@Suite struct ListeningSocketTests {
    @Test func `a socket that was handed over, and that nobody can connect to, is refused with what to do`() throws {
        let directory = try TemporaryDirectory("socket")
        let path = directory.file("milter.sock")
        let opened = try ListeningSocket(.unix(path: path), mode: 0o600)
        defer { opened.close() }
        #expect(try ListeningSocket(.descriptor(opened.descriptor), mode: 0o600).descriptor == opened.descriptor)
        #expect(rename(path, directory.file("elsewhere")) == 0)
        let refusal = #expect(throws: StartError.self) {
            try ListeningSocket(.descriptor(opened.descriptor), mode: 0o600)
        }
        #expect(
            refusal?.description
                == "cannot connect to the socket \(path): No such file or directory; restart the .socket unit, so that it "
                + "creates the file again")
    }
}
