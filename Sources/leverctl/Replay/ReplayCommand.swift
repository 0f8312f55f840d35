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
            Runs on the mail host, with the daemon's configuration. Each message is decided on as in the filter; unmarked \
            mail is counted and neither kept nor shown. What is on a timeline already is recognised, so it can be run as \
            often as you like, beside the daemon too. The sender is Return-Path, else Sender or From; the recipients are \
            Delivered-To, X-Original-To, To and Cc.
            """)

    @Argument(
        help: ArgumentHelp(
            "A maildir, a directory of .eml files, an mbox, or one message; files may be compressed with gzip.",
            valueName: "source"))
    var sources: [String]

    @Option(help: "The company, by its id or one of its domains.")
    var company: String

    @Option(help: "What the sources are, instead of finding it out: eml, mbox (mboxrd), mboxo or maildir.")
    var format: MailSource.Format?

    @Option(help: ArgumentHelp("The sender of every message; <> for none.", valueName: "address"))
    var envelopeFrom: String?

    @Option(help: ArgumentHelp("A recipient of every message, instead of its own; repeatable.", valueName: "address"))
    var envelopeTo: [String] = []

    @Flag(help: "Decide and count, and store nothing.")
    var dryRun = false

    @OptionGroup var shared: SharedOptions

    func run() throws {
        let settings = try shared.settings()
        let signingKey = try settings.signingKey.map(readSigningKey)
        // Before anything is stored, so that a misspelt one costs nothing.
        let sources = try self.sources.map { source in
            do {
                return try MailSource(source, format: format)
            } catch {
                throw CommandError("\(source): \(error)".printable())
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
                batchLimit: settings.deliveryBatch, sender: envelopeFrom.map(EnvelopeAddress.init(path:)),
                recipients: envelopeTo.isEmpty ? nil : envelopeTo.map(EnvelopeAddress.init(path:)), isDryRun: dryRun),
            store: store)
        Interrupt.catch()
        do {
            for source in sources where !Interrupt.isSet { try bring(source, by: replay) }
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

    private func bring(_ source: MailSource, by replay: Replay) throws {
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
