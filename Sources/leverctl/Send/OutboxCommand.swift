import ArgumentParser
import Core
import Sending
import Store

struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: "List, retry and discard messages that could not be sent.",
        discussion: "Admins see everybody's, without the content; users send only their own.",
        subcommands: [List.self, Retry.self, Discard.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the messages, and why they were not sent.",
            examples: ["leverctl outbox list"])

        @OptionGroup var company: CompanyOption

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            let entry: String
            let user: String
            let candidate: Int64
            let thread: Int64
            let writtenAt: Timestamp
            let size: Int
            let attempts: Int
            let triedAt: Timestamp?
            /// Missing while it is being sent, and if that was cut off.
            let error: String?
        }

        func run() throws {
            let timeline = try shared.readerSession()
            let records = try timeline.outbox(of: company.find(in: timeline, shared).id).map { entry in
                Record(
                    entry: entry.entry.description, user: entry.login, candidate: entry.candidate.rawValue,
                    thread: entry.thread.rawValue, writtenAt: entry.writtenAt, size: entry.size,
                    attempts: entry.attempts, triedAt: entry.triedAt, error: entry.error)
            }
            try display.show(records, asJSON: shared.json) { screen in
                screen.printTable(
                    ["ENTRY", "USER", "CANDIDATE", "TRIED", "ATTEMPTS", "ERROR"],
                    records.map { record in
                        [
                            record.entry, record.user, "\(record.candidate)", record.triedAt.map(screen.text) ?? "-",
                            "\(record.attempts)",
                            record.error ?? "being sent, or interrupted: it may have been sent",
                        ]
                    })
            }
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try to send messages again.",
            discussion: """
                The same message is sent, with the same Message-ID. A message that a mail host has seen was sent, and \
                is not sent again. A message whose sending was interrupted may have been sent: the candidate then gets \
                it twice, so check your Sent folder first.
                """,
            examples: ["leverctl outbox retry"])

        @Argument(help: "Entry ids; without any, all of yours.", completion: .outbox, transform: EntryID.parse)
        var entries: [EntryID] = []

        @OptionGroup var company: CompanyOption

        @OptionGroup var keys: KeyRingOptions
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let timeline = try shared.readerSession()
            let company = try company.find(in: timeline, shared)
            let sending = try SendSession(
                company: company, session: timeline, keys: keys.keyRing(shared),
                reason: reason.text("outbox retry"),
                requiresConfirmation: shared.settings().unconfirmedAddresses == .refuse)
            let login = try timeline.login()
            let chosen =
                entries.isEmpty
                ? try timeline.outbox(of: company.id).filter { $0.login == login }.map(\.entry)
                : entries
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
        static let configuration = CommandConfiguration(
            abstract: "Permanently delete messages that were not sent.",
            examples: ["leverctl outbox discard 0193a5c2-6f7e-7b3a-9c41-2d8f0e5a7b19"])

        @Argument(help: "Entry ids.", completion: .outbox, transform: EntryID.parse)
        var entries: [EntryID]

        @OptionGroup var company: CompanyOption

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable { let discarded: Int }

        func run() throws {
            let timeline = try shared.readerSession()
            let company = try company.find(in: timeline, shared).id
            for entry in entries {
                try timeline.discardFromOutbox(entry, company: company)
            }
            try shared.show(
                Result(discarded: entries.count), "Discarded \(counted(entries.count, "message")).")
        }
    }
}
