import ArgumentParser
import Core
import Glibc
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
            """,
        examples: ["leverctl send --candidate anna --subject Interview \\\n    --body-file invitation.txt"])

    @OptionGroup var company: CompanyOption

    @OptionGroup var who: CandidateOption

    @Option(
        help: ArgumentHelp(
            "Yourself: the login of reader_database; else $LEVER_FROM, else 'from' in the settings, else that login.",
            valueName: "user"))
    var from: String?

    @Option(help: "The subject.")
    var subject: String

    @Option(help: ArgumentHelp("The text, in UTF-8; - for standard input.", valueName: "file"), completion: .file())
    var bodyFile: String

    @Option(help: ArgumentHelp("Attach a file. Repeat it for more.", valueName: "file"), completion: .file())
    var attach: [String] = []

    @Option(
        help: ArgumentHelp("The message that this answers, by its entry id.", valueName: "message"),
        completion: .messages, transform: EntryID.parse)
    var replyTo: EntryID?

    @Option(
        help: """
            The candidate's address as you know it: nothing is sent if the candidate has another. Needs no \
            confirmation by the company's key.
            """)
    var toAddress: MailAddress?

    @Option(
        help: """
            Send to the address that the message answered has in Reply-To, which must be this one. Else it is asked \
            on a terminal whether to, and without a terminal the candidate's address is used, as with --to-address.
            """)
    var replyAddress: MailAddress?

    @Option(help: "The domain of the message id, one of marker_domains; else the first of them.")
    var markerDomain: String?

    @OptionGroup var keys: KeyRingOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
        guard subject.printable() == subject, !subject.isEmpty else {
            throw ValidationError("A subject is text without control characters.")
        }
        guard replyAddress == nil || replyTo != nil else {
            throw ValidationError("--reply-address goes with --reply-to.")
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
        if let from = from ?? settings.from, from != login {
            let origin = self.from == nil ? settings.given["from"].map { "\($0.origin): " } ?? "" : ""
            throw CommandError(
                "\(origin)you can send only as yourself: the login of reader_database is '\(login)', not '\(from)'")
        }
        let company = try company.find(in: timeline, shared)
        let openedKeys = OpenedKeys { try keys.keyRing(shared) }
        let found = try who.search.find(
            who.candidate, of: company, in: timeline, shared, reason: reason.text("send"), keys: openedKeys)
        if case .name = who.candidate { try found.requireConfirmation() }
        let candidate = found.candidate.id
        let sending = try SendSession(
            company: company, session: timeline, keys: openedKeys.get(),
            reason: reason.text("send"), requiresConfirmation: settings.unconfirmedAddresses == .refuse)
        let message = try sending.begin(
            draft, to: candidate, answering: replyTo,
            markerDomain: domain, sizeLimit: settings.messageSizeLimit, expecting: expectedAddress,
            destination: destination)
        if !message.isConfirmed {
            printError(
                "leverctl: nobody has confirmed this candidate's address with the company's key: leverctl candidate "
                    + "confirm \(candidate)")
        }
        try show(sending.submit(message), of: message.entry, shared)
    }

    /// The candidate's address as the sender typed it: mail goes to no other.
    private var expectedAddress: Address? {
        if case .address(let address) = who.candidate { return toAddress?.address ?? address }
        return toAddress?.address
    }

    /// Where an answer goes if the message answered asks for another address.
    private var destination: AnswerDestination {
        if let replyAddress { return .replyTo(replyAddress.address) }
        return toAddress == nil ? .asked(ask) : .candidate
    }

    /// Asks whether to send to the address in Reply-To, if there is somebody to ask. No name is shown with it: the
    /// message's author chose that.
    private func ask(_ request: ReplyRequest) -> Bool {
        let start = "leverctl: the message that you answer names another address in Reply-To"
        if let refusal = request.refusal {
            printError("\(start). It is not used, because \(refusal.words): the answer goes to the candidate's address")
            return false
        }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            printError(
                "\(start). The answer goes to the candidate's address; to send to the other one, look at it with "
                    + "leverctl timeline, and give it with --reply-address")
            return false
        }
        let verdict =
            request.authentication == .pass
            ? "The message is authenticated." : "Nobody whom the mail hosts trust has checked who wrote the message."
        printError("\(start): \(request.address.printable())\n\(verdict)")
        printError("Send the answer there, and not to the candidate's address? [y/N]")
        return ["y", "yes"].contains(readLine()?.lowercased())
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
