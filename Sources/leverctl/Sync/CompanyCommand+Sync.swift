import ArgumentParser
import Core
import Store

extension CompanyCommand {
    struct Sync: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Choose limited or full sync.",
            discussion: """
                For super admins. Without a choice, it shows both, and the scopes that each asks for at Google and \
                Microsoft. Limited sync captures only mail that passes the filter: confirm that it is attached to all \
                of the company's mail. Switching deletes nothing. A message in transit is treated under the level that \
                was in force when Postfix received DATA.
                """,
            examples: ["leverctl company sync", "leverctl company sync limited"])

        enum Choice: String, CaseIterable, ExpressibleByArgument {
            case limited, full

            var level: SyncLevel { self == .limited ? .limited : .full }
        }

        @Argument(help: "The level to choose.")
        var choice: Choice?

        @OptionGroup var company: CompanyOption

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            struct Captured: Encodable {
                let at: Timestamp
                let host: String
                let direction: String
            }

            let company: Int64
            let sync: String
            /// Missing if nothing has been captured.
            let lastCaptured: Captured?
            let choices: [SyncChoice]
        }

        func run() throws {
            let reader = try shared.readerSession()
            let found = try company.find(in: reader, shared)
            let last = try reader.lastCaptured(of: found.id)
            let captured =
                last.map {
                    "The last message was captured at \(display.clock.text($0.at)), \($0.direction.rawValue), "
                        + "on \($0.host)."
                } ?? "No message has been captured yet."
            if let choice {
                // Refused without asking for a confirmation.
                if let refusal = SyncChoice(choice.level, of: found).refusal { throw CommandError(refusal) }
                if choice == .limited {
                    try confirmation.confirm(
                        "Limited sync captures only mail that passes the filter. \(captured) Is lever-milter "
                            + "attached to every "
                            + "mail host of \(found.name)?",
                        company: found)
                }
                try reader.chooseSync(choice.level, of: found.id, reason: reason.text("company sync"))
            }
            let now = try company.find(in: reader, shared)
            if shared.json {
                try printJSON(
                    Result(
                        company: now.id.rawValue, sync: now.sync.rawValue,
                        lastCaptured: last.map {
                            Result.Captured(at: $0.at, host: $0.host, direction: $0.direction.rawValue)
                        },
                        choices: SyncChoice.all(of: now)))
            } else if choice != nil {
                print("\(now.name) is on \(now.sync.rawValue) sync. \(captured)".printable())
                print(
                    now.sync == .limited
                        ? "If you change back, users have to agree again that their mail is read."
                        : "The filter no longer looks at the company's mail. Each user agrees with leverctl user "
                            + "opt-in."
                )
            } else {
                try display.onScreen { _ in
                    print("\(now.name) is on \(now.sync.rawValue) sync. \(captured)".printable() + "\n")
                    print(SyncChoice.all(of: now).map(\.text).joined(separator: "\n\n"))
                }
            }
        }
    }
}
