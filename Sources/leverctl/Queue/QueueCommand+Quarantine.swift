import ArgumentParser
import Spool

extension QueueCommand {
    struct Quarantine: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold waiting messages until they are released.",
            examples: ["leverctl queue quarantine 4XyZ1B0Dq7zKc --reason 'under review'"])

        @Argument(
            help: ArgumentHelp("Entry ids or queue ids; ALL for every waiting message.", valueName: "message"),
            completion: .spool)
        var messages: [String]

        @Option(help: ArgumentHelp("The reason, shown with the message.", valueName: "text"))
        var reason: String?

        @OptionGroup var shared: SharedOptions

        func validate() throws {
            if let reason, !ReasonOptions.isReason(reason) {
                throw ValidationError("--reason is one line of 1 to 200 characters.")
            }
        }

        func run() throws {
            let patience = try shared.settings().patience
            let spool = try QueueCommand.spool(shared)
            let line = "held by an operator" + (reason.map { ": \($0)" } ?? "")
            let areas: [Spool.Area] = [.new, .redeliver]
            var work = QueueWork(
                QueueSelection(spool: spool, areas: areas), verb: "quarantined",
                patience: patience
            ) { place in
                try QueueCommand.explained(spool.directory) { try spool.hold(place, reason: line) }
            }
            try work.run(messages, allOf: areas)
            try work.show(shared, "'leverctl queue release' delivers what is in quarantine.")
        }
    }
}
