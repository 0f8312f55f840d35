import ArgumentParser
import Core
import Spool

extension QueueCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List messages that wait or are in quarantine, and on request delivered ones.",
            discussion:
                "Works whether or not the daemon and the database are up. Run it as root or as the daemon's user.",
            examples: ["leverctl queue list", "leverctl queue list --delivered"])

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        @Flag(help: "List delivered messages too, which are kept for a while in case the database loses them.")
        var delivered = false

        private struct Item: Encodable {
            var entry: String
            var queueID: String?
            var company: Int64?
            var thread: Int64?
            var direction: String?
            var acceptedAt: Timestamp?
            /// Bytes of the spool file.
            var size: Int
            /// waiting, redeliver (delivered, but lost by the database), quarantine, delivered.
            var state: String
            var quarantined: Bool
            var reason: String?

            init(_ item: SpoolListing.Item, _ state: String) {
                entry = item.name
                queueID = item.record?.queueID
                company = item.record?.company.rawValue
                thread = item.record?.thread.rawValue
                direction = item.record?.direction?.rawValue
                acceptedAt = item.record?.acceptedAt
                size = item.size
                self.state = state
                quarantined = state == "quarantine"
                reason = item.reason ?? (item.record == nil ? "damaged" : nil)
            }
        }

        func run() throws {
            let directory = try QueueCommand.spool(shared).directory
            let listing = try SpoolListing(directory: directory)
            let done = delivered ? try SpoolListing.delivered(directory: directory) : []
            let items =
                listing.redeliver.map { Item($0, "redeliver") } + listing.waiting.map { Item($0, "waiting") }
                + listing.quarantined.map { Item($0, "quarantine") } + done.map { Item($0, "delivered") }
            try display.show(items, asJSON: shared.json) { screen in
                guard !items.isEmpty else { return print("The queue is empty.") }
                screen.printTable(
                    ["QUEUE ID", "ACCEPTED", "COMPANY", "THREAD", "DIRECTION", "BYTES", "STATE", "ENTRY"],
                    items.map { item in
                        [
                            item.queueID ?? "-", item.acceptedAt.map(screen.text) ?? "-",
                            item.company.map(String.init) ?? "-", item.thread.map(String.init) ?? "-",
                            item.direction ?? "-", String(item.size),
                            item.state, item.entry,
                        ]
                    })
                for item in items {
                    if let reason = item.reason { print("\(item.entry): \(reason)".printable()) }
                }
                print(
                    "\(counted(listing.waiting.count, "message")) waiting, "
                        + (listing.redeliver.isEmpty ? "" : "\(listing.redeliver.count) to be redelivered, ")
                        + "\(listing.quarantined.count) in quarantine, "
                        + (delivered ? "\(done.count) delivered, " : "") + "\(items.reduce(0) { $0 + $1.size }) bytes.")
            }
        }
    }
}
