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
            Starts a thread, or answers a message of one. The message is kept sealed in the outbox until the server \
            has accepted it; then it moves to the timeline, whether it passes the filter or not. Needs leverctl user \
            opt-in and leverctl account set. Automatic messages, bounces and list mail cannot be answered.
            """)

    @OptionGroup var company: CompanyOption

    @Option(help: "The candidate's id.")
    var candidate: Int64

    @Option(help: ArgumentHelp("Yourself: the login of reader_database.", valueName: "user"))
    var from: String

    @Option(help: "The subject.")
    var subject: String

    @Option(help: ArgumentHelp("The text, in UTF-8; - for standard input.", valueName: "file"))
    var bodyFile: String

    @Option(help: ArgumentHelp("Attach a file. Repeat it for more.", valueName: "file"))
    var attach: [String] = []

    @Option(
        help: ArgumentHelp("The message that this answers, by its entry id.", valueName: "message"),
        transform: EntryID.parse)
    var replyTo: EntryID?

    @Option(
        help: """
            The candidate's address as you know it: nothing is sent if the candidate has another. Needs no \
            confirmation by the company's key.
            """)
    var toAddress: MailAddress?

    @Option(help: "The domain of the message id, one of marker_domains; else the first of them.")
    var markerDomain: String?

    @OptionGroup var keys: KeyRingOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
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
        let timeline = try shared.readerSession()
        let login = try timeline.login()
        guard login == from else {
            throw CommandError("you can send only as yourself: the login of reader_database is '\(login)'")
        }
        let company = try company.find(in: timeline)
        let sending = try SendSession(
            company: company, session: timeline, keys: keys.keyRing(),
            reason: reason.text("send"), requiresConfirmation: settings.unconfirmedAddresses == .refuse)
        let message = try sending.begin(
            draft, to: CandidateID(rawValue: candidate), answering: replyTo,
            markerDomain: domain, sizeLimit: settings.messageSizeLimit, expecting: toAddress?.address)
        if !message.isConfirmed {
            printError(
                "leverctl: nobody has confirmed this candidate's address with the company's key: leverctl candidate "
                    + "confirm \(candidate)")
        }
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

/// Shows the result of an attempt to send a message. Throws if it failed.
func show(_ result: SendResult, of entry: EntryID, _ shared: SharedOptions) throws {
    struct Record: Encodable {
        let entry: String
        /// `captured`; `duplicate` if a mail host had stored it already; `erased`.
        let outcome: String
    }
    switch result {
    case .sent(let outcome, let stored):
        try shared.show(
            Record(entry: "\(stored)", outcome: outcome.rawValue),
            outcome == .erased
                ? "Sent. The candidate was anonymized in the meantime, so the message is not stored."
                : "Sent, and on the timeline as \(stored).")
    case .failed(let problem):
        throw CommandError(
            "not sent: \(problem). It is in the outbox: leverctl outbox retry \(entry), or leverctl outbox discard "
                + "\(entry)"
        )
    }
}
