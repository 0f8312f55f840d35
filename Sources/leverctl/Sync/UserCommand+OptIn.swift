import ArgumentParser
import Core
import Store

extension UserCommand {
    struct OptIn: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "opt-in", abstract: "Agree to what the product may do in your own mailbox.",
            discussion: """
                Users agree for themselves, with their login in reader_database: to sending under limited sync, to \
                sending and reading under full sync. leverctl send refuses until you do.
                """,
            examples: ["leverctl user opt-in"])

        @OptionGroup var company: CompanyOption

        @Flag(help: "Withdraw your consent.")
        var withdraw = false

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let company: Int64
            let sync: String
            let send: Bool
            let read: Bool
        }

        func run() throws {
            let reader = try shared.readerSession()
            let company = try company.find(in: reader, shared)
            try reader.optIn(!withdraw, company: company.id)
            guard let grants = try reader.grants(company: company.id) else {
                throw CommandError("this login is no longer a user of the company")
            }
            let words = (grants.send ? ["send"] : []) + (grants.read ? ["read"] : [])
            try shared.show(
                Result(
                    company: company.id.rawValue, sync: company.sync.rawValue, send: grants.send, read: grants.read),
                words.isEmpty
                    ? "The product may do nothing in your mailbox for \(company.name.printable())."
                    : "The product may \(words.joined(separator: " and ")) in your mailbox for "
                        + "\(company.name.printable()), which is "
                        + "on \(company.sync.rawValue) sync.")
        }
    }
}
