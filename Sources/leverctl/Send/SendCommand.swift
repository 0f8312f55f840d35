import ArgumentParser
import Core
import MIME
import Sealing
import Sending
import Store

struct SendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Write to a candidate, through your own mail account.",
        discussion: """
            Starts a thread, or answers a message of one. The message waits in the outbox, sealed, until the server has taken \
            it, and is on the timeline then, whether it passes the filter or not. Needs leverctl user opt-in and leverctl \
            account set. Automatic messages, bounces and mail of lists are not answered.
            """)

    @Option(help: "The company, by name or id.")
    var company: String

    @Option(help: "The candidate's id.")
    var candidate: Int64

    @Option(help: ArgumentHelp("You: the login of reader_database.", valueName: "user"))
    var from: String

    @Option(help: "The subject.")
    var subject: String

    @Option(help: ArgumentHelp("The text, in UTF-8; - for standard input.", valueName: "file"))
    var bodyFile: String

    @Option(help: ArgumentHelp("Attach a file. Repeat it for more.", valueName: "file"))
    var attach: [String] = []

    @Option(help: ArgumentHelp("The message that this answers: its entry id.", valueName: "message"))
    var replyTo: String?

    @Option(help: ArgumentHelp("The company's private key. Repeat it during a rotation.", valueName: "file"))
    var privateKey: [String]

    @Option(help: "The domain of the message id: one of marker_domains; else the first of them.")
    var markerDomain: String?

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
        if let replyTo, EntryID(replyTo) == nil {
            throw ValidationError(
                "'\(replyTo.printable())' is not an entry id; leverctl timeline shows those there are.")
        }
        guard subject.printable() == subject, !subject.isEmpty else {
            throw ValidationError("A subject is text without control characters.")
        }
    }

    func run() throws {
        let settings = try shared.settings()
        let domain = markerDomain?.lowercased() ?? settings.markerDomains[0]
        guard settings.markerDomains.contains(domain) else {
            throw CommandError(
                "'\(domain)' is not one of marker_domains: \(settings.markerDomains.joined(separator: ", "))"
                    .printable())
        }
        let draft = try draft(limit: settings.messageSizeLimit)
        let timeline = try shared.timeline()
        let login = try timeline.login()
        guard login == from else {
            throw CommandError("everybody sends as oneself: the login of reader_database is '\(login)'".printable())
        }
        let company = try timeline.company(company)
        let sending = try SendSession(
            company: company, session: timeline, keys: passphrase.keyRing(at: privateKey),
            reason: reason.text("send"))
        let message = try sending.begin(
            draft, to: CandidateID(rawValue: candidate), answering: replyTo.flatMap { EntryID($0) },
            markerDomain: domain, sizeLimit: settings.messageSizeLimit)
        try show(sending.submit(message), of: message.entry, shared)
    }

    /// Reads the text and the attachments, of at most `limit` bytes each.
    private func draft(limit: Int) throws -> Draft {
        let body = try readFile(bodyFile == "-" ? "/dev/stdin" : bodyFile, limit: limit)
        guard let text = String(validating: body, as: UTF8.self), !body.contains(0) else {
            throw CommandError("\(bodyFile): not text in UTF-8")
        }
        let attachments = try attach.map { path in
            OutgoingMessage.Attachment(
                name: String(path.split(separator: "/").last ?? "attachment"),
                content: try readFile(path, limit: limit))
        }
        return Draft(subject: subject, text: text.replacing("\r\n", with: "\n"), attachments: attachments)
    }
}

/// Shows the end of an attempt to send a message. Throws if it failed: the message is in the outbox.
func show(_ result: SendResult, of entry: EntryID, _ shared: SharedOptions) throws {
    struct Record: Encodable {
        let entry: String
        /// `captured`, or `duplicate` if a mail host had brought it to the timeline already.
        let outcome: String
    }
    switch result {
    case .sent(let outcome, let stored):
        try shared.show(
            Record(entry: "\(stored)", outcome: outcome.rawValue),
            outcome == .erased
                ? "Sent. The candidate became anonymous in the meantime: nothing of it is kept."
                : "Sent; it is on the timeline: \(stored).")
    case .failed(let problem):
        throw CommandError(
            "not sent: \(problem). It waits in the outbox: leverctl outbox retry \(entry), or leverctl outbox discard \(entry)"
        )
    }
}
