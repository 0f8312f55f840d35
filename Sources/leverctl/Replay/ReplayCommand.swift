import ArgumentParser
import Core
import Mailboxes
import Replay
import Store
import System

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Capture past mail of a company, as the filter would have.",
        discussion: """
            Run it on the mail host, with the daemon's configuration. The filter's own decision is made on each \
            message; unmarked mail is counted, and neither stored nor shown. Messages that are on a timeline already \
            are recognised, so it may be run again, also while the daemon runs. The sender is taken from Return-Path, \
            else Sender or From; the recipients from Delivered-To, X-Original-To, To and Cc.
            """,
        examples: ["leverctl replay --company acme.example --dry-run /var/mail/anna"])

    @Argument(
        help: ArgumentHelp(
            "A maildir, a directory of .eml or .emlx files, an mbox, or one message. Files may be compressed by gzip.",
            valueName: "source"), completion: .file())
    var sources: [String]

    @Option(help: "The company, by its id or one of its domains; else the only one.")
    var company: String?

    @Option(help: "The format of the sources, else detected; mbox is mboxrd.")
    var format: MailSource.Format?

    @Option(help: ArgumentHelp("The sender of every message; <> for none.", valueName: "address"))
    var envelopeFrom: String?

    @Option(
        help: ArgumentHelp(
            "A recipient of every message, instead of its own. Repeat it for more.", valueName: "address"))
    var envelopeTo: [String] = []

    @Flag(help: "Decide and count, and store nothing.")
    var dryRun = false

    @OptionGroup var shared: SharedOptions

    func run() throws {
        let settings = try shared.settings()
        let signingKey = try settings.signingKey.map(readSigningKey)
        // Opened before anything is stored: a misspelt source costs nothing.
        let sources = try self.sources.map { source in
            do {
                return try MailSource(source, format: format)
            } catch {
                throw CommandError("\(source): \(error)")
            }
        }
        let store = try ReplayStore(
            settings.require("database", \.database), timeout: settings.databaseTimeout,
            isInterrupted: { Interrupt.isSet })
        let replay = Replay(
            company: try store.company(company),
            options: Replay.Options(
                markerDomains: settings.markerDomains, authservIDs: settings.authservIDs,
                sizeLimit: settings.messageSizeLimit,
                host: settings.hostName ?? systemHostName(), signingKey: signingKey,
                batchLimit: settings.deliveryBatch, sender: envelopeFrom.map(Address.init(path:)),
                recipients: envelopeTo.isEmpty ? nil : envelopeTo.map(Address.init(path:)), isDryRun: dryRun),
            store: store)
        Interrupt.catch()
        do {
            for source in sources where !Interrupt.isSet { try self.replay(source, with: replay) }
            try replay.flush()
        } catch {
            try replay.summary.show(shared)
            throw error
        }
        var summary = replay.summary
        summary.interrupted = Interrupt.isSet
        try summary.show(shared)
        if summary.interrupted {
            throw CommandError("interrupted; run it again for the rest, nothing is stored twice")
        }
        if !summary.failed.isEmpty { throw ExitCode.failure }
    }

    private func replay(_ source: MailSource, with replay: Replay) throws {
        var progress = ProgressBar(total: source.total)
        var shown = 0
        while !Interrupt.isSet, let item = source.next() {
            switch item {
            case .message(let message): try replay.take(message)
            case .unreadable(let name, let reason): replay.fail(name, reason)
            }
            if source.position - shown > source.total / 200 {
                progress.advance(by: source.position - shown)
                shown = source.position
            }
        }
        progress.advance(by: source.position - shown)
        progress.finish()
    }
}
