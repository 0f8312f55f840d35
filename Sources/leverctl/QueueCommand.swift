import ArgumentParser
import Core
import Spool

struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "The spool of this mail host: messages that wait for the database.",
        subcommands: [List.self, Flush.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what waits and what is in quarantine.",
            discussion: "Works while the daemon or the database is down. Run it as root or as the daemon's user.")

        @OptionGroup var shared: SharedOptions

        private struct Item: Encodable {
            var entry: String
            var queueID: String?
            var company: Int64?
            var thread: Int64?
            var direction: String?
            var acceptedAt: String?
            /// Bytes of the spool file.
            var size: Int
            var quarantined: Bool
            var reason: String?

            init(_ item: SpoolListing.Item, quarantined: Bool) {
                entry = item.name
                queueID = item.header?.queueID
                company = item.header?.company.rawValue
                thread = item.header?.thread.rawValue
                direction = item.header?.direction.rawValue
                acceptedAt = item.header?.acceptedAt.description
                size = item.size
                self.quarantined = quarantined
                reason = item.reason ?? (item.header == nil ? "damaged" : nil)
            }
        }

        func run() throws {
            let listing = try SpoolListing(directory: spool(shared))
            let items =
                listing.waiting.map { Item($0, quarantined: false) }
                + listing.quarantined.map { Item($0, quarantined: true) }
            if shared.json {
                try printJSON(items)
            } else if items.isEmpty {
                print("The queue is empty.")
            } else {
                printTable(
                    ["QUEUE ID", "ACCEPTED", "COMPANY", "THREAD", "DIRECTION", "BYTES", "STATE", "ENTRY"],
                    items.map { item in
                        [
                            item.queueID ?? "-", item.acceptedAt ?? "-", item.company.map(String.init) ?? "-",
                            item.thread.map(String.init) ?? "-", item.direction ?? "-", String(item.size),
                            item.quarantined ? "quarantine" : "waiting", item.entry,
                        ]
                    })
                for item in items {
                    if let reason = item.reason { print("\(item.entry): \(reason)".printable()) }
                }
                print(
                    "\(counted(listing.waiting.count, "message")) waiting, \(listing.quarantined.count) in quarantine, "
                        + "\(items.reduce(0) { $0 + $1.size }) bytes.")
            }
        }
    }

    struct Flush: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver what waits now, without waiting for the next try.")

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var waiting: Int
        }

        func run() throws {
            let directory = try spool(shared)
            let waiting = try SpoolListing(directory: directory).waiting.count
            guard try SpoolListing.requestDelivery(directory: directory) else {
                throw CommandError(
                    "no lever-milter runs on the spool \(directory); start it, and it delivers by itself")
            }
            if shared.json {
                try printJSON(Result(waiting: waiting))
            } else {
                print(
                    "Delivery of \(counted(waiting, "message")) is under way; 'leverctl queue list' shows what is left."
                )
            }
        }
    }
}

private func spool(_ shared: SharedOptions) throws -> String {
    try shared.settings().require("spool", \.spool)
}
