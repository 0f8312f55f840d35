import ArgumentParser
import Spool

extension QueueCommand {
    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete messages of the spool, for ever.",
            discussion: """
                What was not delivered is on no timeline then. What was delivered stays on its timeline: 'leverctl message \
                remove' erases it there.
                """)

        @Argument(
            help: ArgumentHelp(
                "Entry ids or queue ids, wherever they are; ALL for everything in quarantine.", valueName: "message"))
        var messages: [String]

        @Option(
            help: ArgumentHelp(
                "The message that is to be deleted (ALL; of several, their number), instead of being asked for it.",
                valueName: "message"))
        var confirm: String?

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let spool = try QueueCommand.spool(shared)
            let isAll = messages == [QueueCommand.all]
            let what =
                isAll
                ? try "All that is in quarantine (\(counted(spool.messages(in: .quarantine).count, "message")))"
                : messages.count == 1 ? "Message \(messages[0])" : "\(messages.count) messages"
            try ConfirmationOptions.confirm(
                "\(what) will be deleted for ever.", wanted: messages.count == 1 ? messages[0] : "\(messages.count)",
                called: messages.count == 1 ? "what is to be deleted" : "the number of messages", given: confirm)
            var work = QueueWork(
                QueueSelection(spool: spool, areas: QueueSelection.everywhere), verb: "deleted",
                patience: try shared.settings().patience
            ) { place in
                try QueueCommand.explained(spool.directory) { try spool.delete(place) }
            }
            try work.run(messages, allOf: [.quarantine])
            try work.show(shared, "")
        }
    }
}
