import ArgumentParser
import Sealing
import Store

extension AuditCommand {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the head of the chain, signed, to a file.",
            discussion: "It vouches for every row so far. Keep it where the database's administrators do not reach.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(
            help: ArgumentHelp("Your signing key; leverctl audit generate-key makes one.", valueName: "file"))
        var signingKey: String

        @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"))
        var out: String

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let company: Int64
            let sequence: Int64
            let hash: String
            let out: String
        }

        func run() throws {
            let key = try readSigningKey(signingKey)
            let audit = try shared.audit()
            let company = try audit.company(company).id
            guard let head = try audit.head(of: company) else {
                throw CommandError("the company's audit has no row yet; there is nothing to export")
            }
            try writeNewFile(
                out,
                AuditHead.export(
                    company: company, sequence: head.sequence, hash: head.hash, time: .now(), key: key))
            try shared.show(
                Result(company: company.rawValue, sequence: head.sequence, hash: head.hash.hex, out: out),
                "The head of row \(head.sequence) is in \(out).".printable())
        }
    }

    struct GenerateKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate-key", abstract: "Make an Ed25519 key that signs exported heads.")

        @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"))
        var signingKey: String

        @Option(help: ArgumentHelp("The file for its public half; it must not exist.", valueName: "file"))
        var publicKey: String

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let publicKey: String
        }

        func run() throws {
            let key = try SigningKey.generate()
            try writeNewFile(signingKey, key.pem)
            try writeNewFile(publicKey, key.verifyingKey.pem)
            try shared.show(
                Result(publicKey: key.verifyingKey.bytes.hex),
                "Signing key in \(signingKey), public half in \(publicKey).".printable())
        }
    }
}
