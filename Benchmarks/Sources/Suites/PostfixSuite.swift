import Foundation
import TestSupport

/// Through a real Postfix, from smtp-source to its discard transport.
enum PostfixSuite: Suite {
    static let name = "postfix"
    static let title = "Through Postfix"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        let mail = Mail.reply(size: 10_000)
        let file = try site.directory.write("mail", mail.text)
        // Unmarked mail of a company on limited sync, so the filter sees the whole header.
        let filters: [any MilterServer] =
            [try LeverMilter(site: site), try Stub(endingAt: .endOfHeader)] + (try Peers.shared.get())
        let relays = try filters.map { try Relay(filter: $0) } + [Relay(filter: nil)]
        let messages = plan.pick(2000, quick: 200)
        let results = try interleaved(
            plan.rounds(15, quick: 2), relays.map { relay in { try relay.rate(messages: messages, of: file) } }
        ).map { Samples($0) }
        return zip(relays, results).dropFirst().map { relay, reference in
            Line(
                name, "unmarked 10 KB: messages", results[0], "1/s", against: (relay.name, reference),
                target: relay.name == "stub" ? .ratioAtLeast(0.98) : nil)
        }
    }

    /// A Postfix that discards its mail.
    private final class Relay {
        let name: String
        /// Runs as long as this object lives.
        private let filter: (any MilterServer)?
        private let postfix: PostfixInstance
        private static let sessions = 8

        init(filter: (any MilterServer)?) throws {
            name = filter?.name ?? "no filter"
            self.filter = filter
            postfix = try PostfixInstance(
                settings: """
                    virtual_transport = discard:
                    smtpd_client_connection_count_limit = 0
                    smtpd_milters = \(filter.map { "unix:\($0.socket)" } ?? "")
                    """,
                services: [.smtp])
        }

        /// Messages a second, from the first session to an empty queue.
        func rate(messages: Int, of file: String) throws -> Double {
            let start = now()
            let sent = try Command.run([
                "smtp-source", "-s", "\(Self.sessions)", "-m", "\(messages)", "-f", "anna@home.example", "-t",
                "rita@acme.example", "-F", file, "127.0.0.1:\(postfix.port())",
            ])
            guard sent.status == 0 else {
                throw HarnessError(
                    "with \(name): \(sent.errors) \(try postfix.mailLog().split(separator: "\n").filter { $0.contains("warning:") }.suffix(3).joined(separator: "; "))"
                )
            }
            try poll("Postfix to empty its queue", timeout: 60) { try isIdle() ? () : nil }
            return Double(messages) / (now() - start)
        }

        private func isIdle() throws -> Bool {
            try ["maildrop", "incoming", "active", "deferred"].allSatisfy { queue in
                try FileManager.default.contentsOfDirectory(atPath: "\(postfix.queueDirectory)/\(queue)").isEmpty
            }
        }
    }
}
