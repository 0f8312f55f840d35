import ArgumentParser
import Core
import Sealing
import Store

struct ThreadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thread", abstract: "Start threads with candidates, make them secret, and withdraw them.",
        subcommands: [Start.self, Secret.self, Withdraw.self, Restore.self])

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start a thread.",
            discussion: "Prints the header fields for its first message. Replies in the thread are captured.",
            examples: ["leverctl thread start --candidate zoe@home.example"])

        @OptionGroup var company: CompanyOption

        @OptionGroup var who: CandidateOption

        @Option(help: "The domain of the message id, one of marker_domains; else the first of them.")
        var markerDomain: String?

        @OptionGroup var keyOptions: KeyRingOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var company: Int64
            var candidate: Int64
            var thread: Int64
            /// With angle brackets, as in the three header fields.
            var messageID: String
        }

        func run() throws {
            let domains = try shared.settings().markerDomains
            let domain = markerDomain?.lowercased() ?? domains[0]
            guard domains.contains(domain) else {
                throw CommandError("'\(domain)' is not one of marker_domains: \(domains.joined(separator: ", "))")
            }
            let owner = try shared.ownerSession()
            let found = try company.find(in: owner, shared)
            let company = found.id
            let candidate = try who.search.find(
                who.candidate, of: found, in: owner, shared, reason: "thread start",
                keys: OpenedKeys { try keyOptions.keyRing(shared) })
            let thread = ThreadID.random()
            let key = try owner.markerKey(of: company)
            let marker = try Marker.issue(
                company: company, thread: thread, domain: domain, keyID: key.id, key: HMACKey(key.key))
            try owner.startThread(
                thread, candidate: candidate, company: company, markerVersion: key.id)

            if shared.json {
                try printJSON(
                    Result(
                        company: company.rawValue, candidate: candidate.rawValue, thread: thread.rawValue,
                        messageID: marker.messageID))
            } else {
                for field in ["Message-ID", "References", "X-Lever-Thread"] { print("\(field): \(marker.messageID)") }
            }
        }
    }

    struct Secret: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a whole thread secret.",
            discussion: """
                A secret thread is seen by the user who made it secret, by users who take part in it, and by admins. \
                The timeline shows nothing of it to others.
                """,
            examples: ["leverctl thread secret 4711", "leverctl thread secret 4711 --off"])

        @Argument(help: "The thread's id, as in the timeline's JSON and the log.", completion: .threads)
        var thread: Int64

        @OptionGroup var company: CompanyOption

        @Flag(help: "End the secrecy: the company's users see the thread again.")
        var off = false

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var thread: Int64
            var secret: Bool
        }

        func run() throws {
            let timeline = try shared.readerSession()
            try timeline.setSecret(
                !off, thread: ThreadID(rawValue: thread), company: company.find(in: timeline, shared).id,
                reason: reason.text("thread secret"))
            try shared.show(
                Result(thread: thread, secret: !off),
                "Thread \(thread) is \(off ? "no longer" : "now") secret.")
        }
    }
}
