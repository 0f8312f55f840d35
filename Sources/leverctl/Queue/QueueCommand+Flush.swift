import ArgumentParser
import Spool

extension QueueCommand {
    struct Flush: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver waiting messages now, without waiting for the next attempt.",
            examples: ["leverctl queue flush"])

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var waiting: Int
        }

        func run() throws {
            let directory = try QueueCommand.spool(shared).directory
            let listing = try SpoolListing(directory: directory)
            let waiting = listing.waiting.count + listing.redeliver.count
            guard try SpoolListing.requestDelivery(directory: directory) else {
                throw CommandError(
                    "no lever-milter runs on the spool \(directory); start it, and it delivers by itself")
            }
            if shared.json {
                try printJSON(Result(waiting: waiting))
            } else {
                print(
                    "Delivering \(counted(waiting, "message")); 'leverctl queue list' shows what is left."
                )
            }
        }
    }
}
