import ArgumentParser
import Core
import Store

struct SyncEmailsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync-emails", abstract: "Import all past correspondence with a candidate from a mailbox.",
        discussion: """
            Needs to read mailboxes, which is not allowed under limited sync. It comes with full sync and is not there yet: \
            this command says which of the two keeps it from working, and imports nothing.
            """)

    @Option(help: "The company, by name or id.")
    var company: String

    @Option(help: "The candidate's id.")
    var candidate: Int64

    @OptionGroup var shared: SharedOptions

    func run() throws {
        let timeline = try shared.timeline()
        let company = try timeline.company(company)
        _ = try timeline.candidate(CandidateID(rawValue: candidate), company: company.id)
        switch company.sync {
        case .limited:
            throw CommandError(
                "refused: \(company.name) is on limited sync, under which nobody reads mailboxes; past mail that you have as files "
                    .printable() + "comes in with leverctl replay, on the mail host")
        case .full:
            throw CommandError("not there yet: importing correspondence comes with full sync; nothing was imported")
        case .off:
            throw CommandError("refused: the company has chosen no sync; a super admin does: leverctl company sync")
        }
    }
}
