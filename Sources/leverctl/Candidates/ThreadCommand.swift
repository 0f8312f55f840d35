import ArgumentParser
import Core
import Sealing
import Store

struct ThreadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thread", abstract: "Threads of correspondence with a candidate.",
        subcommands: [Start.self, Secret.self])

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start a thread.",
            discussion: "Prints the header fields of its first message. Every reply in the thread is captured.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "The candidate's id.")
        var candidate: Int64

        @Option(help: "The domain of the message id: one of marker_domains; else the first of them.")
        var markerDomain: String?

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var company: Int64
            var candidate: Int64
            var thread: Int64
            /// With angle brackets, as it goes into the three header fields.
            var messageID: String
        }

        func run() throws {
            let domains = try shared.settings().markerDomains
            let domain = markerDomain?.lowercased() ?? domains[0]
            guard domains.contains(domain) else {
                throw CommandError("'\(domain)' is not one of marker_domains: \(domains.joined(separator: ", "))")
            }
            let administration = try shared.administration()
            let company = try administration.company(company).id
            let thread = ThreadID.random()
            let key = try administration.markerKey(of: company)
            let marker = try Marker.issue(
                company: company, thread: thread, domain: domain, keyID: key.id, key: HMACKey(key.key))
            try administration.startThread(
                thread, candidate: CandidateID(rawValue: candidate), company: company, markerVersion: key.id)

            if shared.json {
                try printJSON(
                    Result(
                        company: company.rawValue, candidate: candidate, thread: thread.rawValue,
                        messageID: marker.messageID))
            } else {
                for field in ["Message-ID", "References", "X-Lever-Thread"] { print("\(field): \(marker.messageID)") }
            }
        }
    }

    struct Secret: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a thread secret, as a whole.",
            discussion: """
                A secret thread is seen by who made it secret, by users who take part in it, and by admins. To others the \
                timeline shows nothing of it.
                """)

        @Argument(help: "The thread's id, as the timeline's JSON and the log show it.")
        var thread: Int64

        @Option(help: "The company, by name or id.")
        var company: String

        @Flag(help: "Make it open to the company's users again.")
        var off = false

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var thread: Int64
            var secret: Bool
        }

        func run() throws {
            let timeline = try shared.timeline()
            try timeline.setSecret(
                !off, thread: ThreadID(rawValue: thread), company: timeline.company(company).id,
                reason: reason.text("thread secret"))
            try shared.show(
                Result(thread: thread, secret: !off),
                "Thread \(thread) is \(off ? "not secret any more" : "secret").")
        }
    }
}
