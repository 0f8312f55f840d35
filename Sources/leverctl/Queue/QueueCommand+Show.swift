import ArgumentParser
import Core
import Spool

extension QueueCommand {
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show everything known of a message in the spool without opening it.",
            discussion: "Reads the whole file and verifies it.",
            examples: ["leverctl queue show 4XyZ1B0Dq7zKc"])

        @Argument(help: ArgumentHelp("Entry ids or queue ids.", valueName: "message"), completion: .spool)
        var messages: [String]

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            var entry: String
            var state: String
            var file: String
            var reason: String?
            /// The file is intact.
            var whole: Bool
            /// What is wrong with the file.
            var damage: String?
            /// Bytes.
            var fileSize: Int
            /// When the file was written; of a delivered message, when it was delivered.
            var fileTime: Timestamp
            var queueID: String?
            var host: String?
            var company: Int64?
            var thread: Int64?
            var direction: String?
            var acceptedAt: Timestamp?
            /// Seconds since it was accepted; missing once delivered.
            var waits: Int?
            /// Bytes of the raw and of the sealed message.
            var size: Int?
            var sealedSize: Int?
            var recipients: Int?
            var indexVersion: Int?
            var sealedTo: [String]?
            var signedBy: String?

            init(_ description: SpoolListing.Description) {
                entry = description.place.name
                state = description.place.area.state
                file = description.path
                reason = description.reason
                whole = description.damage == nil
                damage = description.damage
                fileSize = description.size
                fileTime = description.modifiedAt
                guard let message = description.message else { return }
                let record = message.record
                queueID = record.queueID
                host = record.host
                company = record.company.rawValue
                thread = record.thread.rawValue
                direction = record.direction?.rawValue
                acceptedAt = record.acceptedAt
                if description.place.area != .delivered {
                    waits = max(0, Int((Timestamp.now().milliseconds - record.acceptedAt.milliseconds) / 1000))
                }
                size = message.size
                sealedSize = message.head.count + message.tailLength
                recipients = record.recipientIndices.count
                indexVersion = record.indexVersion.map(Int.init)
                sealedTo = record.sealingKeyIDs.map(\.hex)
                signedBy = record.origin?.keyID.hex
            }

            /// Labels and values, for people.
            func lines(_ clock: ReaderClock) -> [(String, String)] {
                var lines = [("Entry", entry)]
                func line(_ label: String, _ value: (some CustomStringConvertible)?) {
                    if let value { lines.append((label, "\(value)")) }
                }
                line("Queue id", queueID)
                line("State", state)
                line("Reason", reason)
                line("File", file)
                line("Whole", whole ? "yes" : "no: \(damage ?? "")")
                line("Company", company)
                line("Thread", thread)
                line("Direction", direction)
                line("Host", host)
                line("Accepted", acceptedAt.map(clock.text))
                line("Waits", waits.map(Self.duration))
                line(state == Spool.Area.delivered.state ? "Delivered" : "Written", clock.text(fileTime))
                line("Raw size", size.map { counted($0, "byte") })
                line("Sealed size", sealedSize.map { counted($0, "byte") })
                line("File size", counted(fileSize, "byte"))
                line("Recipients", recipients)
                line("Index version", indexVersion)
                for key in sealedTo ?? [] { line("Sealed to", "key \(key)") }
                if company != nil { line("Signed by", signedBy.map { "key \($0)" } ?? "nobody") }
                return lines
            }

            private static func duration(_ seconds: Int) -> String {
                let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m")]
                    .drop { $0.0 == 0 }.map { "\($0.0)\($0.1)" }
                return (parts + ["\(seconds % 60)s"]).joined(separator: " ")
            }
        }

        func run() throws {
            let spool = try QueueCommand.spool(shared)
            let selection = QueueSelection(spool: spool, areas: QueueSelection.everywhere)
            var records: [Record] = []
            var failed = false
            for word in messages {
                do {
                    let places = try selection.places(of: word)
                    let descriptions = try QueueCommand.explained(spool.directory) {
                        try places.compactMap { try spool.describe($0) }
                    }
                    // It was moved meanwhile.
                    guard !descriptions.isEmpty else { throw QueueSelection.notFound(word, nil) }
                    records += descriptions.map(Record.init)
                } catch let error as QueueSelection.NotFound {
                    printError("leverctl: \(error)")
                    failed = true
                }
            }
            try display.show(records, asJSON: shared.json) { screen in
                for (index, record) in records.enumerated() {
                    if index > 0 { print() }
                    let lines = record.lines(screen.clock)
                    let width = lines.map(\.0.count).max()!
                    for (label, value) in lines {
                        print(label + String(repeating: " ", count: width - label.count + 2) + value.printable())
                    }
                }
            }
            if failed { throw ExitCode.failure }
        }
    }
}
