import ArgumentParser
import Spool

extension QueueCommand {
    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Permanently delete messages from the spool.",
            discussion: """
                A message that was not delivered is lost. A delivered one stays on its timeline: 'leverctl message \
                remove' erases it there.
                """,
            examples: ["leverctl queue delete 4XyZ1B0Dq7zKc"])

        @Argument(
            help: ArgumentHelp(
                "Entry ids or queue ids, wherever the messages are; ALL for everything in quarantine.",
                valueName: "message"), completion: .spool)
        var messages: [String]

        @Option(
            help: ArgumentHelp(
                "The message to delete (or ALL; of several, their number), instead of a question on the terminal.",
                valueName: "message"), completion: .spool)
        var confirm: String?

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let patience = try shared.settings().patience
            let spool = try QueueCommand.spool(shared)
            let isAll = messages == [QueueCommand.all]
            let what =
                isAll
                ? try "Everything in quarantine (\(counted(spool.messages(in: .quarantine).count, "message")))"
                : messages.count == 1 ? "Message \(messages[0])" : "\(messages.count) messages"
            try ConfirmationOptions.confirm(
                "\(what) will be permanently deleted.", wanted: messages.count == 1 ? messages[0] : "\(messages.count)",
                called: messages.count == 1 ? "what is to be deleted" : "the number of messages", given: confirm)
            var work = QueueWork(
                QueueSelection(spool: spool, areas: QueueSelection.everywhere), verb: "deleted",
                patience: patience
            ) { place in
                try QueueCommand.explained(spool.directory) { try spool.delete(place) }
            }
            try work.run(messages, allOf: [.quarantine])
            try work.show(shared, "")
        }
    }
}
