import ArgumentParser
import Spool

extension QueueCommand {
    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver messages from quarantine, after their cause is fixed.",
            discussion: "A damaged file stays in quarantine.",
            examples: ["leverctl queue release ALL"])

        @Argument(
            help: ArgumentHelp("Entry ids or queue ids; ALL for everything in quarantine.", valueName: "message"),
            completion: .spool)
        var messages: [String]

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let patience = try shared.settings().patience
            let spool = try QueueCommand.spool(shared)
            var work = QueueWork(
                QueueSelection(spool: spool, areas: [.quarantine]), verb: "released",
                patience: patience
            ) { place in
                try QueueCommand.explained(spool.directory) { try spool.release(place.name) }
            }
            try work.run(messages, allOf: [.quarantine])
            let isRunning = try work.done > 0 && SpoolListing.requestDelivery(directory: spool.directory)
            try work.show(
                shared,
                isRunning
                    ? "Delivering; 'leverctl queue list' shows what is left."
                    : "No lever-milter runs on the spool \(spool.directory); it delivers them when it starts.")
        }
    }
}
