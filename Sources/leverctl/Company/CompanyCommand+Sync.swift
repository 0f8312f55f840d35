import ArgumentParser
import Core
import Store

extension CompanyCommand {
    struct Sync: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Choose how far the product reads mail: limited or full.",
            discussion: """
                For super admins. Without a choice, shows what there is to choose from, and what is asked for at Google and \
                Microsoft under each. Limited sync works as long as the filter is attached to the company's mail: confirm \
                that it is. Switching deletes nothing. A message that is on its way is treated as its company had chosen when \
                Postfix began to take its content.
                """)

        enum Choice: String, CaseIterable, ExpressibleByArgument {
            case limited, full

            var level: SyncLevel { self == .limited ? .limited : .full }
        }

        @Argument(help: "limited, or full.")
        var choice: Choice?

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            struct Captured: Encodable {
                let at: String
                let host: String
                let direction: String
            }

            let company: Int64
            let sync: String
            /// Missing where nothing was captured yet.
            let lastCaptured: Captured?
            let choices: [SyncChoice]
        }

        func run() throws {
            let timeline = try shared.timeline()
            let found = try timeline.company(company)
            let last = try timeline.lastCaptured(of: found.id)
            let captured =
                last.map {
                    "The last message was captured at \($0.at), \($0.direction.rawValue), on \($0.host)."
                } ?? "No message was captured yet."
            if let choice {
                // What can be told before anything is asked.
                if let refusal = SyncChoice(choice.level, of: found).refusal { throw CommandError(refusal) }
                if choice == .limited {
                    try confirmation.confirm(
                        "Limited sync captures what passes the filter, and nothing else. \(captured) Is lever-milter attached to "
                            + "every mail host of \(found.name)?",
                        company: found)
                }
                try timeline.chooseSync(choice.level, of: found.id, reason: reason.text("company sync"))
            }
            let now = try timeline.company(company)
            if shared.json {
                try printJSON(
                    Result(
                        company: now.id.rawValue, sync: now.sync.rawValue,
                        lastCaptured: last.map {
                            Result.Captured(at: "\($0.at)", host: $0.host, direction: $0.direction.rawValue)
                        },
                        choices: SyncChoice.all(of: now)))
            } else if choice != nil {
                print("\(now.name) is on \(now.sync.rawValue) sync. \(captured)".printable())
                print(
                    now.sync == .limited
                        ? "Users who agreed that their mail is read have to agree anew if you change back."
                        : "Each user agrees with leverctl user opt-in; the filter leaves the company's mail alone from now on."
                )
            } else {
                print("\(now.name) is on \(now.sync.rawValue) sync. \(captured)\n".printable())
                print(SyncChoice.all(of: now).map(\.text).joined(separator: "\n\n"))
            }
        }
    }
}
