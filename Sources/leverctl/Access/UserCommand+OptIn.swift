import ArgumentParser
import Core
import Store

extension UserCommand {
    struct OptIn: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "opt-in", abstract: "Agree to what the product does in your own mailbox.",
            discussion: """
                Each user agrees for oneself, with the login of reader_database: to sending under limited sync, to sending \
                and reading under full sync. Without it, leverctl send refuses.
                """)

        @Option(help: "The company, by name or id.")
        var company: String

        @Flag(help: "Agree to nothing any more.")
        var withdraw = false

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let company: Int64
            let sync: String
            let send: Bool
            let read: Bool
        }

        func run() throws {
            let timeline = try shared.timeline()
            let company = try timeline.company(company)
            try timeline.optIn(!withdraw, company: company.id)
            guard let grants = try timeline.grants(company: company.id) else {
                throw CommandError("this login is no user of the company any more")
            }
            let words = (grants.send ? ["send"] : []) + (grants.read ? ["read"] : [])
            try shared.show(
                Result(
                    company: company.id.rawValue, sync: company.sync.rawValue, send: grants.send, read: grants.read),
                words.isEmpty
                    ? "The product does nothing in your mailbox for \(company.name.printable())."
                    : "The product may \(words.joined(separator: " and ")) in your mailbox for \(company.name.printable()), which is "
                        + "on \(company.sync.rawValue) sync.")
        }
    }
}
