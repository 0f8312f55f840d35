import ArgumentParser
import Core
import Sending
import Store

struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: "Messages that could not be sent.",
        discussion: "Admins see everybody's, without what they say; each user sends one's own.",
        subcommands: [List.self, Retry.self, Discard.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what waits, and why.")

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            let entry: String
            let user: String
            let candidate: Int64
            let thread: Int64
            let writtenAt: String
            let size: Int
            let attempts: Int
            let triedAt: String?
            /// Missing while nobody knows.
            let error: String?
        }

        func run() throws {
            let timeline = try shared.timeline()
            let records = try timeline.outbox(of: timeline.company(company).id).map { entry in
                Record(
                    entry: entry.entry.description, user: entry.login, candidate: entry.candidate.rawValue,
                    thread: entry.thread.rawValue, writtenAt: entry.writtenAt.description, size: entry.size,
                    attempts: entry.attempts, triedAt: entry.triedAt?.description, error: entry.error)
            }
            if shared.json {
                try printJSON(records)
            } else {
                printTable(
                    ["ENTRY", "USER", "CANDIDATE", "TRIED", "ATTEMPTS", "ERROR"],
                    records.map { record in
                        [
                            record.entry, record.user, "\(record.candidate)", record.triedAt ?? "-",
                            "\(record.attempts)",
                            record.error ?? "being sent, or cut off: it may have been sent",
                        ]
                    })
            }
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send what waits once more.",
            discussion: """
                The same message, with the same Message-ID. What a mail host has seen in the meantime was sent: it is not sent \
                again. A message whose sending was cut off may have been sent all the same: the candidate then gets it twice.
                """)

        @Argument(help: "The entry ids; without any, all of yours.")
        var entries: [String] = []

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: ArgumentHelp("The company's private key. Repeat it during a rotation.", valueName: "file"))
        var privateKey: [String]

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var shared: SharedOptions

        func validate() throws { try requireEntries(entries) }

        func run() throws {
            let timeline = try shared.timeline()
            let company = try timeline.company(company)
            let sending = try SendSession(
                company: company, session: timeline, keys: passphrase.keyRing(at: privateKey),
                reason: reason.text("outbox retry"))
            let login = try timeline.login()
            let chosen =
                entries.isEmpty
                ? try timeline.outbox(of: company.id).filter { $0.login == login }.map(\.entry)
                : entries.compactMap { EntryID($0) }
            var failed = false
            for entry in chosen {
                do {
                    let result = try sending.takeAgain(entry).map(sending.submit) ?? sending.finish(entry)
                    try show(result, of: entry, shared)
                } catch let error as CommandError {
                    failed = true
                    printError("leverctl: \(error)")
                }
            }
            if failed { throw ExitCode.failure }
        }
    }

    struct Discard: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give up what waits, for ever.")

        @Argument(help: "The entry ids.")
        var entries: [String]

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable { let discarded: Int }

        func validate() throws { try requireEntries(entries) }

        func run() throws {
            let timeline = try shared.timeline()
            let company = try timeline.company(company).id
            for entry in entries.compactMap({ EntryID($0) }) {
                try timeline.discardFromOutbox(entry, company: company)
            }
            try shared.show(
                Result(discarded: entries.count), "\(counted(entries.count, "message")) given up.")
        }
    }
}

private func requireEntries(_ entries: [String]) throws {
    for entry in entries where EntryID(entry) == nil {
        throw ValidationError("'\(entry.printable())' is not an entry id; leverctl outbox list shows those there are.")
    }
}
