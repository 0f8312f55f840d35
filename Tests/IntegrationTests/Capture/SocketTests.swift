import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The ways in which Postfix finds the filter. Each daemon here has a spool of its own, and the shared database.
    @Suite
    struct Sockets {
        private let host: MailHost
        private let directory: TemporaryDirectory

        init() throws {
            host = try MailHost.shared.get()
            directory = try TemporaryDirectory("sockets")
        }

        @Test func `the main.cf fragment finds a unix socket from within Debian's chroot`() async throws {
            let fragment = try Repository.text(of: "postfix/lever-milter.cf")
            let postfix = try PostfixInstance(settings: fragment, chroot: true)
            // As the how-to says, but for the owner.
            try Command.check([
                "install", "-d", "-g", "postfix", "-m", "2750", "\(postfix.queueDirectory)/lever-milter",
            ])
            let daemon = try start(at: "unix:\(postfix.queueDirectory)/lever-milter/milter.sock")

            try await expectCaptured(through: postfix, daemon)
            let name = Letter.unique()
            let letter = Letter("Handed in here", id: name).from("rita@acme.example").answering(host.acme.marker)
            let sendmail = try postfix.submit(
                letter.bytes.replacing("\r\n", with: "\n"), from: "rita@acme.example", to: ["anna@home.example"])
            #expect(sendmail.status == 0)
            try await daemon.line(with: "outcome=captured", "direction=outbound")

            #expect(try daemon.terminate() == 0)
            let client = try SMTPClient(port: postfix.port())
            #expect(try client.command("MAIL FROM:<anna@home.example>").code == 451)
        }

        @Test func `a listening socket passed by the service manager is used`() async throws {
            let port = try Loopback.freePort()
            let listener = try Loopback.listen(port: port)
            defer { close(listener) }
            let daemon = try start(at: "fd:3", inherited: listener)
            let postfix = try PostfixInstance(settings: "smtpd_milters = inet:127.0.0.1:\(port)")
            try await expectCaptured(through: postfix, daemon)
        }

        @Test
        func
            `a killed daemon's socket is replaced; a running one's, and a file that is no socket, are left alone`()
            throws
        {
            let socket = directory.file("milter.sock")
            let first = try start(at: "unix:\(socket)")
            #expect(throws: HarnessError.self) { try start(at: "unix:\(socket)") }
            try first.kill()
            #expect(FileManager.default.fileExists(atPath: socket))

            let second = try start(at: "unix:\(socket)")
            var status = stat()
            #expect(stat(socket, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
            let refusal = #expect(throws: HarnessError.self) { try start(at: "unix:\(socket)") }
            #expect(refusal?.description.contains("the socket \(socket) is in use; stop the program") == true)
            #expect(try second.terminate() == 0)
            #expect(!FileManager.default.fileExists(atPath: socket))

            try directory.write("milter.sock", "not a socket")
            let other = #expect(throws: HarnessError.self) { try start(at: "unix:\(socket)") }
            #expect(other?.description.contains("is not a socket; remove it") == true)
            #expect(try contents(of: socket) == Array("not a socket".utf8))
        }

        @Test(arguments: [
            ("unix:/nonexistent/milter.sock", "create the directory of the socket"),
            ("inet:8891@192.0.2.1", "choose an address of this host"),
            ("fd:77", "must be a listening socket that the service manager opened"),
        ])
        func `a socket that cannot be opened is reported with what to do`(_ socket: String, _ advice: String) throws {
            let refusal = #expect(throws: HarnessError.self) { try start(at: socket) }
            #expect(refusal?.description.contains(advice) == true)
        }

        /// With a spool of its own.
        private func start(at socket: String, inherited: Int32? = nil) throws -> DaemonProcess {
            let name = Letter.unique()
            let path = try directory.write(
                "\(name).yaml",
                MailHost.configuration(
                    socket: socket, spool: directory.file("\(name).spool"), database: host.ingestDatabase))
            return try DaemonProcess(configuration: path, inherited: inherited)
        }

        private func expectCaptured(
            through postfix: PostfixInstance, _ daemon: DaemonProcess,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let client = try SMTPClient(port: postfix.port())
            let id = try client.send(
                Letter("By this socket").answering(host.acme.marker).bytes, from: "anna@home.example",
                to: ["rita@acme.example"])
            try client.quit()
            try await daemon.line(with: "\(id): outcome=captured")
            #expect(
                try host.query("SELECT count(*) FROM lever.message WHERE queue_id = '\(id)'") == "1",
                sourceLocation: sourceLocation)
        }
    }
}
