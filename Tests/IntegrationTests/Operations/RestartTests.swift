import Foundation
import Synchronization
import TestSupport
import Testing

extension IntegrationTests {
    /// Restarts behind a real Postfix, at a socket that outlives the daemon.
    @Suite
    struct Restarts {
        private let host: MailHost
        private let own: OwnDaemon
        private let postfix: PostfixInstance

        init() throws {
            host = try MailHost.shared.get()
            own = try OwnDaemon()
            postfix = try PostfixInstance(
                settings: """
                    smtpd_milters = { inet:127.0.0.1:\(own.port), default_action=tempfail }
                    smtpd_hard_error_limit = 3
                    smtpd_error_sleep_time = 0
                    """)
        }

        @Test func `reused sessions across restarts, marked and not: no message is lost, doubled or missed`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            try await waitUntil("the daemon to know the company") {
                let client = try own.connect()
                return try client.begin(Letter.unique(), to: company.address) == .proceed
            }
            let senders = (0..<8).map { number in
                Sender(port: postfix.port(), to: company.address, marker: number % 2 == 0 ? thread.messageId : nil)
            }
            // Threads: tasks that block would keep this one from going on.
            for sender in senders { Thread { sender.run() }.start() }
            defer { for sender in senders { sender.stop() } }
            // And Postfix's load generator, which sends one marked message over and over, and unmarked ones.
            let generators = try [thread.messageId, nil].map { try generator($0, to: company.address) }
            for order in [SIGTERM, SIGKILL, SIGTERM, SIGHUP, SIGTERM] {
                let before = senders.flatMap { $0.sent().accepted }.count
                try await waitUntil("some mail to pass") {
                    senders.flatMap { $0.sent().accepted }.count > before + 40
                }
                own.current.send(order)
                guard order != SIGHUP else { continue }
                _ = try await waitFor("the daemon to end") { own.current.isRunning ? nil : () }
                try own.start()
            }
            for generator in generators { try generator.stop() }
            for sender in senders { sender.stop() }
            try await waitUntil("the senders to end") { senders.allSatisfy { $0.sent().isOver } }
            let sent = senders.map { ($0.marker != nil, $0.sent()) }
            let marked = sent.flatMap { $0 ? $1.accepted : [] }
            let unmarked = sent.flatMap { $0 ? [] : $1.accepted }
            #expect(marked.count > 100 && unmarked.count > 100)
            #expect(sent.contains { $1.refusals > 0 }, "the restarts were felt")
            try await waitUntil("the spool to be delivered") {
                try FileManager.default.contentsOfDirectory(atPath: own.spool + "/new").isEmpty
            }

            // By queue ID: an accepted message has one outcome, possibly under the ID of a try that was refused too
            // late.
            let stories = Dictionary(grouping: try own.log().filter { $0.contains("outcome=") }) { line in
                String(line.prefix { $0 != ":" })
            }
            // The kill may come after a message's file is in delivered/ and before its log line.
            let untold = marked.filter { stories[$0] == nil }
            #expect(untold.count <= 1, "\(untold)")
            for id in marked where !untold.contains(id) {
                #expect(stories[id]?.count == 1, "\(id)")
                #expect(stories[id]?.first?.contains(/outcome=(captured|duplicate)\s/) == true, "\(id)")
            }
            for id in unmarked { #expect(stories[id] == nil, "\(id)") }
            // The generator's marked message is one.
            #expect(
                try host.query("SELECT count(*) FROM lever.message WHERE company_id = \(company.id)")
                    == "\(marked.count + 1)")
            #expect(
                try host.query(
                    "SELECT count(DISTINCT message_id_index) FROM lever.message WHERE company_id = \(company.id)")
                    == "\(marked.count + 1)")
        }

        @Test func `a session idle during a restart is refused until it ends; the next one works as before`()
            async throws
        {
            let client = try SMTPClient(port: postfix.port())
            let letter = Letter("Rested").answering(host.acme.marker)
            let before = try client.send(letter.bytes, from: "anna@home.example", to: ["rita@acme.example"])
            #expect(try await own.story(of: before).outcome == "captured")
            #expect(try own.current.terminate() == 0)
            try own.start()
            // Postfix 3.7 defers everything the client sends until it has made that many errors.
            var refusals: [Int] = []
            while refusals.last != 421, refusals.count < 10 {
                for command in ["RSET", "MAIL FROM:<anna@home.example>", "RCPT TO:<rita@acme.example>", "DATA"] {
                    let reply = try client.command(command)
                    guard reply.code != 250 else { continue }
                    refusals.append(reply.code)
                    break
                }
            }
            #expect(refusals == [451, 451, 451, 421])
            let next = try SMTPClient(port: postfix.port())
            let after = try next.send(
                Letter("Afresh").answering(host.acme.marker).bytes, from: "anna@home.example", to: ["rita@acme.example"]
            )
            #expect(try await own.story(of: after).outcome == "captured")
        }

        /// smtp-source: several sessions, each with one message after the other.
        private func generator(_ marker: String?, to recipient: String) throws -> ChildProcess {
            let name = Letter.unique()
            let letter = Letter("Over and over", id: name)
            let message = (marker.map { letter.answering($0) } ?? letter).bytes.replacing("\r\n", with: "\n")
            return try ChildProcess(
                [
                    "smtp-source", "-A", "-d", "-s", "1", "-m", "1000000", "-f", "anna@home.example", "-t", recipient,
                    "-F", own.directory.write(name, message), "127.0.0.1:\(postfix.port())",
                ], output: own.directory.file("smtp-source"), stopSignal: .kill)
        }
    }
}

/// A mail server that sends messages one after the other, several in each session, and tries again what was refused.
private final class Sender: Sendable {
    let port: UInt16
    let to: String
    /// Of the messages, if they have any.
    let marker: String?
    private let state = Mutex(Sent())
    private let isStopped = Atomic(false)

    struct Sent {
        /// Queue IDs.
        var accepted: [String] = []
        var refusals = 0
        var isOver = false
    }

    init(port: UInt16, to: String, marker: String?) {
        (self.port, self.to, self.marker) = (port, to, marker)
    }

    /// A snapshot.
    func sent() -> Sent { state.withLock { $0 } }

    /// Ends `run` once the current message is accepted.
    func stop() { isStopped.store(true, ordering: .releasing) }

    func run() {
        var session: (client: SMTPClient, messages: Int)?
        while !isStopped.load(ordering: .acquiring) {
            let letter = marker.map { Letter("One of many").answering($0) } ?? Letter("One of many")
            while true {
                do {
                    let current = try session ?? (SMTPClient(port: port), 0)
                    let id = try current.client.send(letter.bytes, from: "anna@home.example", to: [to])
                    state.withLock { $0.accepted.append(id) }
                    session = current.messages < 9 ? (current.client, current.messages + 1) : nil
                    break
                } catch {
                    state.withLock { $0.refusals += 1 }
                    session = nil
                    usleep(20_000)
                }
            }
        }
        state.withLock { $0.isOver = true }
    }
}
