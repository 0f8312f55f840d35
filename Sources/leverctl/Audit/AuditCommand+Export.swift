import ArgumentParser
import Sealing
import Store

extension AuditCommand {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the signed head of the chain to a file.",
            discussion: "It vouches for every row up to now. Keep it out of reach of the database's administrators.",
            examples: ["leverctl audit export --signing-key audit.pem --out head-2026-11.txt"])

        @OptionGroup var company: CompanyOption

        @Option(
            help: ArgumentHelp("Your signing key, from leverctl audit generate-key.", valueName: "file"),
            completion: .file())
        var signingKey: String

        @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"), completion: .file())
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
            let auditor = try shared.auditorSession()
            let company = try company.find(in: auditor, shared).id
            guard let head = try auditor.head(of: company) else {
                throw CommandError("the company's audit has no rows yet; there is nothing to export")
            }
            try writeNewFile(
                out,
                AuditHead.export(
                    company: company, sequence: head.sequence, hash: head.hash, time: .now(), key: key))
            try shared.show(
                Result(company: company.rawValue, sequence: head.sequence, hash: head.hash.hex, out: out),
                "Wrote the head of row \(head.sequence) to \(out).".printable())
        }
    }

    struct GenerateKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate-key", abstract: "Generate an Ed25519 key that signs exported heads.",
            examples: ["leverctl audit generate-key --signing-key audit.pem --public-key audit.pub"])

        @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"), completion: .file())
        var signingKey: String

        @Option(
            help: ArgumentHelp("The file for its public key; it must not exist.", valueName: "file"),
            completion: .file())
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
                "Wrote the signing key to \(signingKey) and its public key to \(publicKey).".printable())
        }
    }
}
